"""A pytest in this process that runs the judge's cases, and nothing of the pytest around it."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

CASES: Final = Path(__file__).parent / "cases"
"""The folder with the cases for hubs."""


def run_cases(*flags: str, plugins: Sequence[Any]) -> int:
    """Run pytest on the cases for hubs: no plugins but these, no options, no configuration.

    Returns:
        The exit code of pytest.
    """
    with _environment():
        return pytest.main(
            [
                *(f"--rootdir={CASES.parent}", f"--confcutdir={CASES.parent}", "--import-mode=importlib"),
                *("-c", os.devnull, "-p", "no:terminal", "-p", "no:cacheprovider", *flags, str(CASES)),
            ],
            plugins=list(plugins),
        )


@contextmanager
def _environment() -> Generator[None]:
    """An environment in which pytest takes nothing from outside; as it was, afterwards."""
    before = {name: value for name, value in os.environ.items() if name.startswith("PYTEST_")}
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
        os.environ.update(before)
