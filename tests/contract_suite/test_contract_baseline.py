"""Accepted deviations: with a reason, for a time, and only as long as they are found."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.contract_suite.judging import CREDENTIALS, RunningHub, faulty_hub, run_judge

from eventshub_contract.baseline import Deviation, as_toml, compare, read, updated
from eventshub_contract.errors import UsageError
from eventshub_contract.listing import hub_cases
from eventshub_contract.output import output_from
from eventshub_contract.verdicts import CaseResult, Verdict

TODAY = date(2026, 11, 24)
LATER = date(2027, 1, 1)
BEFORE = date(2026, 11, 23)
CLIENT_ID = "4d0c8a52-6f1b-4c8e-9a37-b2e5d10f7c64"


def failed(case: str, message: str, verdict: Verdict = Verdict.FAIL) -> CaseResult:
    return CaseResult(case, ("CONN-7",), verdict, message)


def known(case: str, found: str, expires: date = LATER) -> Deviation:
    return Deviation(case, found, "the proxy answers", expires, ("CONN-7",))


def test_what_is_accepted_is_marked_with_its_reason() -> None:
    compared = compare(
        [known("a", "answered *")], [failed("a", "answered 400\nand more")], TODAY, is_whole=True
    )
    assert compared.problems == []
    (result,) = compared.results
    assert (result.verdict, result.accepted) == (Verdict.ACCEPTED, "the proxy answers (until 2027-01-01)")


@pytest.mark.parametrize(
    ("deviation", "verdict", "problem"),
    [
        (known("a", "answered 401"), Verdict.FAIL, "stale, it is not found any more: a: answered 401"),
        (known("b", "answered 400"), Verdict.FAIL, "stale, it is not found any more: b: answered 400"),
        (known("a", "answered 400", BEFORE), Verdict.FAIL, "expired on 2026-11-23: a: answered 400"),
        (known("a", "answered 400", TODAY), Verdict.ACCEPTED, ""),
    ],
)
def test_what_is_new_stale_or_expired(deviation: Deviation, verdict: Verdict, problem: str) -> None:
    compared = compare([deviation], [failed("a", "answered 400")], TODAY, is_whole=True)
    assert compared.results[0].verdict is verdict
    assert compared.problems == ([problem] if problem else [])


def test_what_cannot_be_told_is_not_stale() -> None:
    deviations = [known("not run", "x"), known("not judged", "x")]
    results = [failed("not judged", "", Verdict.UNSUPPORTED)]
    assert compare(deviations, results, TODAY, is_whole=False).problems == []


def test_what_is_unsteady_or_the_judges_fault_is_never_accepted() -> None:
    results = [failed("a", "x", Verdict.UNSTEADY), failed("a", "x", Verdict.ERROR)]
    assert compare([known("a", "x")], results, TODAY, is_whole=True).results == results


def test_an_update_keeps_reasons_drops_what_is_stale_and_adds_what_is_new() -> None:
    deviations = [
        known("kept", "x*"),
        known("expired", "x", BEFORE),
        known("gone", "x"),
        known("not run", "x"),
    ]
    results = [
        failed("kept", "x1"),
        failed("expired", "x"),
        failed("gone", "", Verdict.PASS),
        failed("new", f"client {CLIENT_ID} #3 of 127.0.0.4:8080 after 1.25 s got 404"),
    ]
    renewed = updated(deviations, results, TODAY, is_whole=False)
    assert [each.case for each in renewed] == ["kept", "expired", "not run", "new"]
    assert renewed[0] == deviations[0]
    assert renewed[1].expires > TODAY
    assert renewed[3].found == "client * #* of * after * s got 404"
    assert "without a reason yet" in renewed[3].reason
    assert compare(renewed, results, TODAY, is_whole=False).problems == []
    assert "not run" not in {each.case for each in updated(deviations, results, TODAY, is_whole=True)}


def test_the_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    deviations = [known("a", 'quotes " and \\ and \x7f and é\nand a line'), known("b", "*")]
    (tmp_path / "b.toml").write_text(as_toml(deviations))
    assert read(tmp_path / "b.toml") == deviations


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[deviation]", "is no TOML"),
        ("deviation = 3", "as a table"),
        ('[[deviation]]\ncase = "a"\nfound = "x"\nreason = " "\nexpires = 2027-01-01', "`reason` must be"),
        ('[[deviation]]\ncase = "a"\nfound = "x"\nreason = "r"', "`expires` must be a day"),
        (
            '[[deviation]]\ncase = "a"\nfound = "x"\nreason = "r"\nexpires = 2027-01-01\nuntil = 1',
            "no such key: until",
        ),
    ],
)
def test_a_baseline_that_cannot_be(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text(text)
    with pytest.raises(UsageError, match=words):
        read(tmp_path / "b.toml")


def test_a_run_with_a_baseline(tmp_path: Path, hub: RunningHub) -> None:
    file = tmp_path / "baseline.toml"
    with faulty_hub(tmp_path, hub, "UpgradeNotAskedFor") as faulty:
        options = ("hub", "--url", faulty.url, "--fast", "--rule", "CONN-7", "--baseline", str(file))
        assert run_judge(*options, env=CREDENTIALS).exit_code == 4, "there is none"
        first = run_judge(*options, "--baseline-update", env=CREDENTIALS)
        second = run_judge(*options, env=CREDENTIALS)
    assert first.exit_code == 0, first.out + first.err
    assert second.exit_code == 0, second.out + second.err
    assert "CONN-7   accepted     1/1     Subscribe without an upgrade" in second.out
    assert "1 finding accepted: accepted on " in second.out
    healed = run_judge("hub", "--url", hub.url, *options[3:], env=CREDENTIALS)
    assert healed.exit_code == 1, "what is stale fails"
    assert "baseline: stale, it is not found any more: test_no_upgrade_asked_for" in healed.out


def test_the_baseline_of_the_service_dialect_comes_with_the_judge() -> None:
    output = output_from([], "service-dialect", update=False)
    assert output.baseline is not None
    deviations = read(output.baseline)
    cases = hub_cases()
    assert {each.case for each in deviations} <= cases.keys()
    assert all(set(each.rules) & set(cases[each.case]) for each in deviations)
    assert {rule for each in deviations for rule in each.rules} == {
        *(
            "AUTH-6",
            "AUTH-7",
            "EVT-6",
            "CMD-1",
            "CMD-4",
            "UNSUB-1",
            "UNSUB-2",
            "UNSUB-3",
            "ERR-1",
            "END-1",
            "CONN-8",
        ),
    }
