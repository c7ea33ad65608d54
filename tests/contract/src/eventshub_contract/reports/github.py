"""The report as annotations of a GitHub job: one a finding, in the file and line where there is one."""

from __future__ import annotations

from ..results import Results
from ..verdicts import RED, Verdict


def as_github(results: Results) -> str:
    """Workflow commands, a line each, and the summary."""
    lines: list[str] = []
    for result in results.rules:
        for case in result.cases:
            if case.verdict not in RED and case.verdict is not Verdict.ACCEPTED:
                continue
            is_mild = result.graded(case) is Verdict.LENIENT
            level = "notice" if case.accepted else "warning" if is_mild else "error"
            where = f"file={_property(case.place.file)},line={case.place.line}," if case.place else ""
            title = f"{result.rule.id} {case.verdict}: {result.rule.title}"
            said = f"{case.found}\nrule: {case.says or result.rule.statement}\n{results.replay_of(case)}"
            lines.append(f"::{level} {where}title={_property(title)}::{_data(said)}")
    lines += [f"::error title=baseline::{_data(problem)}" for problem in results.problems]
    # A line of ours must not be taken for a command, whatever the target is called.
    return "\n".join([*lines, f"{results.subject}: {results.summary}"])


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
