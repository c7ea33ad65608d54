"""Reports of every kind, drawn from results that mean harm."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.contract_suite.judging import CREDENTIALS, RunningHub, run_judge

from eventshub_contract.bundle import Rule, load
from eventshub_contract.errors import UsageError
from eventshub_contract.reports import FORMATS, orders, printed, write_files
from eventshub_contract.results import Results
from eventshub_contract.traffic import Traffic
from eventshub_contract.verdicts import CaseResult, Place, RuleResult, Verdict

HOSTILE = "</pre><script>alert('x')</script>\x00\x1b[31m|`` ```\n::error::injected]]>%0A"


def results(**changes: object) -> Results:
    def rule(number: int, level: str = "MUST") -> Rule:
        return Rule(
            id=f"X-{number}",
            title=f"rule {number} {HOSTILE}",
            statement=f"What {HOSTILE} says.",
            guide=("4", "12"),
            level="SHOULD" if level == "SHOULD" else "MUST",
            binds="hub",
        )

    place = Place("docs/a page.md", 7)
    talk = (f"   0.001 #1 > {HOSTILE}", "   0.002 #1 < came", "   0.003 #1 - note", "no line of ours")
    traffic = Traffic(load())
    traffic.of("some case").welcome()
    traffic.of("some case").answered("POST", "/prefix/v1/ws/unsubscribe", 200)
    everything: dict[str, object] = {
        "bundle": load(),
        "subject": "hub",
        "target": f"http://hub.example/{HOSTILE}",
        "rules": [
            RuleResult(rule(1), (CaseResult("holds", ("X-1",), Verdict.PASS),)),
            RuleResult(
                rule(2),
                (
                    CaseResult("broken", ("X-2",), Verdict.FAIL, HOSTILE, talk),
                    CaseResult("in a file", ("X-2",), Verdict.FAIL, "found", place=place, says="the spec"),
                    CaseResult("known", ("X-2",), Verdict.ACCEPTED, "found", accepted="because (until then)"),
                ),
            ),
            RuleResult(rule(3, "SHOULD"), (CaseResult("mild", ("X-3",), Verdict.FAIL, "missed"),)),
            RuleResult(rule(4), (CaseResult("dice", ("X-4",), Verdict.UNSTEADY, "once so"),)),
            RuleResult(rule(5), (), "nobody gave one"),
        ],
        "seconds": 1.5,
        "replay": "eventshub-contract hub --url URL",
        "traffic": traffic,
        "notes": [f"not given {HOSTILE}"],
        "problems": ["stale: something"],
        **changes,
    }
    return Results(**everything)  # type: ignore[arg-type]  # the test's own names, checked by running


class Page(HTMLParser):
    """What a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [str(value) for name, value in attrs if name in {"src", "href", "action", "data"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_runs_nothing_and_loads_nothing() -> None:
    text = FORMATS["html"](results())
    page = Page(text)
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(page.tags)
    assert page.links == []
    assert "default-src 'none'" in text
    assert "url(" not in text
    assert "@import" not in text


def test_the_page_shows_rules_conversations_and_coverage() -> None:
    page = Page(FORMATS["html"](results()))
    assert page.text.count("alert('x')") > 3, "shown as text"
    for words in ("X-2", "guide section 4, 12", "the spec", "because (until then)", "nobody gave one"):
        assert words in page.text
    assert "eventshub-contract hub --url URL --case broken" in page.text
    assert page.tags.count("li") >= 4
    assert "POST /v1/ws/unsubscribe 200" in page.text
    assert "hub-to-client" in page.text
    assert "1 of 37 messages" in page.text


def test_the_page_is_for_dark_and_light() -> None:
    text = FORMATS["html"](results())
    assert "color-scheme: light dark" in text
    assert 'lang="en"' in text


def test_a_long_conversation_keeps_its_beginning_and_its_end() -> None:
    talk = tuple(f"{number / 1000:8.3f} #1 > line {number}." for number in range(2000))
    rule = RuleResult(load().hub_rules["CONN-7"], (CaseResult("long", ("CONN-7",), Verdict.FAIL, "x", talk),))
    text = FORMATS["html"](results(rules=[rule]))
    for words in ("line 0.", "line 1999.", "1700 lines are left out here"):
        assert words in text
    assert "line 1000." not in text


def test_a_strict_run_fails_for_what_is_only_recommended() -> None:
    mild = RuleResult(
        results().rules[2].rule, (CaseResult("mild", ("X-3",), Verdict.FAIL, "missed"),), is_strict=True
    )
    strictly = results(rules=[mild], problems=[])
    assert strictly.exit_code == 1
    assert list(ET.fromstring(FORMATS["junit"](strictly)).iter("failure"))
    assert json.loads(FORMATS["sarif"](strictly))["runs"][0]["results"][0]["level"] == "error"
    assert FORMATS["github"](strictly).startswith("::error ")


def test_findings_of_one_document_are_told_apart_in_sarif_from_run_to_run() -> None:
    def fingerprints(*messages: str) -> list[str]:
        cases = tuple(CaseResult("p.md:1", ("X-2",), Verdict.FAIL, each, subject="p.md") for each in messages)
        text = FORMATS["sarif"](results(rules=[RuleResult(results().rules[1].rule, cases)]))
        found = json.loads(text)["runs"][0]["results"]
        return [each["partialFingerprints"]["case/v1"] for each in found if "partialFingerprints" in each]

    one, another = fingerprints("late by 3 ms", "wrong")
    assert one != another
    assert fingerprints("late by 4 ms") == [one]


def test_every_report_shows_the_example_of_a_finding() -> None:
    case = CaseResult("c", ("X-2",), Verdict.FAIL, "what", example="in some case; came: this")
    shown = results(rules=[RuleResult(results().rules[1].rule, (case,))])
    for kind, report in FORMATS.items():
        assert "in some case; came: this" in report(shown), kind


def test_junit_is_xml_and_counts() -> None:
    root = ET.fromstring(FORMATS["junit"](results()))
    suites = {str(suite.get("name")).split()[0]: suite for suite in root}
    assert {name: suite.get("failures") for name, suite in suites.items()} == {
        "X-1": "0",
        "X-2": "2",
        "X-3": "0",
        "X-4": "1",
        "X-5": "0",
        "baseline": "1",
    }
    (failure, *_) = suites["X-2"].iter("failure")
    assert "replay: eventshub-contract hub --url URL --case broken" in str(failure.text)
    skipped = [str(each.get("message")) for each in root.iter("skipped")]
    assert skipped == [
        "accepted: because (until then); found",
        "lenient: missed",
        "nobody gave one",
    ]


def test_sarif_has_a_place_and_a_suppression() -> None:
    (run,) = json.loads(FORMATS["sarif"](results()))["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["X-1", "X-2", "X-3", "X-4", "X-5"]
    levels = [(found["ruleId"], found["level"]) for found in run["results"]]
    assert levels == [
        ("X-2", "error"),
        ("X-2", "error"),
        ("X-2", "error"),
        ("X-3", "warning"),
        ("X-4", "error"),
        ("baseline", "error"),
    ]
    place = run["results"][1]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "docs/a%20page.md"}, "region": {"startLine": 7}}
    assert run["results"][2]["suppressions"] == [
        {"kind": "external", "justification": "because (until then)"}
    ]


def test_github_annotates_a_line_each_and_nothing_is_injected() -> None:
    lines = FORMATS["github"](results()).splitlines()
    assert all(line.startswith(("::error ", "::warning ", "::notice ", "hub: ")) for line in lines), lines
    assert lines[1].startswith("::error file=docs/a page.md,line=7,title=X-2 fail%3A")
    assert [line.split(" ")[0] for line in lines] == [
        *("::error", "::error", "::notice", "::warning", "::error", "::error", "hub:")
    ]


def test_markdown_escapes_and_fences() -> None:
    text = FORMATS["markdown"](results())
    outside = re.sub(r"^(`{3,})\w*\n.*?\n\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert "<script" not in outside.replace("\\<", "")
    assert "| X-1 | ✅ pass | 1/1 |" in text
    assert "docs/a page.md:7" in text


def test_json_has_everything() -> None:
    report = json.loads(FORMATS["json"](results()))
    assert report["exit_code"] == 1
    assert report["baseline"] == ["stale: something"]
    case = report["rules"][1]["cases"][1]
    assert (case["file"], case["line"], case["says"]) == ("docs/a page.md", 7, "the spec")
    welcome = {"name": "Welcome", "direction": "hub-to-client", "met": 1, "cases": ["some case"]}
    assert welcome in report["coverage"]


def test_a_finding_for_two_rules_is_shown_once() -> None:
    case = CaseResult("both", ("CONN-6", "CONN-7"), Verdict.FAIL, "for two rules")
    rules = [RuleResult(load().hub_rules[rule], (case,)) for rule in case.rules]
    assert FORMATS["text"](results(rules=rules)).count("for two rules") == 1


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["pdf=x"], "there is no such report; there are text, json, junit"),
        (["html=no-such-folder/x.html"], "cannot be written"),
        (["json", "markdown"], "only one goes to the standard output"),
    ],
)
def test_reports_that_cannot_be(asked: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        orders(asked)


def test_files_beside_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    asked = orders([f"{kind}={tmp_path / kind}" for kind in FORMATS])
    write_files(results(), asked)
    assert {path.name for path in tmp_path.iterdir()} == {*FORMATS, "summary.md"}
    shown = printed(results(), asked)
    assert "\nRULE     VERDICT      JUDGED  TITLE\n" in shown
    assert "\x1b" not in shown, "nothing that came may command the terminal"


def test_reports_of_a_run(tmp_path: Path, hub: RunningHub) -> None:
    words = [
        word for kind in ("html", "junit", "sarif") for word in ("--report", f"{kind}={tmp_path / kind}")
    ]
    judged = run_judge("hub", "--url", hub.url, "--fast", "--rule", "CONN-7", *words, env=CREDENTIALS)
    assert judged.exit_code == 0, judged.err
    assert "CONN-7   pass         1/1" in judged.out
    assert "GET /v1/ws/subscribe 426" in (tmp_path / "html").read_text()
    assert ET.fromstring((tmp_path / "junit").read_text()).get("name")
    assert json.loads((tmp_path / "sarif").read_text())["version"] == "2.1.0"
