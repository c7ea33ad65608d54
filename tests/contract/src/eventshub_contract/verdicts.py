"""Grades: of a case, of a rule, of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from .bundle import Rule
from .errors import ExitCode


class Verdict(StrEnum):
    """What was found."""

    PASS = "pass"
    FAIL = "fail"
    LENIENT = "lenient"
    """Something a hub SHOULD do, it does not."""
    UNSUPPORTED = "unsupported"
    """Not judged; the reason is said."""
    ERROR = "error"
    """The judge itself broke down."""


class Unsupported(Exception):  # noqa: N818 - an outcome, no error
    """Raised by a case that cannot be judged on this target."""


class Lenient(Exception):  # noqa: N818 - an outcome, no error
    """Raised by a case that found a SHOULD missed."""


def unsupported(reason: str) -> NoReturn:
    """End the case without judging, for a reason that the report shows."""
    raise Unsupported(reason)


def lenient(finding: str) -> NoReturn:
    """End the case with a SHOULD missed."""
    raise Lenient(finding)


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


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How one rule fared over all its cases."""

    rule: Rule
    cases: tuple[CaseResult, ...]
    reason: str = ""
    """Why there is no case, where there is none."""

    @property
    def verdict(self) -> Verdict:
        """The worst of its cases, but no worse than lenient for a SHOULD."""
        found = {case.verdict for case in self.cases}
        if self.rule.level == "SHOULD" and Verdict.FAIL in found:
            found = (found - {Verdict.FAIL}) | {Verdict.LENIENT}
        for verdict in (Verdict.ERROR, Verdict.FAIL, Verdict.LENIENT, Verdict.PASS):
            if verdict in found:
                return verdict
        return Verdict.UNSUPPORTED


def exit_code(results: Iterable[RuleResult]) -> ExitCode:
    """What a run that came to its end is worth."""
    verdicts: Sequence[Verdict] = [result.verdict for result in results]
    if Verdict.ERROR in verdicts:
        return ExitCode.INTERNAL
    if Verdict.FAIL in verdicts:
        return ExitCode.FAILED
    if all(verdict is Verdict.UNSUPPORTED for verdict in verdicts):
        return ExitCode.NOTHING_JUDGED
    return ExitCode.OK
