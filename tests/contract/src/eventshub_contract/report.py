"""Says what was found: to a person as a table with evidence, to a machine as JSON."""

from __future__ import annotations

import json
import shlex
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .bundle import Bundle
from .verdicts import CaseResult, RuleResult, Verdict

_SHOWN_LINES = 24


@dataclass(frozen=True)
class Report:
    """What a run found."""

    bundle: Bundle
    subject: Literal["hub", "client"]
    target: str
    """The hub's URL, or the client's command."""
    rules: Sequence[RuleResult]
    seconds: float
    replay: str
    notes: Sequence[str]
    """What was not given and would have let more be judged."""

    def as_text(self) -> str:
        """For a person."""
        lines = [f"{self.target} judged by {self.bundle.title} {self.bundle.version}", "", *self._table()]
        for result in self.rules:
            for case in result.cases:
                if case.verdict in {Verdict.FAIL, Verdict.LENIENT, Verdict.ERROR}:
                    lines += ["", *self._evidence(result, case)]
        lines += ["", *(f"note: {note}" for note in self.notes), self._summary()]
        return "\n".join(lines)

    def as_json(self) -> str:
        """For a machine."""
        return json.dumps(
            {
                ("hub_url" if self.subject == "hub" else "client"): self.target,
                "judged_by": {"title": self.bundle.title, "version": self.bundle.version},
                "seconds": round(self.seconds, 3),
                "summary": {verdict.value: count for verdict, count in self._counts().items()},
                "notes": list(self.notes),
                "rules": [
                    {
                        "id": result.rule.id,
                        "title": result.rule.title,
                        "level": result.rule.level,
                        "guide": list(result.rule.guide),
                        "statement": result.rule.statement,
                        "verdict": result.verdict.value,
                        "reason": "" if result.cases else result.reason,
                        "cases": [
                            {
                                "case": case.case,
                                "verdict": case.verdict.value,
                                "message": case.message,
                                "conversation": list(case.conversation),
                                "replay": self._replay(case),
                            }
                            for case in result.cases
                        ],
                    }
                    for result in self.rules
                ],
            },
            indent=2,
        )

    def _table(self) -> list[str]:
        lines = [f"{'RULE':9}{'VERDICT':13}{'JUDGED':8}TITLE"]
        for result in self.rules:
            unjudged = [case for case in result.cases if case.verdict is Verdict.UNSUPPORTED]
            judged = f"{len(result.cases) - len(unjudged)}/{len(result.cases)}"
            lines.append(f"{result.rule.id:9}{result.verdict.value:13}{judged:8}{result.rule.title}")
            reasons = Counter(case.message for case in unjudged)
            if result.reason and not result.cases:
                lines.append(f"{'':30}- not judged: {result.reason}")
            for reason, count in reasons.items():
                cases = f"{count} cases" if count > 1 else "1 case"
                lines.append(f"{'':30}- {cases} not judged: {reason}")
        return lines

    def _evidence(self, result: RuleResult, case: CaseResult) -> list[str]:
        rule = result.rule
        guide = f"guide section {', '.join(rule.guide)}" if rule.guide else "the guide is silent"
        conversation = case.conversation
        if len(conversation) > _SHOWN_LINES:
            conversation = (
                f"... {len(conversation) - _SHOWN_LINES} lines before",
                *conversation[-_SHOWN_LINES:],
            )
        return [
            f"{case.verdict.value.upper()} {rule.id} ({rule.level}, {guide}): {rule.title}",
            *_labelled("rule", rule.statement),
            *_labelled("case", case.case),
            *_labelled("found", case.message),
            *(["  conversation (> sent, < came)"] if conversation else []),
            *(f"    {line}" for line in conversation),
            *_labelled("replay", self._replay(case), wrap=False),
        ]

    def _replay(self, case: CaseResult) -> str:
        return f"{self.replay} --case {shlex.quote(case.case)}"

    def _counts(self) -> Counter[Verdict]:
        return Counter(dict.fromkeys(Verdict, 0)) + Counter(result.verdict for result in self.rules)

    def _summary(self) -> str:
        counts = ", ".join(f"{count} {verdict.value}" for verdict, count in sorted(self._counts().items()))
        cases = len({case.case for result in self.rules for case in result.cases})
        return f"{len(self.rules)} rules: {counts} ({cases} cases, {self.seconds:.1f} s)"


def _labelled(label: str, text: str, *, wrap: bool = True) -> list[str]:
    first, rest = f"  {label:8}", " " * 10
    if not wrap:
        return [first + text]
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        lines += textwrap.wrap(paragraph, 100, break_long_words=False, break_on_hyphens=False) or [""]
    return [first + lines[0], *(rest + line for line in lines[1:])]
