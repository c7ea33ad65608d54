"""CMD-5 and CMD-6: frames that are no commands, and too much of them."""

from __future__ import annotations

import json
import time

import pytest

from eventshub_contract.bundle import Json, as_object
from eventshub_contract.connection import Connection
from eventshub_contract.errors import HubMisbehaved
from eventshub_contract.hub import Hub
from eventshub_contract.verdicts import unsupported

NOT_EVEN_AN_OBJECT: dict[str, str] = {
    "empty": "",
    "no JSON": "hello, hub",
    "half an object": '{"event_type": "health", "message": "pi',
    "two objects": "{}{}",
    "array": '[{"event_type": "health", "message": "ping"}]',
    "string": '"ping"',
    "number": "42",
    "null": "null",
    "NaN": '{"event_type": "health", "message": NaN}',
    "very deep": "[" * 20000,
    "escapes": '"\\u0000\\ud800"',
}
NO_COMMAND: dict[str, Json] = {
    "no keys": {},
    "no channel": {"message": "ping"},
    "no verb": {"event_type": "health", "type": "health"},
    "channel is a number": {"event_type": 7, "message": "ping"},
    "channel is null": {"event_type": None, "message": "ping"},
    "channel is a list": {"event_type": ["health"], "message": "ping"},
    "verb is a number": {"event_type": "health", "type": "health", "message": 1},
    "verb is an object": {"event_type": "health", "type": "health", "message": {"ping": True}},
    "empty channel": {"event_type": "", "type": "", "message": "ping"},
    "empty verb": {"event_type": "health", "type": "health", "message": ""},
    "unknown channel": {"event_type": "no-such-channel", "type": "no-such-channel", "message": "ping"},
    "unknown verb": {"event_type": "health", "type": "health", "message": "no-such-verb"},
    "verb of another channel": {"event_type": "health", "type": "health", "message": "client-id"},
    "an event of the hub's": {
        "event_type": "pdfm",
        "type": "pdfm",
        "message": "VM_REMOVED",
        "body": {"vm_id": "1"},
    },
    "inherited name": {"event_type": "__class__", "type": "__class__", "message": "__init__"},
}
LARGE = 4 * 1024 * 1024
FLOOD = 3000


def expect_error(connection: Connection, what: str, **keys: Json) -> None:
    """The hub says what was wrong, in words, to the client that sent it."""
    error = connection.expect(f"error for {what}", message="error", **keys).value
    text = (as_object(error.get("body")) or {}).get("error")
    assert isinstance(text, str), f"the error for {what} does not say what was wrong: {error}"
    assert text.strip(), f"the error for {what} does not say what was wrong: {error}"


def ping_afterwards(connection: Connection) -> None:
    """Send what the hub has to answer whatever came before it."""
    connection.send({"event_type": "health", "type": "health", "message": "ping", "id": "as-before"})


def expect_pong_afterwards(connection: Connection) -> None:
    """The connection works as before."""
    connection.expect("pong afterwards", message="pong", ref_id="as-before")


def expect_usual_service(connection: Connection) -> None:
    """The connection works: a ping is answered."""
    ping_afterwards(connection)
    expect_pong_afterwards(connection)


@pytest.mark.rule("CMD-5")
@pytest.mark.parametrize("frame", NOT_EVEN_AN_OBJECT)
def test_frame_that_is_no_object(hub: Hub, frame: str) -> None:
    connection = hub.connect("health")
    connection.send_text(NOT_EVEN_AN_OBJECT[frame])
    ping_afterwards(connection)
    expect_error(connection, f"a frame that is no object ({frame})")
    expect_pong_afterwards(connection)


@pytest.mark.rule("CMD-5")
@pytest.mark.parametrize("command", NO_COMMAND)
def test_object_that_is_no_command(hub: Hub, command: str) -> None:
    connection = hub.connect("health", "system", "pdfm")
    connection.send({**NO_COMMAND[command], "id": "bad-one"})
    ping_afterwards(connection)
    expect_error(connection, f"an object that is no command ({command})", ref_id="bad-one")
    expect_pong_afterwards(connection)


