"""``eventshub-contract coverage``: rules to cases, cases to rules, the guide and the spec to both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .bundle import Bundle, as_object, is_list, load
from .errors import ExitCode, UsageError
from .listing import hub_cases, rules_of_client_cases
from .traffic import Traffic
from .unjudged import SILENT_SECTIONS, UNJUDGED, UNMET

_SHOWN: Final = 3


@dataclass
class Trace:
    """What leads to what."""

    rules: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """The cases of each rule; with ``hub:`` or ``client:`` before their names."""
    cases: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The rules of each case."""
    sections: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """The rules of each section of the guide."""
    elements: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """The cases that met each element of the spec; empty without reports."""
    holes: list[str] = field(default_factory=list[str])


def trace(bundle_file: Path | None, reports: Sequence[Path]) -> Trace:
    """Follow everything both ways.

    Args:
        bundle_file: Another bundle than the package's own.
        reports: Reports in JSON, of runs on hubs and clients; they know which elements were met.

    Raises:
        UsageError: A file cannot be read.
    """
    bundle = load(bundle_file)
    of_hubs, of_clients = hub_cases(), rules_of_client_cases()
    found = Trace()
    _trace_rules(bundle, {"hub": of_hubs, "client": of_clients}, found)
    for rule in bundle.rules:
        for section in rule.guide:
            found.sections.setdefault(section, []).append(rule.id)
    numbers = [int(section) for section in found.sections if section.isdecimal()]
    for number in map(str, range(1, max(numbers, default=0) + 1)):
        if number not in found.sections and number not in SILENT_SECTIONS:
            found.holes.append(f"section {number} of the guide leads to no rule")
    if reports:
        _trace_elements(bundle, reports, found)
    return found


def _trace_rules(bundle: Bundle, cases: Mapping[str, Mapping[str, tuple[str, ...]]], found: Trace) -> None:
    bound = {"hub": bundle.hub_rules, "client": bundle.client_rules}
    for side, rules_by_case in cases.items():
        for name, rules in rules_by_case.items():
            found.cases[f"{side}:{name}"] = rules
            unknown = [rule for rule in rules if rule not in bound[side]]
            if unknown or not rules:
                named = ", ".join(unknown) or "none"
                found.holes.append(f"the case {side}:{name} names no rule that binds a {side}: {named}")
    for rule in bundle.rules:
        of_rule = [name for name, rules in found.cases.items() if rule.id in rules]
        found.rules[rule.id] = of_rule
        for side, binding in bound.items():
            has_case = any(name.startswith(f"{side}:") for name in of_rule)
            if rule.id in binding and not has_case and not (side == "hub" and rule.id in UNJUDGED):
                found.holes.append(f"{rule.id} binds a {side}, and no case judges it")


def _trace_elements(bundle: Bundle, reports: Sequence[Path], found: Trace) -> None:
    found.elements = {covered.name: [] for covered in Traffic(bundle).everything()}
    for path in reports:
        for row in _coverage_of(path):
            known = as_object(row) or {}
            cases = found.elements.get(str(known.get("name")))
            if cases is not None:
                cases += [str(case) for case in known.get("cases") or () if case not in cases]
    for name, cases in found.elements.items():
        if not cases and name not in UNMET:
            found.holes.append(f"{name} is met in no case")
        elif cases and name in UNMET:
            found.holes.append(f"{name} is met after all: {cases[0]}; it is said to be met in none")


def _coverage_of(path: Path) -> list[Any]:
    try:
        report = as_object(json.loads(path.read_text(encoding="utf-8"))) or {}
    except OSError as error:
        raise UsageError(f"--results: cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise UsageError(f"--results: {path} is no report in JSON: {error}") from error
    coverage = report.get("coverage")
    if not is_list(coverage):
        raise UsageError(f"--results: {path} is no report of this program in JSON (--report json={path})")
    return coverage


def as_text(found: Trace) -> str:
    """The table for a person."""
    lines = [f"{'RULE':9}{'CASES':7}"]
    for rule, cases in found.rules.items():
        lines.append(f"{rule:9}{len(cases):<7}{_shown(cases) or UNJUDGED.get(rule, '')}")
    lines += ["", f"{'SECTION':9}RULES"]
    for section in sorted(found.sections, key=lambda name: (not name.isdecimal(), name.zfill(4))):
        lines.append(f"{section:9}{', '.join(found.sections[section])}")
    if found.elements:
        lines += ["", f"{'CASES':7}ELEMENT"]
        for name, cases in found.elements.items():
            lines.append(f"{len(cases):<7}{name}: {_shown(cases) or UNMET.get(name, '')}")
    lines += ["", *(f"hole: {hole}" for hole in found.holes)]
    elements = f", {len(found.elements)} elements" if found.elements else ""
    lines.append(
        f"{len(found.rules)} rules, {len(found.cases)} cases, {len(found.sections)} sections{elements}:"
        f" {len(found.holes)} holes"
    )
    return "\n".join(lines)


def as_json(found: Trace) -> str:
    """The same for a program."""
    return json.dumps(
        {
            "rules": found.rules,
            "cases": found.cases,
            "sections": found.sections,
            "elements": found.elements,
            "holes": found.holes,
        },
        indent=2,
    )


def exit_code(found: Trace) -> ExitCode:
    """A hole is a failure."""
    return ExitCode.FAILED if found.holes else ExitCode.OK


def _shown(cases: Sequence[str]) -> str:
    more = len(cases) - _SHOWN
    return ", ".join(cases[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
