"""UNSUB-4 and UNSUB-5: whose connection it is, and what a request looks like."""

from __future__ import annotations

import json
import time
import uuid

import pytest

from eventshub_contract.bundle import Json
from eventshub_contract.hub import UNSUBSCRIBE, Hub
from eventshub_contract.target import Credential, bearer
from eventshub_contract.verdicts import unsupported

HUGE = 8 * 1024 * 1024
SOMEBODY = "4d0c8a52-6f1b-4c8e-9a37-b2e5d10f7c64"

MALFORMED: dict[str, tuple[bytes, str | None]] = {
    "no JSON": (b"client_id=1", None),
    "half an object": (b'{"client_id": "', None),
    "empty body": (b"", None),
    "no object": (b"[]", None),
    "null": (b"null", None),
    "no UTF-8": (b'{"client_id": "\xff"}', None),
    "no client_id": (b'{"event_types": ["pdfm"]}', "client_id"),
    "client_id a number": (b'{"client_id": 7, "event_types": ["pdfm"]}', "client_id"),
    "client_id null": (b'{"client_id": null, "event_types": ["pdfm"]}', "client_id"),
    "no event_types": (json.dumps({"client_id": SOMEBODY}).encode(), "event_types"),
    "event_types text": (json.dumps({"client_id": SOMEBODY, "event_types": "pdfm"}).encode(), "event_types"),
    "event_types of numbers": (
        json.dumps({"client_id": SOMEBODY, "event_types": [7]}).encode(),
        "event_types",
    ),
    "event_types empty": (json.dumps({"client_id": SOMEBODY, "event_types": []}).encode(), "event_types"),
    "event_types null": (json.dumps({"client_id": SOMEBODY, "event_types": None}).encode(), "event_types"),
}


def stranger(hub: Hub) -> Credential:
    """Somebody else."""
    if hub.target.other_token is None:
        unsupported("needs the token of another user: give one with --other-token")
    return bearer(hub.target.other_token, "the other user's token")


@pytest.mark.rule("UNSUB-4")
@pytest.mark.parametrize(
    "event_types", [["pdfm"], ["global"], ["no-such-channel"]], ids=lambda names: str(names[0])
)
def test_connection_of_somebody_else(hub: Hub, event_types: list[str]) -> None:
    other = stranger(hub)
    connection = hub.connect("pdfm", "orchestrator")
    answer = hub.unsubscribe(connection.client_id, event_types, credential=other)
    assert answer.status == 403, f"another user's connection: {answer.status} {answer.message}, not 403"
    for secret in ("orchestrator", connection.source or "127.0.0.1"):
        assert secret not in answer.text, (
            f"the answer for another user's connection tells of it: {answer.text}"
        )
    own = hub.unsubscribe(connection.client_id, ["pdfm"])
    assert own.status == 200, f"another user removed a channel: its owner then got {own.status} {own.message}"


@pytest.mark.rule("UNSUB-4")
def test_connection_that_does_not_exist(hub: Hub) -> None:
    answer = hub.unsubscribe(str(uuid.uuid4()), ["pdfm"])
    assert answer.status in {400, 404}, f"a client_id that nobody has was answered {answer.status}, not 404"


@pytest.mark.rule("UNSUB-4")
def test_connection_that_has_ended(hub: Hub) -> None:
    connection = hub.connect("pdfm")
    connection.close()
    deadline = time.monotonic() + 1
    while (answer := hub.unsubscribe(connection.client_id, ["pdfm"])).status not in {400, 404}:
        assert time.monotonic() < deadline, f"an ended connection was answered {answer.status}, not 404"
        time.sleep(0.05)


@pytest.mark.rule("UNSUB-4")
def test_own_connection_of_another_principal(hub: Hub) -> None:
    other = stranger(hub)
    connection = hub.connect("pdfm", credential=other)
    answer = hub.unsubscribe(connection.client_id, ["pdfm"])
    assert answer.status == 403, f"another user's connection: {answer.status} {answer.message}, not 403"
    own = hub.unsubscribe(connection.client_id, ["pdfm"], credential=other)
    assert own.status == 200, f"the owner was answered {own.status} {own.message}, not 200"


@pytest.mark.rule("UNSUB-5")
@pytest.mark.parametrize("body", MALFORMED)
def test_malformed_request(hub: Hub, body: str) -> None:
    content, field = MALFORMED[body]
    answer = hub.request("POST", UNSUBSCRIBE, content=content, headers={"Content-Type": "application/json"})
    assert answer.status == 400, f"{body}: answered {answer.status} {answer.message}, not 400"
    if field:
        assert field in answer.message, f"{body}: the message does not name {field}: {answer.message!r}"


@pytest.mark.rule("UNSUB-5")
def test_malformed_request_changes_nothing(hub: Hub) -> None:
    connection = hub.connect("pdfm")
    value: dict[str, Json] = {"client_id": connection.client_id, "event_types": ["pdfm", 7]}
    answer = hub.request("POST", UNSUBSCRIBE, value=value)
    assert answer.status == 400, f"event_types with a number in it was answered {answer.status}, not 400"
    own = hub.unsubscribe(connection.client_id, ["pdfm"])
    assert own.status == 200, f"a malformed request removed a channel: {own.status} {own.message}"


@pytest.mark.rule("UNSUB-5")
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"]
)
def test_content_type_that_is_not_json(hub: Hub, content_type: str) -> None:
    content = json.dumps({"client_id": SOMEBODY, "event_types": ["pdfm"]}).encode()
    answer = hub.request("POST", UNSUBSCRIBE, content=content, headers={"Content-Type": content_type})
    assert answer.status == 415, f"{content_type} was answered {answer.status}, not 415"


@pytest.mark.rule("UNSUB-5")
def test_content_type_with_a_parameter(hub: Hub) -> None:
    connection = hub.connect("pdfm")
    content = json.dumps({"client_id": connection.client_id, "event_types": ["pdfm"]}).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = hub.request("POST", UNSUBSCRIBE, content=content, headers=headers)
    assert answer.status == 200, f"application/json with a charset was answered {answer.status}, not 200"


@pytest.mark.rule("UNSUB-5")
def test_body_that_is_too_large(hub: Hub) -> None:
    content = json.dumps({"client_id": SOMEBODY, "event_types": ["pdfm"], "pad": "x" * HUGE}).encode()
    answer = hub.request("POST", UNSUBSCRIBE, content=content, headers={"Content-Type": "application/json"})
    assert answer.status == 413, f"a body of {HUGE} bytes was answered {answer.status}, not 413"
