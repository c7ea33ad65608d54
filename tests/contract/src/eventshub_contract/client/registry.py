"""The cases, each with the rules that it judges."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .scene import Scene

Script = Callable[["Scene"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a hub may do to a client."""

    name: str
    rules: tuple[str, ...]
    script: Script


CASES: Final[dict[str, Case]] = {}
"""Every case that was imported, by name."""


def case(*rules: str) -> Callable[[Script], Script]:
    """Make a function a case that judges these rules; its name is the case's."""

    def register(script: Script) -> Script:
        name: str = getattr(script, "__name__")  # noqa: B009 - not every callable has one
        add(Case(name, rules, script))
        return script

    return register


def add(new: Case) -> None:
    """Register a case.

    Raises:
        ValueError: There is one of this name.
    """
    if new.name in CASES:
        raise ValueError(f"there are two cases named {new.name}")
    CASES[new.name] = new