@pytest.mark.rule("CMD-5")
@pytest.mark.parametrize("command_id", [7, ["a"], {"a": 1}, True], ids=["number", "array", "object", "bool"])
def test_id_of_the_wrong_type(hub: Hub, command_id: Json) -> None:
    connection = hub.connect("health")
    connection.send({"event_type": "health", "type": "health", "message": "ping", "id": command_id})
    ping_afterwards(connection)
    expect_error(connection, f"an id that is no string ({command_id!r})")
    expect_pong_afterwards(connection)


@pytest.mark.rule("CMD-5")
def test_binary_frame(hub: Hub) -> None:
    connection = hub.connect("health")
    connection.send_binary(json.dumps({"event_type": "health", "message": "ping", "id": "binary"}).encode())
    ping_afterwards(connection)
    expect_error(connection, "a binary frame")
    expect_pong_afterwards(connection)


@pytest.mark.rule("CMD-5")
def test_error_of_the_channel_of_the_command(hub: Hub) -> None:
    channels = {message.channels[0] for message in hub.bundle.messages if message.role == "error"}
    connection = hub.connect("health", "system")
    for channel in ("health", "system"):
        connection.send({"event_type": channel, "type": channel, "message": "no-such-verb", "id": channel})
        error = connection.expect(f"error for an unknown verb on {channel}", ref_id=channel).value
        expected = channel if channel in channels else "global"
        assert error.get("event_type") == expected, (
            f"the error came on {error.get('event_type')}, not {expected}"
        )


@pytest.mark.rule("CMD-5")
def test_nobody_else_notices(hub: Hub) -> None:
    culprit, bystander = hub.connect("health"), hub.connect("health", "system", "pdfm")
    for text in NOT_EVEN_AN_OBJECT.values():
        culprit.send_text(text)
    for frame in NOT_EVEN_AN_OBJECT:
        expect_error(culprit, f"a frame that is no object ({frame})")
    expect_usual_service(bystander)
    errors = [event.text for event in bystander.pending() if event.value.get("message") == "error"]
    assert not errors, f"{bystander.who} got the error for a command of {culprit.who}: {errors[0]}"


@pytest.mark.rule("CMD-6")
def test_message_that_is_too_large(hub: Hub) -> None:
    connection, bystander = hub.connect("health"), hub.connect("health")
    command = {"event_type": "health", "type": "health", "message": "ping", "id": "large", "pad": "x" * LARGE}
    try:
        connection.send(command)
    except HubMisbehaved:
        connection.wait_gone()  # closed while it was still being sent
    else:
        answers = _answers_or_end(connection)
        if "pong" in answers:
            unsupported(f"the hub takes messages of {LARGE} bytes")
        if connection.is_open and "error" in answers:
            unsupported(
                f"the hub answers a message of {LARGE} bytes with an error: its limit for closing was not met"
            )
    expect_usual_service(bystander)
    assert connection.close_code == 1009, (
        f"too large a message ended the connection with {connection.close_code}"
    )


@pytest.mark.rule("CMD-6")
def test_flood_of_commands(hub: Hub) -> None:
    connection, bystander = hub.connect("health"), hub.connect("health")
    sent = 0
    try:
        for sent in range(1, FLOOD + 1):
            connection.send(
                {"event_type": "health", "type": "health", "message": "ping", "id": f"flood-{sent}"}
            )
    except HubMisbehaved:
        connection.wait_gone()
    else:
        with_end = _answers_or_end(connection, ref_id=f"flood-{FLOOD}")
        if connection.is_open and "pong" in with_end:
            unsupported(f"no limit was met with {FLOOD} commands in one burst")
    expect_usual_service(bystander)
    errors = [event for event in connection.pending() if event.value.get("message") == "error"]
    assert errors, f"no error came before the connection ended, after {sent} commands"
    assert connection.close_code == 1008, (
        f"a flood ended the connection with {connection.close_code}, not 1008"
    )


def _answers_or_end(connection: Connection, **keys: Json) -> set[Json]:
    """Which of pong and error came with these keys, as soon as one has, or the connection ends."""
    deadline = time.monotonic() + 10
    while connection.is_open and time.monotonic() < deadline:
        found = {
            event.value.get("message")
            for event in connection.pending()
            if all(event.value.get(key) == value for key, value in keys.items())
        } & {"pong", "error"}
        if found:
            return found
        connection.wait_gone(0.02)
    return set()
