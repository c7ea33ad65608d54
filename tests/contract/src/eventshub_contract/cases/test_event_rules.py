"""EVT: what reaches whom, in which order, and how soon."""

from __future__ import annotations

import statistics
import time

import pytest

from eventshub_contract.bundle import Json, MessageSpec
from eventshub_contract.connection import Connection
from eventshub_contract.errors import PublishRefused
from eventshub_contract.hub import Hub
from eventshub_contract.verdicts import unsupported

BURST = 10
"""Events that are published before the first of them is looked for: few enough for any hub's queue."""
LATENCY_ROUNDS = 16
LONGEST_MEDIAN = 0.025
"""Seconds. A hub that flushes every 100 ms has a median of 50 ms; one that does not has a few."""


def settle(hub: Hub, *connections: Connection) -> None:
    """Wait until all have an event that was published after whatever the case is about."""
    marker = hub.publish_on("global")
    for connection in connections:
        connection.expect("the event on global that was published afterwards", id=marker)


def ids_at(connection: Connection) -> list[object]:
    """IDs of the events that arrived and were not asked for."""
    return [event.value.get("id") for event in connection.pending()]


@pytest.mark.rule("EVT-1")
def test_every_event_of_the_documents_arrives_as_published(hub: Hub) -> None:
    connection = hub.connect(*hub.bundle.stream.channels)
    examples = [(event, example) for event in hub.bundle.events for example in event.examples]
    published: set[str] = set()
    for start in range(0, len(examples), BURST):
        on_the_way = [
            (event, example, event_id)
            for event, example in examples[start : start + BURST]
            if (event_id := _published(hub, event, example)) is not None
        ]
        for event, example, event_id in on_the_way:
            _expect_as_published(connection, event, example, event_id)
            published.add(event.name)
    for event in hub.bundle.events:
        assert event.name in published or not event.examples, f"no example of {event.name} could be published"


@pytest.mark.rule("EVT-1")
def test_broadcast_has_one_id_for_all_and_no_client_id(hub: Hub) -> None:
    first, second = hub.connect("pdfm"), hub.connect("pdfm")
    event_ids = [hub.publish_on("pdfm") for _ in range(3)]
    assert len(set(event_ids)) == 3, f"events published one after another share an ID: {event_ids}"
    for event_id in event_ids:
        for connection in (first, second):
            event = connection.expect("the broadcast, with the ID that it was published with", id=event_id)
            assert "client_id" not in event.value, (
                f"a broadcast carries client_id {event.value['client_id']!r}"
            )


@pytest.mark.rule("EVT-2")
@pytest.mark.parametrize("channel", ["pdfm", "orchestrator", "system", "health"])
def test_broadcast_reaches_its_subscribers_alone(hub: Hub, channel: str) -> None:
    others = [name for name in hub.bundle.stream.channels if name != channel]
    subscribed = [hub.connect(channel), hub.connect(channel, "global")]
    not_subscribed = [hub.connect(*others), hub.connect()]
    event_id = hub.publish_on(channel)
    for connection in subscribed:
        connection.expect(f"the event on {channel}", id=event_id)
    settle(hub, *subscribed, *not_subscribed)
    for connection in not_subscribed:
        assert event_id not in ids_at(connection), f"{connection.who} got an event of {channel}, unsubscribed"
    for connection in subscribed:
        assert event_id not in ids_at(connection), f"{connection.who} got an event of {channel} twice"


@pytest.mark.rule("EVT-2")
def test_global_reaches_all(hub: Hub) -> None:
    connections = [hub.connect(), hub.connect("pdfm"), hub.connect("global")]
    event_id = hub.publish_on("global")
    for connection in connections:
        connection.expect("the event on global", id=event_id)


