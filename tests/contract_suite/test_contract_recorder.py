"""What came is held against the documents, whichever case it came in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eventshub_contract.bundle import Json, load
from eventshub_contract.recorder import Answer, CaseLog, Recorder
from eventshub_contract.redaction import Secrets

WHO = "#1"
INCOMPLETE = (
    "POST /v1/ws/unsubscribe 200 breaks its schema at the top:"
    ' "remaining_subscriptions" is a required property'
)
CLIENT_ID = "4d0c8a52-6f1b-4c8e-9a37-b2e5d10f7c64"
ENVELOPE: dict[str, Json] = {"id": "e-1", "timestamp": "2026-03-10T15:57:21.271Z"}
REMOVED: dict[str, Json] = {
    **ENVELOPE,
    "event_type": "pdfm",
    "message": "VM_REMOVED",
    "body": {"vm_id": "vm-1"},
}
WELCOME: dict[str, Json] = {
    **ENVELOPE,
    "event_type": "global",
    "message": "hello",
    "body": {"client_id": CLIENT_ID, "subscriptions": ["pdfm", "global"]},
}


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(load(), Secrets(["s3cret-token"]))


@pytest.fixture
def log(recorder: Recorder) -> CaseLog:
    return recorder.log("some case")


def found(recorder: Recorder) -> list[tuple[str, str]]:
    return [(finding.rule, finding.what) for finding in recorder.findings]


def answer(status: int, value: Any, **headers: str) -> Answer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Answer(status, {"content-type": "application/json", **headers}, body)


def test_what_the_documents_allow_is_no_finding(recorder: Recorder, log: CaseLog) -> None:
    log.first_frame(WHO, json.dumps(WELCOME))
    log.frame(WHO, json.dumps(REMOVED))
    unsubscribe = recorder.bundle.endpoint("POST", "/v1/ws/unsubscribe")
    log.answer(WHO, unsubscribe, answer(404, {"code": 404, "message": "there is none"}))
    assert recorder.findings == []
    assert recorder.heard == {"CONN-6", "EVT-1", "ERR-1", "ERR-2"}


def test_keys_that_are_in_no_document(recorder: Recorder, log: CaseLog) -> None:
    log.first_frame(WHO, json.dumps({**WELCOME, "body": {**WELCOME["body"], "region": "eu"}}))
    log.frame(WHO, json.dumps({**REMOVED, "more": 1, "body": {"vm_id": "vm-1", "more": 2}}))
    unsubscribe = recorder.bundle.endpoint("POST", "/v1/ws/unsubscribe")
    refused = [{"event_type": name, "reason": "unknown", "hint": "none"} for name in ("one", "two")]
    done = {"code": 200, "message": "done", "unsubscribed": ["pdfm"], "remaining_subscriptions": ["global"]}
    log.answer(WHO, unsubscribe, answer(200, {**done, "refused": refused}))
    log.answer(WHO, unsubscribe, answer(404, {"code": 404, "message": "there is none", "trace": "t"}))
    assert {(finding.rule, finding.what) for finding in recorder.findings} == {
        ("CONN-6", "the welcome has what is in no document at body.region: there is no such key"),
        ("EVT-1", "VmRemoved has what is in no document at more: there is no such key"),
        ("EVT-1", "VmRemoved has what is in no document at body.more: there is no such key"),
        (
            "UNSUB-1",
            "POST /v1/ws/unsubscribe 200 has what is in no document at refused.*.hint: there is no such key",
        ),
        ("ERR-1", "an error has what is in no document at trace: there is no such key"),
    }
    assert not any(finding.is_mild for finding in recorder.findings)


def test_a_further_value_of_an_open_enumeration_is_a_mild_finding(recorder: Recorder, log: CaseLog) -> None:
    body = {"vm_id": "vm-1", "previous_state": "running", "current_state": "hovering"}
    log.frame(WHO, json.dumps({**REMOVED, "message": "VM_STATE_CHANGED", "body": body}))
    (finding,) = recorder.findings
    assert finding.what.startswith(
        "VmStateChanged has what is in no document at body.current_state: 'hovering' is none of "
    )
    assert finding.is_mild


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("no JSON", "a frame that is no JSON object"),
        ("[1]", "a frame that is no JSON object"),
        ("[" * 100_000, "a frame that is no JSON object"),
        (
            json.dumps({**REMOVED, "message": "VM_EXPLODED"}),
            "a message that is in no document: event_type 'pdfm', message 'VM_EXPLODED'",
        ),
        (
            json.dumps({**REMOVED, "event_type": "health"}),
            "a message that is in no document: event_type 'health', message 'VM_REMOVED'",
        ),
        (
            json.dumps({**REMOVED, "event_type": ["pdfm"]}),
            "a message that is in no document: event_type ['pdfm'], message 'VM_REMOVED'",
        ),
        (
            json.dumps({**REMOVED, "body": {"vm_id": 7}}),
            'VmRemoved breaks its schema at body.vm_id: it is not of type "string"',
        ),
        (
            json.dumps({**REMOVED, "timestamp": "2026-03-10T15:57:21+01:00"}),
            "VmRemoved breaks its schema at timestamp: ",
        ),
    ],
)
def test_frames_that_the_documents_do_not_allow(
    recorder: Recorder, log: CaseLog, text: str, what: str
) -> None:
    log.frame(WHO, text)
    assert [rule for rule, _ in found(recorder)] == ["EVT-1"]
    assert found(recorder)[0][1].startswith(what)
    assert recorder.findings[0].case == "some case"


def test_findings_of_one_kind_are_alike_and_show_what_came(recorder: Recorder, log: CaseLog) -> None:
    for number in (7, 8):
        log.frame(WHO, json.dumps({**REMOVED, "body": {"vm_id": number}}))
    first, second = recorder.findings
    assert first.what == second.what
    assert first.came.startswith("it is 7; {")
    assert second.came.startswith("it is 8; {")


def test_a_binary_frame(recorder: Recorder, log: CaseLog) -> None:
    log.binary_frame(WHO, 12)
    assert found(recorder) == [("EVT-1", "a binary frame")]


def test_a_welcome_without_client_id(recorder: Recorder, log: CaseLog) -> None:
    log.first_frame(WHO, json.dumps({**WELCOME, "body": {"subscriptions": ["global"]}}))
    assert found(recorder) == [
        ("CONN-6", 'the welcome breaks its schema at body: "client_id" is a required property')
    ]


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (
            answer(418, {"code": 418, "message": "a teapot"}),
            ("ERR-1", "POST /v1/ws/unsubscribe answered with status 418, which is in no document"),
        ),
        (
            answer(401, {"code": 401, "message": "who?"}),
            ("ERR-1", "POST /v1/ws/unsubscribe answered 401 without the header WWW-Authenticate"),
        ),
        (
            answer(404, b"nothing here"),
            ("ERR-1", "an error that is not {code: 404, message: what was wrong} in JSON"),
        ),
        (
            answer(404, {"code": 400, "message": "none"}),
            ("ERR-1", "an error that is not {code: 404, message: what was wrong} in JSON"),
        ),
        (
            Answer(404, {"content-type": "text/html"}, b'{"code": 404, "message": "none"}'),
            ("ERR-1", "POST /v1/ws/unsubscribe answered 404 as text/html, not application/json"),
        ),
        (
            answer(200, {"code": 200, "message": "done", "unsubscribed": [], "refused": []}),
            ("UNSUB-1", INCOMPLETE),
        ),
        (answer(200, b""), ("UNSUB-1", "POST /v1/ws/unsubscribe 200 is no JSON")),
    ],
)
def test_answers_that_the_documents_do_not_allow(
    recorder: Recorder, log: CaseLog, came: Answer, expected: tuple[str, str]
) -> None:
    log.answer(WHO, recorder.bundle.endpoint("POST", "/v1/ws/unsubscribe"), came)
    assert found(recorder) == [expected]


@pytest.mark.parametrize(
    ("path", "status", "rule"),
    [
        ("/v1/ws/subscribe", 101, "CONN-1"),
        ("/v1/ws/stats", 200, "OPS-2"),
        ("/v1/ws/stats", 401, "ERR-1"),
        ("/no-such-path", 404, "ERR-1"),
    ],
)
def test_a_header_that_is_in_no_document(
    recorder: Recorder, log: CaseLog, path: str, status: int, rule: str
) -> None:
    headers = {"X-Internal-Host": "hub-7", "Date": "now", "Vary": "Origin", "Sec-WebSocket-Accept": "x"}
    lowered = {name.lower(): value for name, value in headers.items()}
    log.answer(WHO, recorder.bundle.endpoint("GET", path), answer(status, {}, **lowered))
    (finding,) = (finding for finding in recorder.findings if finding.is_mild)
    assert finding.rule == rule
    assert finding.what == "a header that is in no document: x-internal-host"
    assert f"answered {status} with x-internal-host: hub-7; HTTP {status}" in finding.came


def test_a_header_is_documented_for_the_statuses_that_have_it(recorder: Recorder, log: CaseLog) -> None:
    waiting = {"retry-after": "1"}
    endpoint = recorder.bundle.endpoint("GET", "/readyz")
    log.answer(WHO, endpoint, answer(503, {"code": 503, "message": "not yet"}, **waiting))
    assert recorder.findings == []
    log.answer(WHO, endpoint, answer(200, {"status": "ok"}, **waiting))
    assert [finding.what for finding in recorder.findings] == ["a header that is in no document: retry-after"]


def test_an_error_of_a_path_that_is_in_no_document(recorder: Recorder, log: CaseLog) -> None:
    log.answer(WHO, None, answer(404, {"code": 404, "message": "no such path"}))
    assert found(recorder) == []
    log.answer(WHO, None, answer(404, b"404: Not Found"))
    assert [rule for rule, _ in found(recorder)] == ["ERR-1"]


@pytest.mark.parametrize(
    "said",
    [
        'Traceback (most recent call last):\n  File "/srv/app/hub.py", line 3',
        "panic: goroutine 7 [running]",
        "failed at handlers/hub.go:118",
        "cannot open /etc/eventshub/keys.json",
    ],
)
def test_innards_in_an_error(recorder: Recorder, log: CaseLog, said: str) -> None:
    log.answer(WHO, None, answer(500, {"code": 500, "message": said}))
    error = {**ENVELOPE, "event_type": "global", "message": "error", "body": {"error": said}}
    log.frame(WHO, json.dumps(error))
    assert [rule for rule, _ in found(recorder)] == ["ERR-2", "ERR-2"]


def test_paths_are_none_of_the_hubs_innards_in_events(recorder: Recorder, log: CaseLog) -> None:
    body = {"vm_id": "vm-1", "new_vm": {"Home path": "/home/ci/vms/one.pvm"}}
    log.frame(WHO, json.dumps({**REMOVED, "message": "VM_ADDED", "body": body}))
    assert found(recorder) == []


@pytest.mark.parametrize("in_header", [False, True])
def test_a_credential_repeated(recorder: Recorder, log: CaseLog, in_header: bool) -> None:
    said, header = ("no", "s3cret-token") if in_header else ("no s3cret-token", "")
    log.answer(WHO, None, answer(401, {"code": 401, "message": said}, **{"www-authenticate": header}))
    assert found(recorder) == [("ERR-2", "a credential repeated by the hub")]
    assert "s3cret-token" not in repr(recorder.findings) + "".join(log.conversation)


def test_the_conversation_is_short_and_in_one_line_each(log: CaseLog) -> None:
    log.sent(WHO, "one\ntwo\r\n" + "x" * 5000)
    log.note(WHO, "went away")
    first, second = log.conversation
    assert first.endswith("x... (5012 characters)")
    assert "#1 > one\\ntwo\\r\\nxxx" in first
    assert len(first) < 700
    assert second.endswith("#1 - went away")
