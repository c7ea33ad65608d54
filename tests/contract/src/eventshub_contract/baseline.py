"""Deviations that the owner of a hub, a client or a document accepts for now.

A file in TOML, one table a deviation::

    [[deviation]]
    case = "test_no_upgrade_asked_for"
    rules = ["CONN-7"]
    found = "subscribe without an upgrade was answered 400, not 426"
    reason = "the proxy in front answers; ticket OPS-12"
    expires = 2027-06-30

``*`` in ``found`` stands for any text, such as an ID that is another one in each run.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from .bundle import as_object, is_list
from .errors import UsageError
from .verdicts import CaseResult, Verdict
from .volatile import generalised

DAYS: Final = 90
"""How long a deviation is accepted that ``--baseline-update`` wrote."""

_ACCEPTABLE: Final = frozenset({Verdict.FAIL, Verdict.LENIENT})
_UNDECIDED: Final = frozenset({Verdict.UNSUPPORTED, Verdict.UNSTEADY, Verdict.ERROR})
_SHOWN: Final = 300
_HEADER: Final = """\
# Deviations accepted by the owner, for `eventshub-contract --baseline`. `*` stands for any text.
# A finding that is not here fails, and so does an entry that is not found any more or that has expired.
"""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One accepted deviation."""

    case: str
    """Of a document: the document."""
    found: str
    reason: str
    expires: date
    rules: tuple[str, ...] = ()

    def covers(self, result: CaseResult) -> bool:
        """Whether a result is this deviation."""
        pattern = ".*".join(re.escape(part) for part in self.found.split("*"))
        return self.case == result.key and re.fullmatch(pattern, result.message, re.DOTALL) is not None

    def is_undecided_by(self, result: CaseResult) -> bool:
        """Whether a result leaves open if this deviation is still there."""
        is_the_case = self.case == result.key and (not self.rules or bool({*self.rules} & {*result.rules}))
        return is_the_case and result.verdict in _UNDECIDED


WasJudged = Callable[[Deviation], bool]
"""Whether a run would have found a deviation, were it still there."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Results beside a baseline."""

    results: list[CaseResult]
    problems: list[str]
    """Entries that are stale or have expired; each fails the run."""
    notes: tuple[str, ...] = ()
    """What was written."""


def read(path: Path) -> list[Deviation]:
    """Read a baseline.

    Raises:
        UsageError: There is none, or it is malformed.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("deviation", [])
    except OSError as error:
        raise UsageError(f"--baseline: cannot read {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"--baseline: {path} is no TOML: {error}") from error
    if not is_list(tables):
        raise UsageError(f"--baseline: {path}: write each deviation as a table [[deviation]]")
    return [_deviation(table, f"{path}, deviation {number}") for number, table in enumerate(tables, 1)]


def compare(
    deviations: Sequence[Deviation], results: Sequence[CaseResult], today: date, was_judged: WasJudged
) -> Compared:
    """Mark what is accepted, and find what should not be in the baseline any more.

    Args:
        deviations: The baseline.
        results: What a run found.
        today: A deviation is accepted up to and including the day on which it expires.
        was_judged: Entries of which nothing was to be found in this run are left alone.
    """
    used: set[Deviation] = set()
    problems: list[str] = []

    def marked(result: CaseResult) -> CaseResult:
        cover = next((each for each in deviations if each.covers(result)), None)
        if cover is None or result.verdict not in _ACCEPTABLE:
            return result
        used.add(cover)
        if cover.expires < today:
            return result
        return replace(
            result, verdict=Verdict.ACCEPTED, accepted=f"{cover.reason} (until {cover.expires.isoformat()})"
        )

    compared = [marked(result) for result in results]
    for each in deviations:
        if each in used and each.expires < today:
            problems.append(f"expired on {each.expires.isoformat()}: {_shown(each)}")
        elif each not in used and _is_gone(each, results, was_judged):
            problems.append(f"stale, it is not found any more: {_shown(each)}")
    return Compared(compared, problems)


def updated(
    deviations: Sequence[Deviation], results: Sequence[CaseResult], today: date, was_judged: WasJudged
) -> list[Deviation]:
    """The baseline that accepts what was found: known reasons stay, what is stale goes, what is new comes."""
    stays = [
        each
        for each in deviations
        if any(each.covers(result) and result.verdict in _ACCEPTABLE for result in results)
        or not _is_gone(each, results, was_judged)
    ]
    renewed = [
        replace(each, expires=today + timedelta(days=DAYS)) if each.expires < today else each
        for each in stays
    ]
    for result in results:
        if result.verdict in _ACCEPTABLE and not any(each.covers(result) for each in renewed):
            renewed.append(
                Deviation(
                    result.key,
                    generalised(result.message),
                    f"accepted on {today.isoformat()} without a reason yet",
                    today + timedelta(days=DAYS),
                    result.rules,
                )
            )
    return renewed


def changes(before: Sequence[Deviation], after: Sequence[Deviation]) -> str:
    """What an update made of a baseline, for a person."""
    known = {(each.case, each.found): each for each in before}
    kept = [known[each.case, each.found] for each in after if (each.case, each.found) in known]
    counts = {
        "new, give each a reason": len(after) - len(kept),
        "not found any more": len(before) - len(kept),
        f"for {DAYS} days more": sum(each not in after for each in kept),
    }
    told = "; ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f"{len(after)} deviations" + (f" ({told})" if told else "")


def _is_gone(deviation: Deviation, results: Sequence[CaseResult], was_judged: WasJudged) -> bool:
    return was_judged(deviation) and not any(map(deviation.is_undecided_by, results))


def _shown(deviation: Deviation) -> str:
    """In one line."""
    line = " / ".join(deviation.found.splitlines())
    return f"{deviation.case}: {line if len(line) <= _SHOWN else f'{line[:_SHOWN]}...'}"


def as_toml(deviations: Iterable[Deviation]) -> str:
    """The file."""
    tables = [
        "\n".join(
            [
                "[[deviation]]",
                f"case = {_quoted(each.case)}",
                f"rules = [{', '.join(map(_quoted, each.rules))}]",
                f"found = {_quoted(each.found)}",
                f"reason = {_quoted(each.reason)}",
                f"expires = {each.expires.isoformat()}",
            ]
        )
        for each in sorted(deviations, key=lambda each: (each.case, each.found))
    ]
    return "\n\n".join([_HEADER.rstrip("\n"), *tables]) + "\n"


def _deviation(table: Any, where: str) -> Deviation:
    values = as_object(table)
    if values is None:
        raise UsageError(f"--baseline: {where}: not a table")
    for name in ("case", "found", "reason"):
        if not isinstance(values.get(name), str) or not values[name].strip():
            raise UsageError(f"--baseline: {where}: `{name}` must be a text that is not empty")
    expires = values.get("expires")
    if type(expires) is not date:
        raise UsageError(f"--baseline: {where}: `expires` must be a day, such as 2027-06-30")
    rules = values.get("rules", [])
    if not is_list(rules) or not all(isinstance(rule, str) for rule in rules):
        raise UsageError(f"--baseline: {where}: `rules` must be a list of rule IDs")
    unknown = values.keys() - {"case", "found", "reason", "expires", "rules"}
    if unknown:
        raise UsageError(f"--baseline: {where}: there is no such key: {', '.join(sorted(unknown))}")
    return Deviation(values["case"], values["found"], values["reason"], expires, tuple(rules))


def _quoted(text: str) -> str:
    # A JSON string is a TOML string, but for DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
