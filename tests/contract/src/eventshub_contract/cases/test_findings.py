"""What all the other cases heard, held against the documents. Runs last, and always."""

from __future__ import annotations

import pytest

from eventshub_contract.recorder import FINDING_RULES, Finding, Recorder
from eventshub_contract.verdicts import Found, Several, Verdict, unsupported
from eventshub_contract.volatile import generalised

KINDS = 60
"""Findings that are told one by one: a hub of another protocol has no end of them."""


@pytest.mark.parametrize("rule", [pytest.param(rule, marks=pytest.mark.rule(rule)) for rule in FINDING_RULES])
def test_all_that_came_is_documented(recorder: Recorder, rule: str) -> None:
    if rule not in recorder.heard:
        unsupported("nothing of the kind came in this run")
    kinds: dict[str, list[Finding]] = {}
    for finding in recorder.findings:
        if finding.rule == rule:
            kinds.setdefault(generalised(finding.what), []).append(finding)
    found = [_found(what, findings) for what, findings in list(kinds.items())[:KINDS]]
    if len(kinds) > KINDS:
        found.append(Found(Verdict.FAIL, "more kinds of findings than are told"))
    if found:
        raise Several(found)


def _found(what: str, findings: list[Finding]) -> Found:
    first = findings[0]
    times = f", {len(findings)} times in all" if len(findings) > 1 else ""
    verdict = Verdict.LENIENT if first.is_mild else Verdict.FAIL
    # What is watched beside all cases has a name by which it cannot be selected.
    again = next((finding.case for finding in findings if finding.case.startswith("test_")), "")
    return Found(verdict, what, f"in {first.case}{times}; came: {first.came}", again)
