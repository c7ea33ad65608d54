"""Rules and cases know of each other, both ways."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from tests.contract_suite.identities import TOKEN
from tests.contract_suite.judging import ROOT, Judgement, run_judge

import eventshub_contract
from eventshub_contract.bundle import load
from eventshub_contract.recorder import FINDING_RULES
from eventshub_contract.traceability import as_text, trace
from eventshub_contract.unjudged import UNJUDGED

PACKAGE = Path(eventshub_contract.__file__).parent
BUNDLE = PACKAGE / "_generated" / "bundle.json"
CASES = PACKAGE / "cases"


def test_every_rule_has_a_case_or_a_reason(whole_run: Judgement) -> None:
    rules = {rule["id"]: rule for rule in whole_run.report["rules"]}
    assert set(rules) == set(load().hub_rules)
    without_case = {rule for rule, entry in rules.items() if not entry["cases"]}
    assert without_case == set(UNJUDGED), "a rule without case needs a reason, and a reason no case"
    assert all(UNJUDGED.values())
    findings_alone = {
        rule
        for rule, entry in rules.items()
        if entry["cases"] and all(case["case"].startswith("test_all_that_came") for case in entry["cases"])
    }
    assert findings_alone == {"ERR-2"}, "what is judged only by what happens to come"
    assert set(FINDING_RULES) <= set(rules)


def test_nothing_leads_nowhere(whole_run: Judgement, tmp_path: Path) -> None:
    results = tmp_path / "hub.json"
    results.write_text(whole_run.out)
    found = trace(None, [results])
    assert found.holes == []
    assert set(found.rules) == {rule.id for rule in load().rules}
    assert found.sections["8"][:2] == ["AUTH-1", "UNSUB-1"]
    assert "hub:test_no_upgrade_asked_for" in found.rules["CONN-7"]
    assert found.cases["hub:test_no_upgrade_asked_for"] == ("CONN-7",)
    assert found.elements["GET /v1/ws/subscribe 426"]
    assert found.elements["VmAdded"] == ["test_every_event_of_the_documents_arrives_as_published"]
    assert "hole: " not in as_text(found)


def test_holes_are_red(tmp_path: Path) -> None:
    bundle = json.loads(BUNDLE.read_text())
    for rule in bundle["rules"]:
        if rule["id"] == "CONN-7":
            rule.update(id="CONN-99", guide=["14"])
    changed = tmp_path / "bundle.json"
    changed.write_text(json.dumps(bundle))
    (tmp_path / "empty.json").write_text('{"coverage": []}')
    results = ["--results", str(tmp_path / "empty.json")]
    judged = run_judge("coverage", "--bundle", str(changed), *results)
    assert judged.exit_code == 1
    for hole in (
        "CONN-99 binds a hub, and no case judges it",
        "the case hub:test_no_upgrade_asked_for names no rule that binds a hub: CONN-7",
        "VmAdded is met in no case",
        "GET /v1/ws/subscribe 426 is met in no case",
        "unsubscribe is met in no case",
    ):
        assert f"hole: {hole}" in judged.out


def test_a_case_whose_rule_is_gone_is_an_error(tmp_path: Path) -> None:
    bundle = json.loads(BUNDLE.read_text())
    bundle["rules"] = [rule for rule in bundle["rules"] if rule["id"] != "CONN-7"]
    without = tmp_path / "bundle.json"
    without.write_text(json.dumps(bundle))
    judged = run_judge("--hub-url", "http://127.0.0.1:1", "--token", TOKEN, "--bundle", str(without))
    assert judged.exit_code == 4
    assert "test_no_upgrade_asked_for" in judged.err
    assert "CONN-7" in judged.err


def test_a_rule_that_binds_clients_alone_has_no_case() -> None:
    clients = {rule.id for rule in load().rules if rule.binds == "client"}
    assert clients
    assert not clients & set(load().hub_rules)


def test_the_bundle_has_every_counterexample_of_the_documents() -> None:
    for message in load().messages:
        files = sorted((ROOT / "spec" / "examples" / "invalid" / message.name).glob("*.json"))
        assert files, message.name
        assert list(message.counterexamples) == [json.loads(file.read_text()) for file in files]


def test_every_assertion_of_a_case_says_what_was_found() -> None:
    silent = [
        f"{path.name}:{node.lineno}"
        for path in CASES.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assert) and node.msg is None
    ]
    assert silent == []
