"""CONN: from the handshake to the welcome."""

from __future__ import annotations

import uuid

import pytest

from eventshub_contract.hub import CLIENTS, STATS, SUBSCRIBE, UNSUBSCRIBE, Hub
from eventshub_contract.verdicts import unsupported

UNKNOWN = "eventshub-contract-no-such-channel"
WELCOME_TEXT = "WebSocket connection established subscribed to global by default"


def granted(hub: Hub, event_types: str) -> list[str]:
    """What the welcome says to a literal value of ``event_types``."""
    answer, connection = hub.subscribe({"event_types": event_types})
    assert connection is not None, f"event_types={event_types!r} was answered {answer.status}, not 101"
    return connection.subscriptions


@pytest.mark.rule("CONN-1")
def test_subscribe_upgrades(hub: Hub) -> None:
    answer, _ = hub.subscribe()
    assert answer.status == 101, f"subscribe was answered {answer.status} {answer.message}, not 101"


@pytest.mark.rule("CONN-1")
def test_prefix_of_the_service(hub: Hub) -> None:
    if hub.target.prefix:
        unsupported("the URL given has a prefix of its own")
    answer, _ = hub.subscribe(path=f"/api{SUBSCRIBE}")
    assert answer.status == 101, f"/api{SUBSCRIBE} was answered {answer.status} {answer.message}, not 101"


@pytest.mark.rule("CONN-1")
@pytest.mark.parametrize(("method", "path"), [("POST", UNSUBSCRIBE), ("GET", CLIENTS), ("GET", STATS)])
def test_prefix_of_the_service_for_rest(hub: Hub, method: str, path: str) -> None:
    if hub.target.prefix:
        unsupported("the URL given has a prefix of its own")
    connection = hub.connect("pdfm")
    value = {"client_id": connection.client_id, "event_types": ["pdfm"]} if method == "POST" else None
    answer = hub.request(method, f"/api{path}", value=value)
    assert answer.status == 200, f"{method} /api{path} was answered {answer.status} {answer.message}, not 200"


@pytest.mark.rule("CONN-2")
@pytest.mark.parametrize("event_types", ["pdfm,health", " pdfm , health ", "PDFM,Health", ",pdfm,,health,"])
def test_list_of_channels(hub: Hub, event_types: str) -> None:
    found = granted(hub, event_types)
    assert [channel for channel in found if channel != "global"] == ["pdfm", "health"], (
        f"event_types={event_types!r} was granted as {found}, not as pdfm, health and global"
    )


@pytest.mark.rule("CONN-2")
def test_every_channel_of_the_documents(hub: Hub) -> None:
    channels = hub.bundle.stream.channels
    found = granted(hub, ",".join(channels))
    assert set(found) == set(channels), f"asked for {', '.join(channels)}, granted {', '.join(found)}"


@pytest.mark.rule("CONN-3")
@pytest.mark.parametrize("event_types", ["pdfm", "global", "health,global,pdfm"])
def test_global_always(hub: Hub, event_types: str) -> None:
    found = granted(hub, event_types)
    assert "global" in found, f"event_types={event_types!r} was granted without global: {found}"


@pytest.mark.rule("CONN-3")
def test_global_reaches_who_did_not_ask_for_it(hub: Hub) -> None:
    connection = hub.connect("pdfm")
    connection.expect("the event on global", id=hub.publish_on("global"))


@pytest.mark.rule("CONN-4")
@pytest.mark.parametrize(
    "query", [{}, {"event_types": ""}, {"event_types": " , "}], ids=["none", "empty", "blank"]
)
def test_no_list_of_channels(hub: Hub, query: dict[str, str]) -> None:
    answer, connection = hub.subscribe(query)
    assert connection is not None, f"no event_types was answered {answer.status}, not 101"
    assert connection.subscriptions == ["global"], f"granted {connection.subscriptions}, not global alone"


@pytest.mark.rule("CONN-5")
@pytest.mark.parametrize(
    ("event_types", "known"),
    [
        (f"pdfm,{UNKNOWN}", {"pdfm", "global"}),
        (f"{UNKNOWN},health,{UNKNOWN}-2", {"health", "global"}),
        (UNKNOWN, {"global"}),
        ("pdfm health", {"global"}),
        ("../../etc,%00,💥", {"global"}),
        (f"{'x' * 1000},pdfm", {"pdfm", "global"}),
    ],
    ids=["one of two", "two of three", "all", "no comma", "hostile", "long"],
)
def test_unknown_channels_are_passed_over(hub: Hub, event_types: str, known: set[str]) -> None:
    found = granted(hub, event_types)
    assert set(found) == known, f"event_types={event_types!r} was granted as {found}, not as {sorted(known)}"


@pytest.mark.rule("CONN-6")
def test_first_frame_is_the_welcome(hub: Hub) -> None:
    connection = hub.connect("pdfm")
    welcome = connection.receive_welcome()
    assert welcome.get("event_type") == "global", (
        f"the first frame has event_type {welcome.get('event_type')!r}"
    )
    assert welcome.get("message") == WELCOME_TEXT, f"the welcome says {welcome.get('message')!r}"
    assert _is_uuid(connection.client_id), f"body.client_id {connection.client_id!r} is no UUID"


@pytest.mark.rule("CONN-6")
def test_client_id_is_new_for_each_connection(hub: Hub) -> None:
    address = hub.lend_address()
    seen: list[str] = []
    for _ in range(3):
        connection = hub.connect(source=address)
        seen.append(connection.client_id)
        connection.close()
    assert len(set(seen)) == len(seen), f"one client was given the same ID again: {seen}"


@pytest.mark.rule("CONN-6")
@pytest.mark.parametrize(
    ("event_types", "expected"),
    [
        ("health,pdfm,system", ["health", "pdfm", "system", "global"]),
        ("system,global,pdfm", ["system", "global", "pdfm"]),
        ("pdfm,health,pdfm,PDFM", ["pdfm", "health", "global"]),
    ],
    ids=["global last", "global where asked for", "each once"],
)
def test_order_of_subscriptions(hub: Hub, event_types: str, expected: list[str]) -> None:
    found = granted(hub, event_types)
    assert found == expected, f"event_types={event_types!r}: the welcome lists {found}, not {expected}"


@pytest.mark.rule("CONN-6")
def test_welcome_comes_before_events(hub: Hub) -> None:
    address = hub.lend_address()
    for _ in range(10):
        hub.publish_on("global")
        connection = hub.connect("pdfm", source=address)
        hub.publish_on("global")
        body = connection.receive_welcome().get("body")
        assert isinstance(body, dict), "an event came before the welcome"
        assert "client_id" in body, "an event came before the welcome"
        connection.close()


@pytest.mark.rule("CONN-7")
def test_no_upgrade_asked_for(hub: Hub) -> None:
    answer = hub.request("GET", SUBSCRIBE)
    assert answer.status == 426, f"subscribe without an upgrade was answered {answer.status}, not 426"
    upgrade = answer.headers.get("upgrade", "")
    assert upgrade.lower() == "websocket", f"426 came with Upgrade {upgrade!r}, not websocket"


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
