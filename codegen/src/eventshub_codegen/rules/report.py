"""A comparison as text for a terminal, JSON for programs, Markdown for a changelog."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .changes import Change, Location, breaking
from .comparison import DocumentComparison
from .versions import Bump

_SHOWN = 3


def verdict(comparisons: Sequence[DocumentComparison]) -> Bump:
    """What all documents together have to do."""
    return max((comparison.bump for comparison in comparisons), default=Bump.NONE)


def as_text(comparisons: Sequence[DocumentComparison], *, colour: bool) -> str:
    """One line a change, then a line a document, then the verdict."""
    red, dim, reset = ("\x1b[31m", "\x1b[2m", "\x1b[0m") if colour else ("", "", "")
    lines: list[str] = []
    for comparison in comparisons:
        for change in comparison.changes:
            tone = red if change.is_breaking else ""
            kind = "breaking" if change.is_breaking else "change"
            hint = (
                f"{dim} (hint: {change.rule.hint}){reset}" if change.is_breaking and change.rule.hint else ""
            )
            lines.append(
                f"{change.new or '-'}: {tone}{kind}[{change.rule.id}]{reset} {change.message}, "
                f"in {_subjects(change)}; {_whom(change)}; was {change.old or '-'}{hint}"
            )
    lines += [f"{comparison.path}: {_summary(comparison)}" for comparison in comparisons]
    return "".join(f"{line}\n" for line in (*lines, f"verdict: {verdict(comparisons).word}"))


def as_json(comparisons: Sequence[DocumentComparison]) -> str:
    """An object with ``verdict`` and ``documents``, each with its ``changes``."""
    documents = [
        {
            "kind": comparison.kind,
            "file": comparison.path,
            "verdict": comparison.bump.word,
            "old_version": comparison.old_version,
            "new_version": comparison.new_version,
            "least_version": comparison.least_version,
            "has_moved_enough": comparison.has_moved_enough,
            "changes": [_change(change) for change in comparison.changes],
        }
        for comparison in comparisons
    ]
    return json.dumps({"verdict": verdict(comparisons).word, "documents": documents}, indent=2) + "\n"


def as_markdown(comparisons: Sequence[DocumentComparison]) -> str:
    """What breaks clients, by whom it breaks, then everything else."""
    blocks: list[str] = []
    for comparison in comparisons:
        blocks.append(f"## {_escape(comparison.path)}\n\n{_escape(_summary(comparison))}\n")
        broken = breaking(comparison.changes)
        for audience in dict.fromkeys(change.audience for change in broken):
            entries = [change for change in broken if change.audience is audience]
            blocks.append(f"### Breaks {audience}\n\n" + "".join(_entry(change) for change in entries))
        others = [change for change in comparison.changes if not change.is_breaking]
        if others:
            blocks.append("### Other changes\n\n" + "".join(_entry(change) for change in others))
    blocks.append(f"Verdict: **{verdict(comparisons).word}**\n")
    return "\n".join(blocks)


def _entry(change: Change) -> str:
    subjects = ", ".join(f"`{subject}`" for subject in change.subjects)
    hint = f" {change.rule.hint}" if change.is_breaking and change.rule.hint else ""
    return f"- {_escape(change.message)} (`{change.rule.id}`), in {subjects}. {change.rule.why}{hint}\n"


def _summary(comparison: DocumentComparison) -> str:
    count, broken = len(comparison.changes), len(breaking(comparison.changes))
    found = f"{count} {'change' if count == 1 else 'changes'}, {broken} breaking: {comparison.bump.word}"
    versions = f"version {comparison.old_version or '(none)'} -> {comparison.new_version or '(none)'}"
    if comparison.has_moved_enough:
        return f"{found}; {versions}, which is enough"
    if comparison.least_version is None:
        return f"{found}; {versions}, where the first is no semantic version"
    return f"{found}; {versions}, which has to be {comparison.least_version} or more"


def _subjects(change: Change) -> str:
    shown, more = change.subjects[:_SHOWN], len(change.subjects) - _SHOWN
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _whom(change: Change) -> str:
    return f"{'breaks' if change.is_breaking else 'concerns'} {change.audience}"


def _change(change: Change) -> dict[str, Any]:
    return {
        "rule": change.rule.id,
        "message": change.message,
        "breaking": change.is_breaking,
        "flow": change.flow,
        "audience": change.audience,
        "subjects": list(change.subjects),
        "old": _location(change.old),
        "new": _location(change.new),
        "why": change.rule.why,
        "hint": change.rule.hint,
    }


def _location(location: Location | None) -> dict[str, Any] | None:
    if location is None:
        return None
    return {"file": location.file, "line": location.line, "column": location.column}


def _escape(text: str) -> str:
    """Text from a document, so that Markdown shows it as it is; code spans stay."""
    return text.replace("<", "&lt;").replace("\n", " ")
