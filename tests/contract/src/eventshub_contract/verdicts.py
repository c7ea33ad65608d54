"""Grades: of a case, of a rule, of a run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, NoReturn

from .bundle import Rule
from .errors import ExitCode


class Verdict(StrEnum):
    """What was found."""

    PASS = "pass"
    FAIL = "fail"
    UNSTEADY = "unsteady"
    """Failed once, and held when it was run again; fails the run, for nobody can rely on it."""
    LENIENT = "lenient"
    """Something that is only recommended is not done, or what receivers tolerate is in no document."""
    ACCEPTED = "accepted"
    """Broken, and the owner's baseline says why that is accepted for now."""
    UNSUPPORTED = "unsupported"
    """Not judged; the reason is said."""
    ERROR = "error"
    """The judge itself broke down."""


class Unsupported(Exception):  # noqa: N818 - an outcome, no error
    """Raised by a case that cannot be judged on this target."""


class Lenient(Exception):  # noqa: N818 - an outcome, no error
    """Raised by a case that found a SHOULD missed."""


class Found(NamedTuple):
    """One of the things that a case found."""

    verdict: Verdict
    message: str
    """What is wrong, in words that are the same in each run: a baseline knows it by them."""
    example: str = ""
    """Where and how it showed this time."""
    came_in: str = ""
    """The case in which it showed, if that is another one."""


class Several(Exception):  # noqa: N818 - an outcome, no error
    """Raised by a case that found several things, each of which is judged and accepted for itself."""

    def __init__(self, found: Sequence[Found]) -> None:
        super().__init__("\n".join(f"{each.message}\n{each.example}".strip() for each in found))
        self.found = tuple(found)

    @property
    def verdict(self) -> Verdict:
        """The worst of them."""
        return Verdict.FAIL if any(each.verdict is Verdict.FAIL for each in self.found) else Verdict.LENIENT


def unsupported(reason: str) -> NoReturn:
    """End the case without judging, for a reason that the report shows."""
    raise Unsupported(reason)


def lenient(finding: str) -> NoReturn:
    """End the case with a SHOULD missed."""
    raise Lenient(finding)


RED: Final = frozenset({Verdict.FAIL, Verdict.UNSTEADY, Verdict.LENIENT, Verdict.ERROR})
"""What a person has to look at."""

_LINE: Final = re.compile(r"\s*(?P<at>\d+\.\d+) (?P<who>\S+) (?P<sign>[<>|!-]) (?P<text>.*)", re.DOTALL)


class Place(NamedTuple):
    """A line of a document."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Said(NamedTuple):
    """One line of a conversation."""

    at: str
    """Seconds since the case began."""
    who: str
    sign: str
    """``>`` sent by the judge, ``<`` came, ``-`` happened, ``|`` printed, ``!`` complained."""
    text: str


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case ended."""

    case: str
    """Name of the case, by which ``--case`` selects it."""
    rules: tuple[str, ...]
    verdict: Verdict
    message: str = ""
    """What was found, or why nothing was."""
    conversation: tuple[str, ...] = ()
    """What was sent and what came."""
    place: Place | None = None
    """Where in a document."""
    says: str = ""
    """What the documents say, where that is more exact than the rule."""
    accepted: str = ""
    """For what reason, and until when, the owner accepts the finding."""
    subject: str = ""
    """Under which name a baseline knows the case; empty: its own."""
    example: str = ""
    """How that showed in this run, where the message does not say it."""
    came_in: str = ""
    """The case to run again to see it again; empty: this one."""

    @property
    def key(self) -> str:
        """The name by which a baseline knows the case."""
        return self.subject or self.case

    @property
    def found(self) -> str:
        """What was found and how it showed, for a person."""
        return f"{self.message}\n{self.example}" if self.example else self.message

    @property
    def timeline(self) -> Iterator[Said]:
        """The conversation, taken apart."""
        for line in self.conversation:
            match = _LINE.fullmatch(line)
            yield Said(*match.groups()) if match else Said("", "", "-", line)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How one rule fared over all its cases."""

    rule: Rule
    cases: tuple[CaseResult, ...]
    reason: str = ""
    """Why there is no case, where there is none."""
    is_strict: bool = False
    """Whether what is only recommended is demanded."""

    def graded(self, case: CaseResult) -> Verdict:
        """What a case is worth under this rule: no worse than lenient for a SHOULD."""
        is_only_recommended = self.rule.level == "SHOULD" and not self.is_strict
        return Verdict.LENIENT if is_only_recommended and case.verdict is Verdict.FAIL else case.verdict

    @property
    def verdict(self) -> Verdict:
        """The worst of its cases."""
        found = {self.graded(case) for case in self.cases}
        for verdict in _WORST_FIRST:
            if verdict in found:
                return verdict
        return Verdict.UNSUPPORTED


_WORST_FIRST: Final = (
    Verdict.ERROR,
    Verdict.FAIL,
    Verdict.UNSTEADY,
    Verdict.LENIENT,
    Verdict.ACCEPTED,
    Verdict.PASS,
)


def exit_code(results: Iterable[RuleResult]) -> ExitCode:
    """What a run that came to its end is worth."""
    verdicts: Sequence[Verdict] = [result.verdict for result in results]
    if Verdict.ERROR in verdicts:
        return ExitCode.INTERNAL
    if Verdict.FAIL in verdicts or Verdict.UNSTEADY in verdicts:
        return ExitCode.FAILED
    if all(verdict is Verdict.UNSUPPORTED for verdict in verdicts):
        return ExitCode.NOTHING_JUDGED
    return ExitCode.OK