@pytest.mark.rule("EVT-3")
@pytest.mark.parametrize("channels", [("pdfm",), ()], ids=["subscribed", "not subscribed"])
def test_targeted_message_reaches_its_client_alone(hub: Hub, channels: tuple[str, ...]) -> None:
    client, bystander = hub.connect(*channels), hub.connect("pdfm")
    event_id = hub.publish_on("pdfm", client_id=client.client_id)
    event = client.expect("the message for this client", id=event_id)
    assert event.value.get("client_id") == client.client_id, (
        f"a message for {client.client_id} carries client_id {event.value.get('client_id')!r}"
    )
    settle(hub, client, bystander)
    assert event_id not in ids_at(bystander), f"{bystander.who} got a message for {client.who}"


@pytest.mark.rule("EVT-3")
def test_reply_reaches_who_asked_alone(hub: Hub) -> None:
    client, bystander = hub.connect("health"), hub.connect("health")
    client.send({"event_type": "health", "type": "health", "message": "ping", "id": "mine-alone"})
    client.expect("pong", message="pong", ref_id="mine-alone")
    bystander.send({"event_type": "health", "type": "health", "message": "ping", "id": "afterwards"})
    bystander.expect("pong", message="pong", ref_id="afterwards")
    refs = [event.value.get("ref_id") for event in bystander.pending()]
    assert "mine-alone" not in refs, f"{bystander.who} got the reply to a command of {client.who}"


@pytest.mark.rule("EVT-4")
def test_order_within_a_channel(hub: Hub) -> None:
    connections = [hub.connect("pdfm"), hub.connect("pdfm", "orchestrator")]
    published: list[str] = []
    for number in range(60):
        event_id = hub.publish_on("orchestrator" if number % 3 == 2 else "pdfm")
        if number % 3 != 2:
            published.append(event_id)
    settle(hub, *connections)
    for connection in connections:
        events = [event.value for event in connection.pending() if event.value.get("event_type") == "pdfm"]
        # A hub may have events of its own among them.
        arrived = [event.get("id") for event in events if event.get("id") in published]
        assert arrived == published, f"{connection.who}: published as {published}, arrived as {arrived}"
        stamps = [_comparable(str(event.get("timestamp"))) for event in events]
        assert stamps == sorted(stamps), f"{connection.who}: timestamps of one channel go back"


@pytest.mark.rule("EVT-6")
def test_delivery_does_not_wait_for_a_timer(hub: Hub) -> None:
    if hub.target.control_url is None:
        unsupported("needs events: give the hub's control surface with --control-url")
    connection = hub.connect("pdfm")
    waits: list[float] = []
    for number in range(LATENCY_ROUNDS):
        time.sleep(0.013 * (number % 8))  # so that a timer of the hub's is met at all its phases
        event_id = hub.publish_on("pdfm")
        answered = time.monotonic()
        event = connection.expect("the event", id=event_id)
        waits.append(max(0.0, event.arrived - answered))
    median = statistics.median(waits)
    assert median <= LONGEST_MEDIAN, (
        f"events arrive {median * 1000:.0f} ms (median) after they were published"
    )


def _comparable(timestamp: str) -> tuple[str, str]:
    """Timestamps sort as text once their fractions are equally long."""
    whole, _, fraction = timestamp.rstrip("Z").partition(".")
    return whole, fraction.ljust(9, "0")


def _published(hub: Hub, event: MessageSpec, example: dict[str, Json]) -> str | None:
    """The ID under which the hub has published an example; None: it does not want to."""
    try:
        return hub.publish(event.channels[0], event.values["message"], example.get("body"))
    except PublishRefused:
        return None  # examples for receivers may have values that a hub does not send


def _expect_as_published(
    connection: Connection, event: MessageSpec, example: dict[str, Json], event_id: str
) -> None:
    arrived = connection.expect(f"{event.name}, published with ID {event_id}", id=event_id).value
    assert arrived.get("event_type") == event.channels[0], f"{event.name} arrived as {arrived}"
    assert arrived.get("message") == event.values["message"], f"{event.name} arrived as {arrived}"
    assert arrived.get("body") == example.get("body"), f"{event.name} arrived with another body: {arrived}"
