"""Postman collections and OpenAPI documents of others, and how the judge of documents is held."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.contract_suite.judging import ROOT, Judgement

from eventshub_contract.bundle import load
from eventshub_contract.cli import main
from eventshub_contract.documents.judge import judge_documents
from eventshub_contract.documents.log import Log
from eventshub_contract.documents.openapi import check_service_document
from eventshub_contract.documents.options import DocumentSettings
from eventshub_contract.documents.page import parse
from eventshub_contract.documents.postman import check_collection
from eventshub_contract.documents.shapes import Shapes
from eventshub_contract.errors import UsageError

Run = Callable[..., Judgement]

CLIENT_ID = "b6928d12-c836-4efc-98f1-3220db691900"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line, without the time that a process takes to start."""
    monkeypatch.delenv("EVENTS_HUB_URL", raising=False)

    def run_docs(*arguments: str) -> Judgement:
        code = main(["docs", *arguments])
        said = capsys.readouterr()
        return Judgement(code, said.out, said.err)

    return run_docs


COLLECTION: dict[str, Any] = {
    "info": {"name": "Service"},
    "item": [
        {"name": "Something else", "request": {"method": "GET", "url": "{{base}}/api/v1/machines"}},
        {
            "name": "Events Hub",
            "item": [
                {
                    "name": "Unsubscribe",
                    "request": {
                        "method": "POST",
                        "url": {"raw": "{{base}}/v1/ws/unsubscribe"},
                        "header": [{"key": "Authorization", "value": "Bearer {{token}}"}],
                        "body": {
                            "mode": "raw",
                            "raw": '{"client_id": "{{client_id}}", "event_types": ["pdfm"]}',
                        },
                    },
                    "response": [{"code": 404, "body": '{"code": 404, "message": "there is none"}'}],
                },
                {
                    "name": "Subscribe",
                    "request": {"method": "GET", "url": "wss://{{host}}/v1/ws/subscribe?event_types=pdfm"},
                },
            ],
        },
    ],
}


COLLECTION_TEXT = json.dumps(COLLECTION, indent=1)


def found_in_collection(old: str = "", new: str = "") -> list[str]:
    assert old in COLLECTION_TEXT
    log = Log(load())
    check_collection("c.json", COLLECTION_TEXT.replace(old, new), log)
    assert len(log.results) > 1
    return [f"{result.place}: {result.message}" for result in log.results if result.verdict == "fail"]


def test_a_right_collection_has_no_finding() -> None:
    assert found_in_collection() == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ('"POST"', '"DELETE"', "has no method DELETE"),
        ("/v1/ws/unsubscribe", "/v1/ws/leave", "no path /v1/ws/leave"),
        ('\\"event_types\\"', '\\"types\\"', '"event_types" is a required property'),
        ('"raw": "{\\"client', '"text": "{\\"client', "there is no body"),
        ('"Authorization"', '"Autorization"', "did you mean authorization?"),
        ('"code": 404,\n', '"code": 402,\n', "a saved response has status 402"),
        ('\\"code\\": 404', '\\"status\\": 404', '"code" is a required property'),
    ],
)
def test_what_is_wrong_in_a_collection(old: str, new: str, finding: str) -> None:
    (found, *_) = found_in_collection(old, new)
    assert found.startswith("c.json:"), found
    assert "Unsubscribe: " in found
    assert finding in found
    line = int(found.split(":")[1])
    assert '"name": "Unsubscribe"' in COLLECTION_TEXT.splitlines()[line - 1]


SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "basePath": "/api",
    "paths": {
        "/v1/machines": {"get": {"responses": {"200": {}}}},
        "/v1/ws/unsubscribe": {
            "post": {
                "parameters": [{"in": "body", "name": "r", "schema": {"$ref": "#/definitions/Request"}}],
                "responses": {
                    "200": {"schema": {"$ref": "#/definitions/Result"}},
                    "401": {"schema": {"properties": {"error": {"type": "string"}}}},
                },
            }
        },
    },
    "definitions": {
        "Request": {"properties": {"client_id": {"type": "integer"}, "types": {"type": "array"}}},
        "Result": {"properties": {"code": {"type": "integer"}, "message": {"type": "string"}}},
    },
}


def test_a_document_of_a_service_that_differs(tmp_path: Path) -> None:
    source = json.dumps(SWAGGER, indent=1)
    log = Log(load())
    check_service_document((tmp_path / "swagger.json").as_posix(), source, log)
    found = [result.message for result in log.results if result.verdict == "fail"]
    for message in (
        "POST /v1/ws/unsubscribe: 400, 403, 404, 413, 415 is not documented",
        "the request POST /v1/ws/unsubscribe: there is no field types",
        "the request POST /v1/ws/unsubscribe: the field event_types is not documented",
        "the request POST /v1/ws/unsubscribe: client_id is string, not integer",
        "POST /v1/ws/unsubscribe 401: there is no field error",
        "POST /v1/ws/unsubscribe 200: the field unsubscribed is not documented",
        "GET /v1/ws/subscribe is not documented",
    ):
        assert message in found, found
    (place,) = {r.place for r in log.results if "there is no field error" in r.message}
    assert place is not None
    assert source.splitlines()[place.line - 1].strip().startswith('"401"')


