"""Accepted deviations: with a reason, for a time, and only as long as they are found."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.contract_suite.judging import CREDENTIALS, RunningHub, faulty_hub, run_judge

from eventshub_contract.baseline import Deviation, as_toml, changes, compare, read, updated
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


def everything(_: Deviation) -> bool:
    return True


def known(case: str, found: str, expires: date = LATER) -> Deviation:
    return Deviation(case, found, "the proxy answers", expires, ("CONN-7",))


def test_what_is_accepted_is_marked_with_its_reason() -> None:
    compared = compare([known("a", "answered *")], [failed("a", "answered 400\nand more")], TODAY, everything)
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
    compared = compare([deviation], [failed("a", "answered 400")], TODAY, everything)
    assert compared.results[0].verdict is verdict
    assert compared.problems == ([problem] if problem else [])


def test_what_cannot_be_told_is_not_stale() -> None:
    deviations = [known("not run", "x"), known("not judged", "x")]
    results = [failed("not judged", "", Verdict.UNSUPPORTED)]
    assert compare(deviations, results, TODAY, lambda each: each.case != "not run").problems == []


def test_what_was_not_judged_of_another_rule_of_a_document_does_not_matter() -> None:
    unrun = CaseResult("page.md:7", ("DOC-8",), Verdict.UNSUPPORTED, "no Go here", subject="page.md")
    compared = compare([known("page.md", "x")], [unrun], TODAY, everything)
    assert compared.problems == ["stale, it is not found any more: page.md: x"]


def test_a_problem_is_told_in_one_short_line() -> None:
    (problem,) = compare([known("a", "one\ntwo " + "x" * 500)], [], TODAY, everything).problems
    assert problem.startswith("stale, it is not found any more: a: one / two xxx")
    assert problem.endswith("xxx...")
    assert len(problem) < 350


def test_what_is_unsteady_or_the_judges_fault_is_never_accepted() -> None:
    results = [failed("a", "x", Verdict.UNSTEADY), failed("a", "x", Verdict.ERROR)]
    assert compare([known("a", "x")], results, TODAY, everything).results == results


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

    def ran(deviation: Deviation) -> bool:
        return deviation.case != "not run"

    renewed = updated(deviations, results, TODAY, ran)
    assert [each.case for each in renewed] == ["kept", "expired", "not run", "new"]
    assert renewed[0] == deviations[0]
    assert renewed[1].expires > TODAY
    assert renewed[3].found == "client * #* of * after * s got 404"
    assert "without a reason yet" in renewed[3].reason
    assert compare(renewed, results, TODAY, ran).problems == []
    assert "not run" not in {each.case for each in updated(deviations, results, TODAY, everything)}


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("events arrive 100 ms (median) late", "events arrive 99 ms (median) late"),
        ("not closed within 6 s of its end", "not closed within 5.5 s of its end"),
        ("no pong within 1e+02 s", "no pong within 99 s"),
        (
            "of 100 simultaneous handshakes 3 got 101, not 1",
            "of 100 simultaneous handshakes 12 got 101, not 1",
        ),
        ("delays in seconds: 0.12 0.30 0.55; 0.20", "delays in seconds: 0.09 0.33; 0.10 0.41 0.90"),
        ("sent 3 JSON pings, not 5 in time", "sent 4 JSON pings, not 5 in time"),
        ("cannot connect to [::1]:40123", "cannot connect to [::1]:51017"),
        ("409 names 10.0.3.7, not localhost:8080", "409 names 10.0.3.18, not localhost:9090"),
        (
            "carried out: {'id': 'evt-7', 'timestamp': '2026-11-24T20:35:34.5Z', 'ref_id': \"it's\"}",
            "carried out: {'id': 'evt-9', 'timestamp': '2026-11-25T00:00:00Z', 'ref_id': 'x'}",
        ),
        ("since 2026-11-24 20:35:34+01:00", "since 2026-12-01 08:00:00+01:00"),
        ("the list has 01ARZ3NDEKTSV4RRFFQ69G5FAV", "the list has 01BX5ZZKBKACTAV9WEVGEMMVRZ"),
    ],
)
def test_an_update_fits_the_next_run(one: str, another: str) -> None:
    renewed = updated([], [failed("a", one)], TODAY, everything)
    compared = compare(renewed, [failed("a", another)], TODAY, everything)
    assert [result.verdict for result in compared.results] == [Verdict.ACCEPTED]
    assert compared.problems == []


def test_an_update_keeps_what_was_found() -> None:
    said = "POST /v1/ws/unsubscribe was answered 400, not 413; closed with 1006 (EVT-1)"
    (renewed,) = updated([], [failed("a", said)], TODAY, everything)
    assert renewed.found == said


def test_an_update_says_what_it_did() -> None:
    before = [known("kept", "x"), known("expired", "x", BEFORE), known("gone", "x")]
    results = [failed("kept", "x"), failed("expired", "x"), failed("new", "x")]
    told = changes(before, updated(before, results, TODAY, everything))
    assert told == "3 deviations (1 new, give each a reason; 1 not found any more; 1 for 90 days more)"


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
    assert f"note: wrote {file}: 1 deviations (1 new, give each a reason)" in first.out
    assert second.exit_code == 0, second.out + second.err
    assert "CONN-7   accepted     1/1     Subscribe without an upgrade" in second.out
    assert "1 finding accepted: accepted on " in second.out
    healed = run_judge("hub", "--url", hub.url, *options[3:], env=CREDENTIALS)
    assert healed.exit_code == 1, "what is stale fails"
    assert "baseline: stale, it is not found any more: test_no_upgrade_asked_for" in healed.out


def test_a_baseline_of_a_selection_fits_a_larger_one(tmp_path: Path, hub: RunningHub) -> None:
    file = tmp_path / "baseline.toml"
    fewer, more = ("--rule", "OPS-2"), ("--rule", "OPS-2", "--rule", "OPS-1", "--rule", "ERR-1")
    with faulty_hub(tmp_path, hub, "UndocumentedFieldOfNumbers") as faulty:
        options = ("hub", "--url", faulty.url, "--fast", "--baseline", str(file))
        run_judge(*options, *fewer, "--baseline-update", env=CREDENTIALS)
        (written,) = read(file)
        assert (
            written.found == "GET /v1/ws/stats 200 has what is in no document at build: there is no such key"
        )
        larger = run_judge(*options, *more, env=CREDENTIALS)
        assert larger.exit_code == 0, larger.out + larger.err
        other = run_judge(*options, "--rule", "CONN-7", env=CREDENTIALS)
    assert other.exit_code == 0, "of what few cases heard, nothing follows for the rest"


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
            "CMD-5",
            "UNSUB-1",
            "UNSUB-2",
            "UNSUB-3",
            "ERR-1",
            "END-1",
            "CONN-8",
        ),
    }
