"""CMD-1 to CMD-4: commands that are well-formed."""

from __future__ import annotations

import time
from typing import Final

import pytest

from eventshub_contract.bundle import as_object
from eventshub_contract.hub import Hub

KEYS = {
    "event_type": {"event_type": "health"},
    "type": {"type": "health"},
    "both": {"event_type": "health", "type": "health"},
}
LEAST_GRACE: Final = 1.0
"""Seconds that a reply may take after that to a later command."""


@pytest.mark.rule("CMD-1")
@pytest.mark.parametrize("keys", KEYS)
def test_channel_under_either_key(hub: Hub, keys: str) -> None:
    connection = hub.connect("health")
    connection.send({**KEYS[keys], "message": "ping", "id": "by-key"})
    sent = time.monotonic()
    connection.send({**KEYS["both"], "message": "ping", "id": "afterwards"})
    connection.expect("pong to a ping with both keys", message="pong", ref_id="afterwards")
    # A hub that answers the later one shows how soon it answers: no need to run out of patience.
    grace = max(LEAST_GRACE, 10 * (time.monotonic() - sent))
    what = f"pong to a ping with its channel under {keys}"
    connection.expect(what, within=grace, message="pong", ref_id="by-key")


@pytest.mark.rule("CMD-1")
def test_two_channels_in_one_command(hub: Hub) -> None:
    connection = hub.connect("health", "system")
    connection.send({"event_type": "health", "type": "system", "message": "ping", "id": "torn"})
    reply = connection.expect("reply to a command with two channels", ref_id="torn").value
    assert reply.get("message") == "error", f"a command with two channels was carried out: {reply}"


@pytest.mark.rule("CMD-2")
@pytest.mark.parametrize(
    "command_id",
    ["1", "ping-001", "ünïcödé ✓", "x" * 200, '"quoted"\\'],
    ids=["digit", "text", "not ASCII", "long", "escaped"],
)
def test_ping_is_answered_with_pong(hub: Hub, command_id: str) -> None:
    connection = hub.connect("health")
    connection.send({"event_type": "health", "type": "health", "message": "ping", "id": command_id})
    reply = connection.expect("pong", ref_id=command_id).value
    assert (reply.get("event_type"), reply.get("message")) == ("health", "pong"), (
        f"a ping was answered with {reply}"
    )
    assert reply.get("client_id") == connection.client_id, (
        f"the pong has client_id {reply.get('client_id')!r}"
    )
    assert reply.get("body") is None, f"the pong has a body: {reply['body']!r}"


@pytest.mark.rule("CMD-2")
def test_client_id_is_answered(hub: Hub) -> None:
    connection = hub.connect("system")
    connection.send({"event_type": "system", "type": "system", "message": "client-id", "id": "who-am-i"})
    reply = connection.expect("reply to client-id", ref_id="who-am-i").value
    assert (reply.get("event_type"), reply.get("message")) == ("system", "client-id"), (
        f"answered with {reply}"
    )
    assert reply.get("client_id") == connection.client_id, (
        f"the reply has client_id {reply.get('client_id')!r}"
    )
    found = (as_object(reply.get("body")) or {}).get("client-id")
    assert found == connection.client_id, (
        f'body["client-id"] is {found!r}, the welcome said {connection.client_id}'
    )


@pytest.mark.rule("CMD-2")
def test_many_commands_each_have_their_reply(hub: Hub) -> None:
    connection = hub.connect("health", "system")
    for number in range(20):
        channel, verb = ("health", "ping") if number % 2 else ("system", "client-id")
        connection.send({"event_type": channel, "type": channel, "message": verb, "id": f"nr-{number}"})
    for number in range(20):
        reply = connection.expect(f"reply to command nr-{number}", ref_id=f"nr-{number}").value
        expected = "pong" if number % 2 else "client-id"
        assert reply.get("message") == expected, f"command nr-{number} was answered with {reply}"


@pytest.mark.rule("CMD-3")
@pytest.mark.parametrize("extra", [{}, {"id": ""}], ids=["no id", "empty id"])
def test_command_without_id(hub: Hub, extra: dict[str, str]) -> None:
    connection = hub.connect("health")
    connection.send({"event_type": "health", "type": "health", "message": "ping", **extra})
    reply = connection.expect("pong to a ping without an ID", event_type="health", message="pong").value
    ref_id = reply.get("ref_id")
    assert isinstance(ref_id, str), f"the pong has ref_id {ref_id!r}, not one that the hub made up"
    assert ref_id, "the pong has an empty ref_id, not one that the hub made up"


@pytest.mark.rule("CMD-4")
@pytest.mark.parametrize(("channel", "verb"), [("health", "ping"), ("system", "client-id")])
def test_command_needs_a_subscription(hub: Hub, channel: str, verb: str) -> None:
    connection = hub.connect("pdfm")
    connection.send({"event_type": channel, "type": channel, "message": verb, "id": "not-mine"})
    reply = connection.expect("reply to a command without its subscription", ref_id="not-mine").value
    assert reply.get("message") == "error", (
        f"{channel}/{verb} was carried out without a subscription: {reply}"
    )
    assert connection.is_open, "the connection was closed for a command without its subscription"


@pytest.mark.rule("CMD-4")
def test_command_after_unsubscribe(hub: Hub) -> None:
    connection = hub.connect("health")
    hub.unsubscribe(connection.client_id, ["health"])
    connection.send({"event_type": "health", "type": "health", "message": "ping", "id": "no-longer"})
    reply = connection.expect("reply to a command without its subscription", ref_id="no-longer").value
    assert reply.get("message") == "error", f"ping was carried out after health was unsubscribed: {reply}"
