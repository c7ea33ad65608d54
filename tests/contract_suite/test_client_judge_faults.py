"""The judge of clients is judged: every planted fault turns red what it breaks, and nothing else."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.contract_suite import faulty_client
from tests.contract_suite.faulty_client import FAULTS

from eventshub_contract.bundle import load
from eventshub_contract.client.cases.backoff import judge_delays
from eventshub_contract.client.judge import ClientJudge
from eventshub_contract.client.options import ClientSettings
from eventshub_contract.client.registry import CASES
from eventshub_contract.results import Results
from eventshub_contract.verdicts import Verdict

GROUPS = (
    (
        *("TokenInQueryToo", "SilentAboutRefused", "WantsMilliseconds", "OneKeyInCommands"),
        *("AnyPongWillDo", "WantsJsonErrors", "SilentAboutGap"),
    ),
    (
        *("NoScheme", "KeyNotEncoded", "ForgetsPrefix", "KnowsWelcomeByText", "DropsUnknown"),
        *("NoPongFrames", "WantsUnsubscribeBody", "GoneAfter1012", "Retries403"),
    ),
)
"""Faults that do not disturb one another, so that together they turn red no rule but their own."""


def judge(*faults: str, patience: float = 2.0, cases: tuple[str, ...] = ()) -> Results:
    words = (sys.executable, str(faulty_client.__file__), "{url}", "{token}", *faults)
    settings = ClientSettings(words, is_fast=True, patience=patience, cases=cases, confirm=False)
    return ClientJudge(settings).run()


def red_rules(report: Results) -> set[str]:
    return {row.rule.id for row in report.rules if row.verdict not in {Verdict.PASS, Verdict.UNSUPPORTED}}


def findings(report: Results) -> list[str]:
    return [
        f"{case.case}: {case.message}"
        for row in report.rules
        for case in row.cases
        if case.verdict is not Verdict.PASS
    ]


@pytest.mark.timeout(180)
def test_the_case_for_each_fault_turns_red() -> None:
    def wrong(fault: str) -> list[str]:
        case, rules = FAULTS[fault]
        report = judge(fault, cases=(case,))
        is_right = red_rules(report) == set(rules) & set(CASES[case].rules)
        return [] if is_right else [fault, *findings(report)]

    # They wait most of the time.
    with ThreadPoolExecutor(8) as pool:
        assert [found for found in pool.map(wrong, FAULTS) if found] == []


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{len(group)} faults")
def test_no_other_rule_turns_red(group: tuple[str, ...]) -> None:
    report = judge(*group, patience=6.0)
    assert red_rules(report) == {rule for fault in group for rule in FAULTS[fault][1]}, findings(report)


def test_a_fault_is_planted_for_every_case_and_so_for_every_rule() -> None:
    assert {case for case, _ in FAULTS.values()} == set(CASES)
    assert {rule for case in CASES.values() for rule in case.rules} == set(load().client_rules)


LIMITS = (0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("least", "most", "finding"),
    [
        ([0.0] * 8, LIMITS, ""),
        ([0.1] * 8, [limit + 0.1 for limit in LIMITS], ""),
        ([0.0] * 8, [0.02] * 8, "without a pause"),
        ([0.2] * 8, [0.2] * 8, "together"),
        (LIMITS, [limit + 0.05 for limit in LIMITS], "together"),
        ([0.2] * 8, [0.4] * 8, "do not grow"),
        ([limit / 2 for limit in LIMITS], LIMITS, "in part only"),
        ([0.0] * 8, [30 * limit for limit in LIMITS], "longer than 11 s"),
    ],
)
def test_what_is_found_in_delays(least: Sequence[float], most: Sequence[float], finding: str) -> None:
    chance = random.Random(5)
    for _ in range(100):
        rows = [[chance.uniform(low, high) for low, high in zip(least, most, strict=True)] for _ in range(6)]
        found, _ = judge_delays(rows, longest=11.0)
        assert finding in found if finding else not found
