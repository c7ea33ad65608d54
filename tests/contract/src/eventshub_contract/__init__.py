"""Judges any Events Hub against the numbered protocol rules, over real sockets."""

from typing import Final

__all__ = ["__version__"]

__version__: Final = "0.1.0"
