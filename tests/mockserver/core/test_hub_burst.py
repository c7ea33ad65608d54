"""What is written to many at once is what each would have got by itself, in the same order."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mockserver.core_harness import HOST, VM, CoreHub, split_frames

from eventshub_mockserver.core.connection import Connection, Ending
from eventshub_mockserver.core.hub import Hub
from eventshub_mockserver.core.ids import Ids
from eventshub_mockserver.core.limits import Limits

Step = tuple[str, int]
CHOICES = ("pdfm", "pdfm,orchestrator", "health,pdfm", "orchestrator", "")
EVENTS = (("pdfm", "VM_STATE_CHANGED", VM), ("orchestrator", "HOST_HEALTH_UPDATE", HOST))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "publish",
                "publish",
                "tell",
                "ping",
                "unsubscribe",
                "connect",
                "leave",
                "end",
                "stall",
                "turn",
                "turn",
            ]
        ),
        st.integers(0, 9),
    ),
    max_size=60,
)


@dataclass
class Wire:
    """A transport that takes everything."""

    got: bytearray = field(default_factory=bytearray)
    is_lost: bool = False

    def write(self, data: bytes, /) -> None:
        self.got += data

    def is_closing(self) -> bool:
        return self.is_lost


class Network:
    """Does what the network layer does with a hub: in each turn it writes to those who keep up."""

    def __init__(self, *, takes_bursts: bool, limits: Limits | None = None) -> None:
        self.core = CoreHub(limits, ids=Ids.seeded(1), takes_bursts=takes_bursts)
        self.wires: dict[Connection, Wire] = {}
        self.stalled: set[Connection] = set()

    @property
    def hub(self) -> Hub:
        return self.core.hub

    def connect(self, event_types: str) -> Connection:
        connection = self.core.try_connect(event_types)
        assert isinstance(connection, Connection)
        self.wires[connection] = Wire()
        return connection

    def turn(self) -> None:
        self.hub.burst.spread(self.hub.enqueue, self.hub.limits.write_buffer)
        for connection in self.hub.take_pending():
            if connection not in self.stalled:
                self.wires[connection].got += connection.outbox.take(1 << 30)
                if connection.ending is None:
                    connection.writer = self.wires[connection]

    def does(self, what: str, number: int) -> None:
        alive = list(self.hub.roster.by_id.values())
        one = alive[number % len(alive)] if alive else None
        match what:
            case "publish":
                self.hub.publish(*EVENTS[number % 2])
            case "connect":
                self.connect(CHOICES[number % len(CHOICES)])
            case "turn":
                self.turn()
            case _ if one is None:
                pass
            case "tell":
                self.hub.publish("pdfm", "VM_STATE_CHANGED", VM, client_id=one.id)
            case "ping":
                self.hub.receive(
                    one, json.dumps({"event_type": "health", "message": "ping", "id": str(number)})
                )
            case "unsubscribe":
                self.hub.unsubscribe(one, {"pdfm", "orchestrator"} & set(one.subscriptions))
            case "leave":
                self.hub.disconnect(one)
            case "end":
                self.hub.end(one, Ending(1001, "over"))
            case _:
                one.writer = None
                self.stalled ^= {one}


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_each_gets_the_same_bytes_in_the_same_order(steps: list[Step]) -> None:
    networks = [Network(takes_bursts=takes) for takes in (False, True)]
    for network in networks:
        for event_types in CHOICES:
            network.connect(event_types)
        network.turn()
        for step in steps:
            network.does(*step)
        network.stalled.clear()
        network.turn()
    single, together = ([bytes(wire.got) for wire in network.wires.values()] for network in networks)
    assert together == single
    sent = [[connection.outbox.sent for connection in network.wires] for network in networks]
    assert sent[0] == sent[1]
    assert networks[0].hub.roster.messages_sent == networks[1].hub.roster.messages_sent


def test_who_keeps_up_is_written_to_without_a_queue() -> None:
    network = Network(takes_bursts=True)
    quick, slow = network.connect("pdfm"), network.connect("pdfm")
    network.turn()
    slow.writer = None
    for _ in range(3):
        network.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    assert (quick.outbox.depth, slow.outbox.depth) == (0, 0)
    network.hub.burst.spread(network.hub.enqueue, network.hub.limits.write_buffer)
    assert (quick.outbox.depth, slow.outbox.depth) == (0, 3)
    assert len(split_frames(bytes(network.wires[quick].got))) == 4


def test_a_lost_transport_is_left_alone() -> None:
    network = Network(takes_bursts=True)
    connection = network.connect("pdfm")
    network.turn()
    wire = network.wires[connection]
    before, wire.is_lost = bytes(wire.got), True
    network.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    network.hub.burst.spread(network.hub.enqueue, network.hub.limits.write_buffer)
    assert wire.got == before


def test_more_than_a_transport_should_take_goes_into_the_queue() -> None:
    network = Network(takes_bursts=True, limits=Limits(write_buffer=300))
    connection = network.connect("pdfm")
    network.turn()
    network.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    network.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    network.hub.burst.spread(network.hub.enqueue, network.hub.limits.write_buffer)
    assert connection.outbox.depth == 2


def test_more_events_in_a_turn_than_a_queue_holds_evict_the_oldest() -> None:
    network = Network(takes_bursts=True, limits=Limits(queue_size=10))
    connection = network.connect("pdfm")
    network.turn()
    for _ in range(25):
        network.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    network.turn()
    assert connection.outbox.evicted == 15
    assert connection.outbox.sent == 1 + 10
