"""The report: evidence that a person can follow, and a command that shows it again."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.contract_suite.judging import (
    CREDENTIALS,
    SCRIPTS,
    RunningHub,
    environment,
    faulty_hub,
    judge,
    run_judge,
)

from eventshub_contract.bundle import load


def test_evidence_of_a_broken_rule(tmp_path: Path, hub: RunningHub) -> None:
    with faulty_hub(tmp_path, hub, "UpgradeNotAskedFor") as faulty:
        judged = run_judge("--hub-url", faulty.url, "--fast", "--rule", "CONN-7", env=CREDENTIALS)
    assert judged.exit_code == 1
    report = judged.out
    rule = load().hub_rules["CONN-7"]
    assert "CONN-7   fail         0/1" not in report
    assert "CONN-7   fail         1/1     Subscribe without an upgrade" in report
    assert "FAIL CONN-7 (MUST, the guide is silent): Subscribe without an upgrade" in report
    assert rule.statement.split(".")[0][:60] in report, "what the rule says"
    assert "found   subscribe without an upgrade was answered 400, not 426" in report
    assert "> GET /v1/ws/subscribe (the token)" in report, "what was sent"
    assert '< HTTP 400 {"code": 400' in report, "what came"
    assert (
        f"replay  eventshub-contract hub --url {faulty.url} --fast --case test_no_upgrade_asked_for" in report
    )


def test_a_rule_with_a_guide_section_names_it(tmp_path: Path, hub: RunningHub) -> None:
    with faulty_hub(tmp_path, hub, "AddressNotNamed") as faulty:
        judged = run_judge("--hub-url", faulty.url, "--fast", "--rule", "IP-1", env=CREDENTIALS)
    assert "FAIL IP-1 (MUST, guide section 3, 9, 10)" in judged.out


def test_the_replay_command_shows_the_same_finding(tmp_path: Path, hub: RunningHub) -> None:
    with faulty_hub(tmp_path, hub, "QueryParameterUnknown") as faulty:
        judged = judge(faulty, "--rule", "AUTH-3")
        (rule,) = judged.report["rules"]
        (case, *_) = [case for case in rule["cases"] if case["verdict"] == "fail"]
        again = subprocess.run(
            ["sh", "-c", case["replay"] + " --json"],
            env=environment({**CREDENTIALS, "PATH": f"{SCRIPTS}:{environment()['PATH']}"}),
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
    assert again.returncode == 1, again.stderr
    assert case["case"] in again.stdout
    assert case["message"] in again.stdout.replace('\\"', '"')


def test_what_is_selected_is_all_that_is_reported(hub: RunningHub) -> None:
    judged = judge(hub, "--rule", "CONN-4", "--case", "test_no_upgrade_asked_for")
    assert judged.verdicts == {"CONN-4": "pass", "CONN-7": "pass"}


def test_json_tells_a_machine_all_of_it(hub: RunningHub) -> None:
    report = judge(hub, "--rule", "CONN-7").report
    assert report["hub_url"] == hub.url
    assert report["judged_by"] == {"title": load().title, "version": load().version}
    assert report["summary"] == {"pass": 1}
    (rule,) = report["rules"]
    (case,) = rule["cases"]
    assert (rule["id"], rule["level"], rule["guide"], rule["verdict"]) == ("CONN-7", "MUST", [], "pass")
    assert (case["case"], case["verdict"], case["message"]) == ("test_no_upgrade_asked_for", "pass", "")
    assert [line.split()[2] for line in case["conversation"]] == [">", "<"]


def test_a_finding_names_the_case_in_which_it_came(tmp_path: Path, hub: RunningHub) -> None:
    with faulty_hub(tmp_path, hub, "TimestampForgotten") as faulty:
        judged = judge(faulty, "--case", "test_every_event_of_the_documents_arrives_as_published")
    said = 'HostHealthUpdate breaks its schema at the top: "timestamp" is a required property'
    assert f"EVT-1 test_all_that_came_is_documented[EVT-1]: {said}" in judged.findings
    assert len(set(judged.findings)) == len(judged.findings), "each is told once"
    cases = [case for rule in judged.report["rules"] for case in rule["cases"]]
    (case,) = (case for case in cases if case["message"] == said)
    assert case["example"].startswith("in test_every_event_of_the_documents")
    again = judged.report["rules"][0]["cases"]
    assert {each["replay"].rpartition(" ")[2] for each in again if each["verdict"] == "fail"} == {
        "test_every_event_of_the_documents_arrives_as_published"
    }
