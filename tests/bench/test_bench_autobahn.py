"""What is made of the reports of the Autobahn test suite: verdicts, reasons, the page, the exit code."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from bench.autobahn.page import GROUPS, page, unaccepted
from bench.autobahn.suite import VERDICTS, Case, SuiteError, read_reports, suite_version, try_server

PAGE = Path(__file__).parents[2] / "docs" / "autobahn.md"


def reported(folder: Path, **cases: tuple[str, str]) -> list[Case]:
    """Read a report with these cases, underscores for dots, each with its behaviour and its closing."""
    content = {
        number.strip("_").replace("_", "."): {"behavior": behaviour, "behaviorClose": closing}
        for number, (behaviour, closing) in cases.items()
    }
    (folder / "index.json").write_text(json.dumps({"server": content}))
    return read_reports(folder, "server")


def row(text: str, name: str) -> list[str]:
    """The cells of a row of a table, but for its name."""
    found = re.search(rf"^\| {re.escape(name)} \|(.*)\|$", text, re.MULTILINE)
    assert found, text
    return [cell.strip() for cell in found[1].split("|")]


def test_the_worse_of_behaviour_and_closing_is_the_verdict(tmp_path: Path) -> None:
    cases = reported(
        tmp_path,
        _1_1=("OK", "OK"),
        _1_2=("OK", "INFORMATIONAL"),
        _1_3=("NON-STRICT", "OK"),
        _1_4=("OK", "FAILED"),
        _1_5=("UNIMPLEMENTED", "OK"),
        _1_6=("INFORMATIONAL", "NON-STRICT"),
    )
    assert [case.verdict for case in cases] == [
        *("passed", "informational", "non-strict", "failed", "failed", "informational")
    ]
    assert cases[3].finding == "behaviour OK, close FAILED"


def test_cases_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    cases = reported(tmp_path, _10_1_1=("OK", "OK"), _9_10=("OK", "OK"), _9_2=("OK", "OK"))
    assert [(case.number, case.group) for case in cases] == [("9.2", "9"), ("9.10", "9"), ("10.1.1", "10")]


def test_no_report_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="no report of server"):
        read_reports(tmp_path, "server")
    reported(tmp_path, _1_1=("OK", "OK"))
    with pytest.raises(SuiteError, match="no report of another"):
        read_reports(tmp_path, "another")


def test_the_page_counts_by_group_and_says_why() -> None:
    hub = [
        Case("6.4.1", "non-strict", ""),
        Case("6.4.2", "non-strict", ""),
        Case("6.5", "passed", ""),
        Case("7.1.6", "informational", ""),
        Case("9.1", "failed", "behaviour FAILED, close OK"),
    ]
    text = page("25.10.1", hub, {"websockets": [Case("7.1.5", "failed", "")]})
    of_hub, of_client = text.split("## The client with websockets")
    assert row(of_hub, "6 UTF-8") == ["1", "2", "0", "0"]
    assert row(of_hub, "all") == ["1", "2", "1", "1"]
    assert row(of_hub, "6.4.1, 6.4.2")[1].startswith("Text is checked when its message is complete")
    assert row(of_hub, "9.1") == ["failed", "Not looked into yet: behaviour FAILED, close OK."]
    assert row(of_client, "7.1.5")[1].startswith("The library answers a close frame")
    assert "version 25.10.1 of the suite" in text


@pytest.mark.parametrize(
    ("who", "number", "verdict", "may"),
    [
        ("hub", "6.3.1", "failed", False),
        ("hub", "6.3.1", "non-strict", True),
        ("websockets", "6.3.1", "failed", False),
        ("websockets", "7.1.5", "failed", True),
        ("websockets", "7.1.50", "failed", False),
        ("picows", "7.1.5", "failed", False),
        ("picows", "9.1", "failed", False),
    ],
)
def test_what_may_fail(who: str, number: str, verdict: str, may: bool) -> None:
    case = Case(number, next(v for v in VERDICTS if v == verdict), "")
    assert unaccepted(who, [case]) == ([] if may else [case])


def test_the_page_that_is_committed_has_no_failure_of_the_hub_and_a_reason_for_each_of_others() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.startswith(page("", [], {}).split("| group |")[0])
    assert "Not looked into yet" not in text
    of_hub = text.split("## The client")[0]
    for number, name in GROUPS.items():
        passed, *_, failed = row(of_hub, f"{number} {name}")
        assert (int(passed) > 0, failed) == (True, "0")


def wstest(folder: Path, program: str) -> Path:
    """A program in the place of the suite's."""
    file = folder / "wstest"
    file.write_text(f"#!{sys.executable}\nimport json, pathlib, sys\n{program}\n")
    file.chmod(0o755)
    return file


async def test_the_suite_is_told_what_to_try_and_its_report_is_read(tmp_path: Path) -> None:
    program = """\
spec = json.loads(pathlib.Path(sys.argv[4]).read_text())
assert sys.argv[1:4] == ["-m", "fuzzingclient", "-s"]
assert spec["servers"] == [{"agent": "server", "url": "ws://hub"}]
assert spec["exclude-cases"] == ["12.*", "13.*"]
report = {"server": {"1.1": {"behavior": "OK", "behaviorClose": "OK"}}}
pathlib.Path(spec["outdir"], "index.json").write_text(json.dumps(report))
"""
    (case,) = await try_server(wstest(tmp_path, program), "ws://hub")
    assert (case.number, case.verdict) == ("1.1", "passed")


async def test_a_suite_that_fails_or_reports_nothing_is_an_error_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="no such case"):
        await try_server(wstest(tmp_path, "sys.exit('no such case')"), "ws://hub")
    with pytest.raises(SuiteError, match="no report"):
        await try_server(wstest(tmp_path, ""), "ws://hub")


async def test_the_version_is_the_last_word(tmp_path: Path) -> None:
    assert await suite_version(wstest(tmp_path, "print('Autobahn 25.10.1')")) == "25.10.1"
