"""The journal as an HTTP Archive: valid by a schema that others wrote, whole, and without secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from eventshub_mockserver import HubConfig, HubForTests, Limits, serve_for_tests

SCHEMAS = {p.name: json.loads(p.read_text()) for p in (Path(__file__).parent / "har_schema").glob("*.json")}
REGISTRY = jsonschema_rs.Registry(
    [(f"https://har.example/{name}", content) for name, content in SCHEMAS.items()],
    draft=jsonschema_rs.Draft6,
)
HAR = jsonschema_rs.Draft6Validator({"$ref": "https://har.example/har.json"}, registry=REGISTRY)
PING = '{"event_type": "health", "message": "ping", "id": "p-1"}'


def log_of(text: str) -> dict[str, Any]:
    har = json.loads(text)
    HAR.validate(har)
    return dict(har["log"])


def test_the_schema_refuses_what_is_no_har() -> None:
    with pytest.raises(jsonschema_rs.ValidationError):
        HAR.validate({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": [{}]}})


@pytest.mark.events_hub(strict=False)
def test_a_conversation_is_an_entry_with_its_messages(events_hub: HubForTests) -> None:
    stream = f"{events_hub.ws_url}/v1/ws/subscribe?event_types=health"
    secret = {"Authorization": f"Bearer {events_hub.token}", "X-Secret": "s3cret"}
    with connect(stream, additional_headers=secret) as client:
        welcome = client.recv()
        client.send(PING)
        pong = client.recv()
        client.send(b"\x00")
        error = client.recv()
    with pytest.raises(InvalidStatus):
        connect(f"{stream}&access_token=wr0ng")
    httpx.get(f"{events_hub.url}/v1/ws/stats", headers=secret).raise_for_status()
    events_hub.wait_for(lambda journal: journal.closes())

    text = events_hub.journal.har()
    conversation, refused, rest = log_of(text)["entries"]
    messages = conversation["_webSocketMessages"]
    assert [(m["type"], m["opcode"], m["data"]) for m in messages] == [
        ("receive", 1, welcome),
        ("send", 1, PING),
        ("receive", 1, pong),
        ("send", 2, ""),
        ("receive", 1, error),
    ]
    assert [m["time"] for m in messages] == sorted(m["time"] for m in messages)
    assert conversation["_resourceType"] == refused["_resourceType"] == "websocket"
    assert conversation["request"]["url"] == stream
    assert conversation["request"]["queryString"] == [{"name": "event_types", "value": "health"}]
    assert conversation["response"]["status"] == 101
    assert conversation["time"] > 0
    assert "_webSocketMessages" not in refused
    assert (refused["response"]["status"], refused["response"]["statusText"]) == (401, "Unauthorized")
    assert (rest["request"]["method"], rest["request"]["url"]) == ("GET", f"{events_hub.url}/v1/ws/stats")
    assert [s for s in (events_hub.token, "s3cret", "wr0ng") if s in text] == []
    fields = {field["name"].lower(): field["value"] for field in conversation["request"]["headers"]}
    assert fields["authorization"] == fields["x-secret"] == "(not kept)"
    assert fields["upgrade"] == "websocket"


def test_what_the_journal_has_given_up_is_told() -> None:
    limits = Limits(journal_entries=2, close_timeout=0.5, drain_timeout=0.5)
    with (
        serve_for_tests(HubConfig(limits=limits)) as hub,
        connect(f"{hub.ws_url}/v1/ws/subscribe?access_token={hub.token}&event_types=health") as client,
    ):
        client.recv()
        client.send(PING)
        client.recv()
        log = log_of(hub.journal.har())
    assert log["entries"] == []
    assert log["comment"] == "2 earlier entries and 2 messages without handshake are missing"


def test_an_empty_journal_is_a_har(events_hub: HubForTests) -> None:
    log = log_of(events_hub.journal.har())
    assert log["entries"] == []
    assert "comment" not in log
