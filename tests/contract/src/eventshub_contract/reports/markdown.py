"""The report as Markdown, for a pull request or a job's summary."""

from __future__ import annotations

import re
from typing import Final

from ..results import Results, guide_of
from ..verdicts import RED, CaseResult, RuleResult, Verdict

_SIGNS: Final = {
    Verdict.PASS: "✅",
    Verdict.FAIL: "❌",
    Verdict.UNSTEADY: "🎲",
    Verdict.LENIENT: "⚠️",
    Verdict.ACCEPTED: "📝",
    Verdict.UNSUPPORTED: "➖",  # noqa: RUF001 - a sign, no minus
    Verdict.ERROR: "💥",
}
_SHOWN_LINES: Final = 24
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|#~&@])")


def as_markdown(results: Results) -> str:
    """A table by rule, then the evidence."""
    lines = [
        f"# {_plain(results.target)} judged by {_plain(results.judged_by)}",
        "",
        f"**{_plain(results.summary)}**",
        "",
        *(f"- baseline: {_plain(problem)}" for problem in results.problems),
        *(f"- {_plain(note)}" for note in results.notes),
        "",
        "| rule | verdict | judged | title | guide |",
        "|---|---|---|---|---|",
    ]
    for result in results.rules:
        judged = sum(case.verdict is not Verdict.UNSUPPORTED for case in result.cases)
        lines.append(
            f"| {_plain(result.rule.id)} | {_SIGNS[result.verdict]} {result.verdict}"
            f" | {judged}/{len(result.cases)} | {_plain(result.rule.title)}"
            f" | {_plain(', '.join(result.rule.guide))} |"
        )
    shown: set[CaseResult] = set()
    for result in results.rules:
        for case in result.cases:
            if case.verdict in RED and case not in shown:
                shown.add(case)
                lines += _evidence(results, result, case)
    return "\n".join(lines) + "\n"


def _evidence(results: Results, result: RuleResult, case: CaseResult) -> list[str]:
    conversation = case.conversation[-_SHOWN_LINES:]
    where = f"{case.place}: " if case.place else ""
    return [
        "",
        f"## {_plain(where)}{case.verdict} {_plain(result.rule.id)}: {_plain(case.message)}",
        "",
        f"- rule ({result.rule.level}, {guide_of(result)}): {_plain(case.says or result.rule.statement)}",
        f"- case: {_plain(case.case)}",
        *([f"- example: {_plain(case.example)}"] if case.example else []),
        "",
        *_fenced(results.replay_of(case), "sh"),
        *(_fenced("\n".join(conversation), "text") if conversation else []),
    ]


def _fenced(text: str, language: str) -> list[str]:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", text, fence, ""]


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
