"""The report for a terminal: a table, then the evidence of what is wrong."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import Final

from ..results import Results, guide_of
from ..verdicts import RED, CaseResult, RuleResult, Verdict

_SHOWN_LINES: Final = 24


def as_text(results: Results) -> str:
    """For a person."""
    lines = [f"{results.target} judged by {results.judged_by}", "", *_table(results)]
    shown: set[CaseResult] = set()
    for result in results.rules:
        for case in result.cases:
            if case.verdict in RED and case not in shown:
                shown.add(case)
                lines += ["", *_evidence(results, result, case)]
    lines += ["", *(f"baseline: {problem}" for problem in results.problems)]
    lines += [*(f"note: {note}" for note in results.notes), results.summary]
    return "\n".join(map(_harmless, lines))


def _harmless(line: str) -> str:
    """Nothing that came from a peer may command the terminal."""
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)


def _table(results: Results) -> list[str]:
    lines = [f"{'RULE':9}{'VERDICT':13}{'JUDGED':8}TITLE"]
    for result in results.rules:
        unjudged = [case for case in result.cases if case.verdict is Verdict.UNSUPPORTED]
        judged = f"{len(result.cases) - len(unjudged)}/{len(result.cases)}"
        lines.append(f"{result.rule.id:9}{result.verdict.value:13}{judged:8}{result.rule.title}")
        if result.reason and not result.cases:
            lines.append(f"{'':30}- not judged: {result.reason}")
        for reason, count in Counter(case.message for case in unjudged).items():
            cases = f"{count} cases" if count > 1 else "1 case"
            lines.append(f"{'':30}- {cases} not judged: {reason}")
        accepted = Counter(case.accepted for case in result.cases if case.verdict is Verdict.ACCEPTED)
        for reason, count in accepted.items():
            cases = f"{count} findings" if count > 1 else "1 finding"
            lines.append(f"{'':30}- {cases} accepted: {reason}")
    return lines


def _evidence(results: Results, result: RuleResult, case: CaseResult) -> list[str]:
    rule = result.rule
    conversation = case.conversation
    if len(conversation) > _SHOWN_LINES:
        conversation = (
            f"... {len(conversation) - _SHOWN_LINES} lines before",
            *conversation[-_SHOWN_LINES:],
        )
    where = f"{case.place}: " if case.place else ""
    return [
        f"{where}{case.verdict.value.upper()} {rule.id} ({rule.level}, {guide_of(result)}): {rule.title}",
        *_labelled("rule", case.says or rule.statement),
        *_labelled("case", case.case),
        *_labelled("found", case.found),
        *(["  conversation (> sent, < came)"] if conversation else []),
        *(f"    {line}" for line in conversation),
        *_labelled("replay", results.replay_of(case), wrap=False),
    ]


def _labelled(label: str, text: str, *, wrap: bool = True) -> list[str]:
    first, rest = f"  {label:8}", " " * 10
    if not wrap:
        return [first + text]
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        lines += textwrap.wrap(paragraph, 100, break_long_words=False, break_on_hyphens=False) or [""]
    return [first + lines[0], *(rest + line for line in lines[1:])]
