"""Where in the documents something comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A place in a file: a JSON pointer, taken apart."""

    file: str
    pointer: tuple[str | int, ...]
