"""What a hub may do to a client; one module for each kind of trouble."""

from __future__ import annotations

import importlib
import pkgutil


def load() -> None:
    """Import every module of cases, so that the registry is whole."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
