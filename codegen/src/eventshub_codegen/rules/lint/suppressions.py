"""Findings that somebody has decided to live with, and said why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ...findings import Finding, Severity
from ...frontends.workspace import Source
from ...ir.json_values import is_object

_COMMENT = re.compile(r"#\s*codegen:\s*(ignore|ignore-file)\[([^\]]*)\]\s*(.*?)\s*$")
_EXTENSION = "x-codegen-ignore"


@dataclass(slots=True)
class Suppression:
    """One rule at one place, or in a whole file."""

    file: str
    line: int
    column: int
    rule: str
    reason: str
    lines: tuple[int, ...]
    """Where it holds; everywhere in the file if empty."""
    is_used: bool = False

    def hides(self, finding: Finding) -> bool:
        """Whether it is about this finding."""
        if finding.file != self.file or finding.rule != self.rule:
            return False
        return not self.lines or finding.line in self.lines


def suppress(
    findings: Iterable[Finding], sources: Iterable[Source], *, reports_unused: bool
) -> list[Finding]:
    """The findings that nobody suppressed, and what is wrong with suppressions."""
    suppressions = [each for source in sources for each in _suppressions(source)]
    kept: list[Finding] = []
    for finding in findings:
        hiding = [each for each in suppressions if each.hides(finding)]
        for each in hiding:
            each.is_used = True
        if not hiding:
            kept.append(finding)
    for each in suppressions:
        if not each.reason:
            text = f"nobody says why `{each.rule}` does not matter here"
            hint = f"# codegen: ignore[{each.rule}] because ..."
            kept.append(Finding(each.file, each.line, each.column, "suppression-without-reason", text, hint))
        if reports_unused and not each.is_used:
            text = f"`{each.rule}` is not found here"
            kept.append(
                Finding(
                    each.file,
                    each.line,
                    each.column,
                    "unused-suppression",
                    text,
                    "Remove it.",
                    Severity.WARNING,
                )
            )
    return kept


def _suppressions(source: Source) -> list[Suppression]:
    found: list[Suppression] = []
    if "codegen" not in source.text:
        return found
    ignored = source.value.get(_EXTENSION) if is_object(source.value) else None
    for rule, reason in ignored.items() if is_object(ignored) else ():
        line, column = source.position((_EXTENSION, rule), of_key=True)
        found.append(
            Suppression(source.display, line, column, rule, reason if isinstance(reason, str) else "", ())
        )
    lines = source.text.splitlines()
    for number, text in enumerate(lines, 1):
        match = _COMMENT.search(text) if "codegen" in text else None
        if match is None or source.path.suffix == ".json":
            continue
        # A comment by itself is about the next line that is none.
        own = bool(text[: match.start()].strip())
        after = next((n for n in range(number + 1, len(lines) + 1) if not _is_comment(lines[n - 1])), number)
        where = () if match[1] == "ignore-file" else (number if own else after,)
        found += [
            Suppression(source.display, number, match.start() + 1, rule.strip(), match[3], where)
            for rule in match[2].split(",")
        ]
    return found


def _is_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")
