"""The judge is judged: every planted fault turns red the rules that it breaks, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.contract_suite.faulty_hub import FAULTS
from tests.contract_suite.identities import EXPIRING_TOKEN, SECRETS
from tests.contract_suite.judging import (
    CREDENTIALS,
    Judgement,
    RunningHub,
    environment,
    faulty_hub,
    judge,
    running_hub,
)
from tests.judge_our_hub import judged_hub, options

from eventshub_contract.bundle import load
from eventshub_contract.unjudged import UNJUDGED

AT_THE_END = {name for name, fault in FAULTS.items() if {"END-1", "CONN-8"} & set(fault.breaks)}
"""Faults that show when the hub ends, and so need one of their own."""

ON_SHORT_QUEUES = {"EvictionsUncounted"}
"""Faults that show only where queues are short."""

MILD = {*(name for name, fault in FAULTS.items() if fault.breaks == ("EVT-6",)), "InternalHeader"}
"""Faults that break a SHOULD, or show what a proxy may have added."""

PLANTED_ELSEWHERE = {"AUTH-7", "IP-5"}
"""Rules that need hubs of their own; they turn red in the tests on our hub."""

GROUPS = 6
"""Runs of the whole suite over which all faults are spread."""


def broken_by(*faults: str) -> set[str]:
    return {rule for fault in faults for rule in FAULTS[fault].breaks}


def spread_out() -> list[list[str]]:
    """The faults in groups in which no two break the same rule."""
    groups: list[list[str]] = [[] for _ in range(GROUPS)]
    for fault in sorted(FAULTS.keys() - AT_THE_END - ON_SHORT_QUEUES):
        free = [group for group in groups if not broken_by(*group) & broken_by(fault)]
        min(free, key=len).append(fault)
    return groups


def assert_nothing_secret(judged: Judgement) -> None:
    assert not any(secret in judged.out + judged.err for secret in SECRETS)


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - AT_THE_END - ON_SHORT_QUEUES))
def test_the_rules_that_a_fault_breaks_turn_red(fault: str, tmp_path: Path, hub: RunningHub) -> None:
    rules = [*FAULTS[fault].breaks, *FAULTS[fault].shows_in]
    with faulty_hub(tmp_path, hub, fault) as faulty:
        judged = judge(faulty, "--patience", "1", *(word for rule in rules for word in ("--rule", rule)))
    assert judged.broken == broken_by(fault), judged.findings
    assert judged.exit_code == (0 if fault in MILD else 1), "a missed SHOULD is no failure"
    assert_nothing_secret(judged)


def test_what_is_mild_is_a_failure_to_a_strict_judge(tmp_path: Path, hub: RunningHub) -> None:
    with faulty_hub(tmp_path, hub, "InternalHeader", "FlushedByTimer") as faulty:
        judged = judge(faulty, "--strict", "--rule", "OPS-2", "--rule", "EVT-6")
    assert judged.verdicts == {"EVT-6": "fail", "OPS-2": "fail"}, judged.findings
    assert judged.exit_code == 1


@pytest.mark.parametrize("fault", sorted(AT_THE_END))
def test_the_rules_that_a_fault_at_the_end_breaks_turn_red(fault: str, tmp_path: Path) -> None:
    with running_hub(tmp_path) as hub, faulty_hub(tmp_path, hub, fault) as faulty:
        end = ("--stop-command", hub.stop_command)
        judged = judge(faulty, "--patience", "1", "--rule", "END-1", "--rule", "CONN-8", *end)
    assert judged.broken == broken_by(fault), judged.findings


@pytest.mark.timeout(150)
@pytest.mark.parametrize("group", spread_out(), ids=lambda group: f"{len(group)} faults")
def test_no_other_rule_turns_red(group: list[str], tmp_path: Path, hub: RunningHub) -> None:
    with faulty_hub(tmp_path, hub, *group) as faulty:
        judged = judge(faulty, "--patience", "2")
    assert judged.broken == broken_by(*group), judged.findings
    assert_nothing_secret(judged)


def test_the_rule_that_a_fault_on_short_queues_breaks_turns_red(tmp_path: Path) -> None:
    identities = {**CREDENTIALS, "EVENTS_HUB_EXPIRING_TOKEN": EXPIRING_TOKEN}
    with judged_hub(environment(identities), tmp_path) as (url, pid):
        hub = RunningHub(url, pid)
        rule = ("--rule", "EVT-7", *options(url, pid))
        assert judge(hub, *rule).verdicts == {"EVT-7": "pass"}
        with faulty_hub(tmp_path, hub, *ON_SHORT_QUEUES) as faulty:
            judged = judge(faulty, *rule)
    assert judged.broken == {"EVT-7"}
    assert "and none is evicted" in judged.findings[0]


def test_faults_are_planted_for_every_rule_that_is_judged() -> None:
    assert broken_by(*FAULTS) == load().hub_rules.keys() - UNJUDGED.keys() - PLANTED_ELSEWHERE
