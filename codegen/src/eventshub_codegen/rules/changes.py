"""What changed, as values: by which rule, where, and whom it breaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .registry import RULES
from .rule import Audience, Flow, Rule


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file. Lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Change:
    """One change. What is gone has its former container as ``new``; what is new, likewise, as ``old``."""

    rule: Rule
    message: str
    flow: Flow
    audience: Audience
    old: Location | None
    """None if there is no such document."""
    new: Location | None
    subjects: tuple[str, ...]
    """In which messages and endpoints, and where inside of them."""

    @property
    def is_breaking(self) -> bool:
        """Whether it breaks those whom it concerns."""
        return self.flow in self.rule.breaks


class Changes:
    """All that was found so far. The same change of what many messages share counts once."""

    def __init__(self) -> None:
        self._subjects: dict[
            tuple[str, str, Flow, Audience, Location | None, Location | None], list[str]
        ] = {}

    def add(
        self,
        rule: str,
        message: str,
        flow: Flow,
        audience: Audience,
        subject: str,
        old: Location | None,
        new: Location | None,
    ) -> None:
        """Keep a change; ``audience`` is whom it breaks if its rule says that it breaks anybody."""
        found = RULES[rule]
        if flow not in found.breaks and flow in found.obliges_hub:
            audience = Audience.HUB
        subjects = self._subjects.setdefault((rule, message, flow, audience, old, new), [])
        if subject not in subjects:
            subjects.append(subject)

    def sorted(self) -> list[Change]:
        """Every change: those that break somebody first, then by place."""
        found = [
            Change(RULES[rule], message, flow, audience, old, new, tuple(subjects))
            for (rule, message, flow, audience, old, new), subjects in self._subjects.items()
        ]
        return sorted(found, key=_order)


def breaking(changes: Iterable[Change]) -> list[Change]:
    """Those that break somebody."""
    return [change for change in changes if change.is_breaking]


def _order(change: Change) -> tuple[bool, str, int, int, str, str]:
    at = change.new or change.old or Location("", 0, 0)
    return not change.is_breaking, at.file, at.line, at.column, change.rule.id, change.message
