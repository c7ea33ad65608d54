"""What is wrong with a document, as values: where, which rule, how bad, what to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is. Only errors make a command fail."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong, at one place. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    rule: str
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR

    def format(self, *, colour: bool = False) -> str:
        """The finding as one line of text."""
        tone, bold, dim, reset = ("", "", "", "")
        if colour:
            tone = "\x1b[31m" if self.severity is Severity.ERROR else "\x1b[33m"
            bold, dim, reset = "\x1b[1m", "\x1b[2m", "\x1b[0m"
        where = f"{bold}{self.file}:{self.line}:{self.column}:{reset}"
        hint = f"{dim} (hint: {self.hint}){reset}" if self.hint else ""
        return f"{where} {tone}{self.severity}[{self.rule}]{reset} {self.message}{hint}"


TOLERABLE = frozenset(
    [
        "circular-ref",
        "correlation-id",
        "dangling-ref",
        "duplicate-key",
        "duplicate-operation",
        "example-accepted",
        "example-invalid",
        "example-of-nothing",
        "meta-schema",
        "remote-ref",
        "reply-without-message",
        "security-without-scheme",
    ]
)
"""Rules about parts of a document that the rest can do without."""


class Findings:
    """All that was found so far. Equal findings count once, and none stops the search for more."""

    def __init__(
        self, tolerated: frozenset[str] = frozenset(), advice: Mapping[str, str] | None = None
    ) -> None:
        """Begin with nothing.

        Args:
            tolerated: Rules whose findings fail nothing: what they are about is left out.
            advice: What to do by rule, for findings that say nothing of it themselves.
        """
        self._found: set[Finding] = set()
        self._tolerated = tolerated
        self._advice = advice or {}

    def add(self, finding: Finding) -> None:
        """Keep a finding."""
        if finding.rule in self._tolerated:
            finding = replace(finding, severity=Severity.WARNING)
        if not finding.hint:
            finding = replace(finding, hint=self._advice.get(finding.rule, ""))
        self._found.add(finding)

    def keep(self, findings: Iterable[Finding]) -> None:
        """Forget all but these."""
        self._found.clear()
        for finding in findings:
            self.add(finding)

    def sorted(self) -> list[Finding]:
        """Every finding, by file, line and column."""
        return sorted(self._found)

    @property
    def has_errors(self) -> bool:
        """Whether at least one finding is an error."""
        return any(finding.severity is Severity.ERROR for finding in self._found)


def as_text(findings: Iterable[Finding], *, colour: bool) -> str:
    """One line a finding."""
    return "".join(finding.format(colour=colour) + "\n" for finding in findings)


def as_json(findings: Iterable[Finding]) -> str:
    """A JSON array with one object a finding: file, line, column, rule, message, hint, severity."""
    return json.dumps([asdict(finding) for finding in findings], indent=2) + "\n"
