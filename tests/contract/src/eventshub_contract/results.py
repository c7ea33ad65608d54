"""What a run found, whoever was judged: the one model that every report is drawn from."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from .bundle import Bundle
from .errors import ExitCode
from .traffic import Traffic
from .verdicts import CaseResult, RuleResult, Verdict, exit_code


@dataclass(frozen=True)
class Results:
    """What a run found."""

    bundle: Bundle
    subject: Literal["hub", "client", "documents"]
    target: str
    """The hub's URL, the client's command, or the documents."""
    rules: Sequence[RuleResult]
    seconds: float
    replay: str
    """The command that repeats the run, up to its selection."""
    traffic: Traffic
    notes: Sequence[str] = ()
    """What was not given and would have let more be judged."""
    problems: Sequence[str] = ()
    """What is wrong with the baseline."""
    finished: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def exit_code(self) -> ExitCode:
        """What the process ends with."""
        code = exit_code(self.rules)
        return ExitCode.FAILED if code is ExitCode.OK and self.problems else code

    @property
    def cases(self) -> list[CaseResult]:
        """Every case, once, in the order of the rules."""
        return list(dict.fromkeys(case for rule in self.rules for case in rule.cases))

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many rules came to each verdict that any came to."""
        return dict(sorted(Counter(result.verdict for result in self.rules).items()))

    @property
    def judged_by(self) -> str:
        """The documents, for a person."""
        return f"{self.bundle.title} {self.bundle.version}"

    @property
    def summary(self) -> str:
        """The run in a line."""
        counts = ", ".join(f"{count} {verdict.value}" for verdict, count in self.counts.items())
        baseline = f"; {len(self.problems)} of the baseline" if self.problems else ""
        return f"{len(self.rules)} rules: {counts}{baseline} ({len(self.cases)} cases, {self.seconds:.1f} s)"

    def replay_of(self, case: CaseResult) -> str:
        """The command that shows again what a case found."""
        return f"{self.replay} --case {shlex.quote(case.came_in or case.case)}"


def guide_of(result: RuleResult) -> str:
    """Where the guide says so, for a person."""
    if result.rule.id.startswith("DOC-"):
        return "for documents"
    sections = ", ".join(result.rule.guide)
    return f"guide section {sections}" if sections else "the guide is silent"