def test_our_own_collection_has_no_finding() -> None:
    log = Log(load())
    check_collection("collection.json", (ROOT / "docs/postman/collection.json").read_text(), log)
    assert [result.message for result in log.results if result.verdict != "pass"] == []
    assert len(log.results) >= len(load().rest)


def test_our_own_document_has_no_finding() -> None:
    log = Log(load())
    path = ROOT / "spec" / "events-hub.openapi.yaml"
    check_service_document(path.as_posix(), path.read_text(), log)
    assert [(result.message) for result in log.results if result.verdict != "pass"] == []
    assert len(log.results) == len(load().rest)


@pytest.mark.parametrize("text", ["[]", "{", "openapi: [", "{}"])
def test_what_is_no_document_of_a_service(text: str) -> None:
    with pytest.raises(UsageError, match="--openapi"):
        check_service_document("x.yaml", text, Log(load()))


@pytest.mark.parametrize("text", ["[]", "{", "{}"])
def test_what_is_no_collection(text: str) -> None:
    with pytest.raises(UsageError, match="--postman"):
        check_collection("x.json", text, Log(load()))


SHAPES: list[tuple[Any, str, str | None]] = [
    ({"type": "health", "message": "ping", "id": "1"}, "Response:", "Ping"),
    ({"event_type": "health", "message": "ping", "id": "1"}, "The command:", "Ping"),
    ({"event_type": "health", "message": "ping", "id": "1", "timestamp": "x"}, "", "HubPing"),
    ({"event_type": "system", "message": "client-id", "ref_id": "1"}, "", "ClientIdReply"),
    ({"event_type": "global", "message": "hi", "body": {"subscriptions": []}}, "", "Welcome"),
    ({"client_id": CLIENT_ID, "event_types": []}, "", "UnsubscribeRequest"),
    ({"code": 404, "message": "no"}, "", "ErrorResponse"),
    ({"unsubscribed": [], "remaining_subscriptions": []}, "", "UnsubscribeResult"),
    ([{"id": "x", "event_subscriptions": [], "is_alive": True}], "", "a list of Connection"),
    ({"notice": "refused", "channels": ["pdfm"]}, "", None),
    ({"type": "object", "message": "of another program"}, "", None),
    ({"name": "vm", "id": 3}, "", None),
    ([], "", None),
    (3, "", None),
]


@pytest.mark.parametrize(("value", "before", "name"), SHAPES)
def test_what_a_value_is_is_found_by_its_shape(value: Any, before: str, name: str | None) -> None:
    shape = Shapes(load()).of(value, before)
    assert (shape.name if shape else None) == name


def test_lines_are_those_of_the_file() -> None:
    page = parse(
        "p.md",
        "---\ntitle: x\n---\n\n# A\n\n- one `x`\n  two `y`\n\n1. three\n\n   ```json\n   {}\n   ```\n\n"
        "<!-- contract: ignore it is a bad example -->\n```json\n{\n```\n",
    )
    assert [block.line for block in page.blocks] == [13]
    assert [line for text in page.texts for _, line in text.spans] == [7, 8]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "no documents"),
        (["no-such.md"], "there is no file no-such.md"),
        (["README.md", "--hub-url", "nowhere"], "--hub-url"),
        (["README.md", "--rule", "DOC-99"], "--rule DOC-99"),
        (["README.md", "--case", "README.md:1"], "--case README.md:1"),
        (["README.md", "--baseline-update"], "--baseline FILE"),
        (["README.md", "--hub-url", "http://192.0.2.1:1"], "on this machine alone"),
    ],
)
def test_options_that_cannot_be(run: Run, arguments: list[str], words: str) -> None:
    judged = run(*[str(ROOT / word) if word == "README.md" else word for word in arguments])
    assert judged.exit_code == 4, judged.out + judged.err
    assert words.split(":", maxsplit=1)[0].split(" README", maxsplit=1)[0] in judged.err
    assert "Traceback" not in judged.err


def test_a_hub_that_is_not_there(run: Run) -> None:
    judged = run(str(ROOT / "README.md"), "--hub-url", "http://127.0.0.1:1", "--token", "x")
    assert judged.exit_code == 6
    assert "there is no hub to try" in judged.err


def test_a_finding_its_replay_and_its_baseline(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Ask `GET /v1/ws/statz` for numbers.\n")
    judged = run(str(page))
    assert judged.exit_code == 1
    assert f"{page}:1: FAIL DOC-2 (MUST, for documents): Names that are mentioned" in judged.out
    assert f"replay  eventshub-contract docs {page} --case {page}:1" in judged.out
    baseline = tmp_path / "accepted.toml"
    assert run(str(page), "--baseline", str(baseline), "--baseline-update").exit_code == 0
    page.write_text("A line before.\n\nAsk `GET /v1/ws/statz` for numbers.\n")
    accepted = run(str(page), "--baseline", str(baseline))
    assert accepted.exit_code == 0, "a line more does not make it new"
    assert "accepted" in accepted.out
    page.write_text("Nothing.\n`GET /v1/ws/stats` is there.\n")
    assert "stale" in run(str(page), "--baseline", str(baseline)).out


def test_the_handbook_covers_what_it_says() -> None:
    handbook = Path(__file__).parent / "corpus" / "handbook.md"
    results = judge_documents(DocumentSettings((handbook,)))
    met = {covered.name for covered in results.traffic.messages() if covered.met}
    assert met == {"Welcome", "VmStateChanged", "Ping", "Pong"}
