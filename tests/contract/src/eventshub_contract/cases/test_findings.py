"""What all the other cases heard, held against the documents. Runs last, and always."""

from __future__ import annotations

import pytest

from eventshub_contract.recorder import FINDING_RULES, Finding, Recorder
from eventshub_contract.verdicts import lenient, unsupported

SHOWN = 5


@pytest.mark.parametrize("rule", [pytest.param(rule, marks=pytest.mark.rule(rule)) for rule in FINDING_RULES])
def test_all_that_came_is_documented(recorder: Recorder, rule: str) -> None:
    if rule not in recorder.heard:
        unsupported("nothing of the kind came in this run")
    everything = [finding for finding in recorder.findings if finding.rule == rule]
    findings = [finding for finding in everything if not finding.is_mild]
    if everything and not findings:
        lenient(_shown(everything))
    assert not findings, _shown(findings)


def _shown(findings: list[Finding]) -> str:
    shown = "\n".join(
        f"in {finding.case}: {finding.what}; came: {finding.came}" for finding in findings[:SHOWN]
    )
    more = f"\nand {len(findings) - SHOWN} more" if len(findings) > SHOWN else ""
    return shown + more
