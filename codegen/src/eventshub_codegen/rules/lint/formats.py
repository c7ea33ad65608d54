"""Findings for people, for code scanning, for CI."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from ...findings import Finding, Severity, as_json
from .catalogue import BY_ID, LINT_RULES

_CONTEXT = 1
_WIDTH = 110
FORMATS = ("text", "json", "sarif", "github", "junit")


def render(findings: Sequence[Finding], form: str, texts: Mapping[str, str], *, colour: bool) -> str:
    """Findings in one of ``FORMATS``; ``texts`` are the files that they are in, by name."""
    others: dict[str, Callable[[Sequence[Finding]], str]] = {
        "json": as_json,
        "sarif": as_sarif,
        "github": as_github,
        "junit": as_junit,
    }
    if form != "text":
        return others[form](findings)
    lines = {name: text.splitlines() for name, text in texts.items()}
    return "".join(
        f"{finding.format(colour=colour)}\n{frame(finding, lines.get(finding.file, []))}"
        for finding in findings
    )


def frame(finding: Finding, lines: Sequence[str]) -> str:
    """The lines around a finding, with a mark under its column; empty if there are none."""
    if not 1 <= finding.line <= len(lines):
        return ""
    first, last = max(1, finding.line - _CONTEXT), min(len(lines), finding.line + _CONTEXT)
    width = len(str(last))
    shown: list[str] = []
    for number in range(first, last + 1):
        text = "".join(char if char.isprintable() else " " for char in lines[number - 1])
        shown.append(f"  {number:>{width}} | {text[:_WIDTH]}".rstrip())
        if number == finding.line and finding.column <= _WIDTH:
            shown.append(f"  {' ' * width} | {' ' * (finding.column - 1)}^")
    return "\n".join(shown) + "\n\n"


def as_sarif(findings: Sequence[Finding]) -> str:
    """A log of SARIF 2.1.0 with all rules."""
    rules = [
        {
            "id": rule.id,
            "shortDescription": {"text": f"Finds {rule.finds}."},
            "fullDescription": {"text": rule.why},
            "help": {"text": rule.mend},
            "defaultConfiguration": {"level": str(rule.severity)},
        }
        for rule in LINT_RULES
    ]
    index = {rule.id: number for number, rule in enumerate(LINT_RULES)}
    results = [
        {
            "ruleId": finding.rule,
            **({"ruleIndex": index[finding.rule]} if finding.rule in index else {}),
            "level": str(finding.severity),
            "message": {"text": _told(finding)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": finding.file.replace("\\", "/")},
                        "region": {"startLine": finding.line, "startColumn": finding.column},
                    }
                }
            ],
        }
        for finding in findings
    ]
    tool = {"driver": {"name": "eventshub-codegen", "rules": rules}}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": tool, "columnKind": "unicodeCodePoints", "results": results}],
    }
    return json.dumps(log, indent=2) + "\n"


def as_github(findings: Sequence[Finding]) -> str:
    """Workflow commands of GitHub Actions: each becomes an annotation of its line."""
    return "".join(
        f"::{finding.severity} file={_property(finding.file)},line={finding.line},col={finding.column},"
        f"title={_property(finding.rule)}::{_data(_told(finding))}\n"
        for finding in findings
    )


def as_junit(findings: Sequence[Finding]) -> str:
    """A report of JUnit: a case for each rule that was found, and one that passes if none is an error."""
    rules = list(dict.fromkeys(finding.rule for finding in findings))
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    cases: list[str] = []
    for rule in rules:
        mine = [finding for finding in findings if finding.rule == rule]
        purpose = BY_ID[rule].finds if rule in BY_ID else rule
        cases.append(f"  <testcase classname={quoteattr(rule)} name={quoteattr(purpose)}>")
        for finding in mine:
            where = f"{finding.file}:{finding.line}:{finding.column}"
            if finding.severity is Severity.ERROR:
                text = escape(f"{where}\n{_told(finding)}")
                cases.append(f"    <failure message={quoteattr(finding.message)}>{text}</failure>")
            else:
                cases.append(f"    <system-out>{escape(f'{where}: warning: {_told(finding)}')}</system-out>")
        cases.append("  </testcase>")
    if not rules:
        cases.append('  <testcase classname="lint" name="no findings"/>')
    count = max(len(rules), 1)
    head = f'<testsuite name="eventshub-codegen lint" tests="{count}" failures="{errors}" errors="0">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *cases, "</testsuite>"]) + "\n"


def _told(finding: Finding) -> str:
    return f"{finding.message} ({finding.hint})" if finding.hint else finding.message


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
