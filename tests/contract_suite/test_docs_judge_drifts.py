"""One edit in a copy of docs, spec or hub: each is found, with file and line. Without it nothing is."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.contract_suite.faulty_hub import FAULTS
from tests.contract_suite.identities import TOKEN
from tests.contract_suite.judging import ROOT, RunningHub, faulty_hub, running_hub

from eventshub_contract.documents.judge import judge_documents
from eventshub_contract.documents.options import DocumentSettings
from eventshub_contract.target import hub_target
from eventshub_contract.verdicts import CaseResult

HANDBOOK = Path(__file__).parent / "corpus" / "handbook.md"


def own_documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return [ROOT / name for name in listed if (ROOT / name).exists()]


def findings(
    files: Sequence[Path], *, bundle: Path | None = None, hub: RunningHub | None = None
) -> list[CaseResult]:
    target = replace(hub_target(hub.url, TOKEN), patience=2) if hub else None
    results = judge_documents(DocumentSettings(tuple(files), bundle=bundle, hub=target))
    return [case for case in results.cases if case.verdict == "fail"]


@dataclass(frozen=True)
class Drift:
    """An edit, and what has to be found."""

    old: str
    new: str
    rule: str
    found: str
    at: str = ""
    """Begins the line on which it is found; empty: the line that was edited."""

    def __str__(self) -> str:
        return f"{self.old.strip()[:30]} to {self.new.strip()[:30]}"


IN_DOCS = (
    Drift('"previous_state": "stopped"', '"previous": "stopped"', "DOC-1", "previous_state", "{"),
    Drift('"current_state": "running"', '"current_state": "runing"', "DOC-1", "'runing' is none of"),
    Drift(
        '"message": "pong"', '"message": "pnog"', "DOC-1", "the message health pnog is in no document", "{"
    ),
    Drift('"timestamp": "2026-03-10T15:58:01Z"', '"timestamp": "10 March"', "DOC-1", "at timestamp"),
    Drift('"ping", "id": "p-1"', '"pin", "id": "p-1"', "DOC-1", "command health pin is in no document"),
    Drift('"remaining_subscriptions":', '"remaining":', "DOC-1", "remaining_subscriptions", "{"),
    Drift('"event_types": ["pdfm"]', '"event_types": "pdfm"', "DOC-1", "at event_types"),
    Drift("| `orchestrator` |", "| `orchestration` |", "DOC-2", "no channel orchestration"),
    Drift("GET /v1/ws/stats", "GET /v1/ws/statistics", "DOC-2", "there is no path /v1/ws/statistics"),
    Drift("`POST /v1/ws/unsubscribe` answers", "`PUT /v1/ws/unsubscribe` answers", "DOC-2", "no method PUT"),
    Drift("a `VmStateChanged`:", "a `VmStateChange`:", "DOC-2", "did you mean VmStateChanged?"),
    Drift("`X-Forwarded-For` counts", "`X-Forward-For` counts", "DOC-2", "did you mean x-forwarded-for?"),
    Drift("protocol CONN-6", "protocol CONN-66", "DOC-2", "there is no rule CONN-66"),
    Drift("`404 Not Found`", "`402 Payment Required`", "DOC-3", "is not documented to answer 402"),
    Drift("`401 Unauthorized`", "`401 Forbidden`", "DOC-3", "status 401 is Unauthorized, not Forbidden"),
    Drift("channels are left out", "channels are an error", "DOC-4", "described in two ways", "You cannot"),
    Drift("additional_headers={", "extra_headers={", "DOC-5", "takes no argument `extra_headers`"),
    Drift('# e.g. "wss://hub', '# e.g. "https://hub', "DOC-5", "takes no https:// URL"),
    Drift("// e.g. wss://hub", "// e.g. https://hub", "DOC-5", "gorilla/websocket dials no https://"),
    Drift("event.message === 'ping'", "event.message === 'png'", "DOC-5", "no message is called png"),
    Drift('websocat "wss://', 'websocat "https://', "DOC-6", "takes ws:// and wss:// URLs alone"),
    Drift('event_types=pdfm" -H "Auth', 'event_types=pdfm" -H "X-Auth', "DOC-6", "needs a credential"),
    Drift("Hub-->>App: 101 Switching", "App->>Hub: 101 Switching", "DOC-7", "a status is an answer"),
    Drift("Hub-->>App: pong", "App->>Hub: pong", "DOC-7", "that is a reply of the hub"),
)


def test_own_documents_have_no_finding() -> None:
    files = own_documents()
    assert len(files) > 10
    assert [f"{case.place}: {case.message}" for case in findings(files)] == []


@pytest.mark.parametrize("drift", IN_DOCS, ids=str)
def test_an_edit_in_a_copy_of_the_docs_is_found(drift: Drift, tmp_path: Path) -> None:
    source = HANDBOOK.read_text()
    assert source.count(drift.old) == 1, "an edit is one edit"
    copy = tmp_path / "handbook.md"
    copy.write_text(source.replace(drift.old, drift.new))
    found = findings([copy])
    assert found, "nothing"
    lines = copy.read_text().splitlines()
    matching = [case for case in found if case.rules == (drift.rule,) and drift.found in case.message]
    assert matching, [(case.rules, case.message) for case in found]
    place = matching[0].place
    assert place is not None
    assert place.file == copy.as_posix()
    expected = drift.at or drift.new.split("\n")[0]
    assert lines[place.line - 1].startswith(expected) if drift.at else expected in lines[place.line - 1]


IN_SPEC = (
    ("spec/schemas/pdfm.yaml", "previous_state", "former_state", "VmStateChanged breaks its schema", "{"),
    (
        "spec/events-hub.asyncapi.yaml",
        "const: pong",
        "const: pang",
        "the message health pong is in no document",
        "{",
    ),
    (
        "spec/events-hub.openapi.yaml",
        "/v1/ws/stats:",
        "/v1/ws/numbers:",
        "there is no path /v1/ws/stats",
        "`POST",
    ),
)


@pytest.mark.parametrize(("file", "old", "new", "found", "line"), IN_SPEC, ids=lambda value: str(value)[:20])
def test_an_edit_in_a_copy_of_the_spec_is_found(
    file: str, old: str, new: str, found: str, line: str, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "spec", tmp_path / "spec", ignore=shutil.ignore_patterns("examples", "baseline"))
    edited = tmp_path / file
    assert old in edited.read_text()
    edited.write_text(edited.read_text().replace(old, new))
    (tmp_path / "eventshub-codegen.toml").write_text(
        '[spec]\nasyncapi = "spec/events-hub.asyncapi.yaml"\nopenapi = "spec/events-hub.openapi.yaml"\n'
        'rules = "spec/rules.yaml"\n[[target]]\nname = "contract-bundle"\nout = "out"\n'
    )
    command = [sys.executable, "-m", "eventshub_codegen", "generate"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False)
    bundle = tmp_path / "out" / "bundle.json"
    assert bundle.exists(), made.stdout + made.stderr
    assert json.loads(bundle.read_text())["rules"]
    places = [case.place for case in findings([HANDBOOK], bundle=bundle) if found in case.message]
    assert places
    assert places[0] is not None
    assert HANDBOOK.read_text().splitlines()[places[0].line - 1].startswith(line)


IN_HUB = (
    ("BearerUnknownToStats", "GET /v1/ws/stats was answered 401", "`POST /v1/ws/unsubscribe`"),
    ("FieldMissingFromNumbers", '"uptime" is a required property', "`POST /v1/ws/unsubscribe`"),
)


@pytest.mark.parametrize(("fault", "found", "line"), IN_HUB, ids=[row[0] for row in IN_HUB])
def test_an_edit_in_a_hub_is_found(
    fault: str, found: str, line: str, tmp_path: Path, hub: RunningHub
) -> None:
    assert fault in FAULTS
    with faulty_hub(tmp_path, hub, fault) as faulty:
        cases = [case for case in findings([HANDBOOK], hub=faulty) if found in case.message]
    assert cases
    place = cases[0].place
    assert place is not None
    assert HANDBOOK.read_text().splitlines()[place.line - 1].startswith(line)


def test_a_hub_that_answers_no_command_is_found(tmp_path: Path) -> None:
    with running_hub(tmp_path, "--fault", "missing-reply") as hub:
        cases = findings([HANDBOOK], hub=hub)
    lines = HANDBOOK.read_text().splitlines()
    assert [lines[case.place.line - 1] for case in cases if case.place and "no answer" in case.message] == [
        next(line for line in lines if line.startswith('{"event_type": "health", "type"'))
    ]


def test_a_faultless_hub_has_no_finding(tmp_path: Path) -> None:
    with running_hub(tmp_path) as hub:
        assert [case.message for case in findings([HANDBOOK], hub=hub)] == []
