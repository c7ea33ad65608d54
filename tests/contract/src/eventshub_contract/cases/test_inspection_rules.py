"""OPS and ERR-1: what the hub says of itself, and of what went wrong."""

from __future__ import annotations

import time

import pytest

from eventshub_contract.bundle import Json, as_object, is_list
from eventshub_contract.connection import Connection
from eventshub_contract.hub import CLIENTS, STATS, SUBSCRIBE, UNSUBSCRIBE, Hub
from eventshub_contract.target import Credential, bearer
from eventshub_contract.verdicts import unsupported


def listed(hub: Hub, connection: Connection, credential: Credential | None = None) -> dict[str, Json] | None:
    """The entry of a connection in the list of connections."""
    answer = hub.request("GET", CLIENTS, credential=credential)
    assert answer.status == 200, f"{CLIENTS} was answered {answer.status} {answer.message}, not 200"
    value = answer.json
    assert is_list(value), f"{CLIENTS} answered no list: {answer.text}"
    entries = [as_object(entry) or {} for entry in value]
    return next((entry for entry in entries if entry.get("id") == connection.client_id), None)


@pytest.mark.rule("OPS-1")
def test_own_connection_is_listed(hub: Hub) -> None:
    connection = hub.connect("pdfm", "health")
    entry = listed(hub, connection)
    assert entry is not None, "the caller's own connection is not listed"
    assert set(entry.get("event_subscriptions", ())) == {"pdfm", "health", "global"}, f"listed as {entry}"
    assert entry.get("is_alive") is True, f"a live connection is listed as {entry}"
    hub.unsubscribe(connection.client_id, ["pdfm"])
    entry = listed(hub, connection) or {}
    assert set(entry.get("event_subscriptions", ())) == {"health", "global"}, (
        f"after unsubscribe listed as {entry}"
    )


@pytest.mark.rule("OPS-1")
def test_ended_connection_is_not_listed(hub: Hub) -> None:
    connection = hub.connect("pdfm")
    assert listed(hub, connection) is not None, "the caller's own connection is not listed"
    connection.close()
    deadline = time.monotonic() + 1
    while listed(hub, connection) is not None:
        assert time.monotonic() < deadline, "a connection is listed a second after its end"
        time.sleep(0.05)


@pytest.mark.rule("OPS-1")
def test_connections_of_others_are_not_listed(hub: Hub) -> None:
    if hub.target.other_token is None:
        unsupported("needs the token of another user: give one with --other-token")
    other = bearer(hub.target.other_token, "the other user's token")
    mine, theirs = hub.connect("pdfm"), hub.connect("pdfm", credential=other)
    seen_by_me, seen_by_them = listed(hub, theirs), listed(hub, mine, other)
    if seen_by_me is not None and seen_by_them is not None:
        pytest.fail("each of two users sees the connection of the other")
    assert listed(hub, theirs, other) is not None, "another user does not see its own connection"
    if seen_by_me is not None or seen_by_them is not None:
        unsupported("one of the two tokens sees everybody's connections: an administrator's, it seems")


@pytest.mark.rule("OPS-2")
def test_numbers_follow_connections(hub: Hub) -> None:
    before = _stats(hub)
    connections = [hub.connect("pdfm"), hub.connect("pdfm", "health")]
    for connection in connections:
        connection.receive_welcome()
    after = _stats(hub)
    grown = {key: int(after[key]) - int(before[key]) for key in ("total_clients", "total_subscriptions")}
    assert grown == {"total_clients": 2, "total_subscriptions": 5}, (
        f"two connections, five channels: grew by {grown}"
    )
    types_before, types_after = (
        as_object(before.get("type_stats")) or {},
        as_object(after.get("type_stats")) or {},
    )
    by_type = {
        name: int(types_after.get(name, 0)) - int(types_before.get(name, 0)) for name in ("pdfm", "health")
    }
    assert by_type == {"pdfm": 2, "health": 1}, f"type_stats grew by {by_type}"
    assert after["messages_sent"] >= before["messages_sent"] + 2, "two welcomes were not counted as messages"


@pytest.mark.rule("ERR-1")
@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("GET", "/v1/ws/no-such-path", {404}),
        ("GET", "/no-such-path", {404}),
        ("GET", UNSUBSCRIBE, {404, 405}),
        ("DELETE", UNSUBSCRIBE, {404, 405}),
        ("POST", SUBSCRIBE, {404, 405, 426}),
        ("POST", CLIENTS, {404, 405}),
        ("PUT", STATS, {404, 405}),
    ],
    ids=lambda value: "" if isinstance(value, set) else value,
)
def test_unknown_path_or_method(hub: Hub, method: str, path: str, statuses: set[int]) -> None:
    answer = hub.request(method, path)
    assert answer.status in statuses, f"{method} {path} was answered {answer.status}, not {sorted(statuses)}"
    content_type = answer.headers.get("content-type", "")
    assert content_type.startswith("application/json"), (
        f"{method} {path}: {answer.status} came as {content_type!r}"
    )
    assert answer.message, f"{method} {path}: {answer.status} does not say what was wrong: {answer.text!r}"
    code = (as_object(answer.json) or {}).get("code")
    assert code == answer.status, f"{method} {path}: {answer.status} says code {code!r}"


@pytest.mark.rule("ERR-1")
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_answered(hub: Hub, path: str) -> None:
    if hub.target.prefix:
        unsupported("probes are at the root of a hub, and the URL given has a prefix")
    answer = hub.request("GET", path)
    assert answer.status == 200, f"{path} of a hub that works was answered {answer.status}"


@pytest.mark.rule("ERR-1")
@pytest.mark.parametrize(
    "headers",
    [{"Sec-WebSocket-Version": "13"}, {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "too short"}],
    ids=["no key", "a bad key"],
)
def test_handshake_that_is_not_valid(hub: Hub, headers: dict[str, str]) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    answer = hub.request("GET", SUBSCRIBE, headers={**upgrade, **headers})
    assert answer.status == 400, f"a handshake that breaks RFC 6455 was answered {answer.status}, not 400"


def _stats(hub: Hub) -> dict[str, Json]:
    answer = hub.request("GET", STATS)
    assert answer.status == 200, f"{STATS} was answered {answer.status} {answer.message}, not 200"
    stats = as_object(answer.json)
    assert stats is not None, f"{STATS} answered no object: {answer.text}"
    missing = {"total_clients", "total_subscriptions", "messages_sent"} - set(stats)
    assert not missing, f"{STATS} has no {', '.join(sorted(missing))}"
    return stats
