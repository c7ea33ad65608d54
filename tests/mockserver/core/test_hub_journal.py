"""What the journal remembers, in what memory, and how it is asked."""

from __future__ import annotations

import json

import pytest
from tests.mockserver.core_harness import VM, CoreHub, Peer

from eventshub_mockserver.core.connection import Connection
from eventshub_mockserver.core.journal import Journal, Kind
from eventshub_mockserver.core.limits import Limits
from eventshub_mockserver.core.outbox import Outbox

PING = {"event_type": "health", "message": "ping", "id": "p-1"}


def core(limits: Limits | None = None) -> CoreHub:
    return CoreHub(limits, has_journal=True)


def journal(hub: CoreHub) -> Journal:
    assert hub.hub.recorder is not None
    return hub.hub.recorder.journal()


def kinds(entries: Journal) -> list[Kind]:
    return [entry.kind for entry in entries]


def test_both_directions_are_remembered_with_times_names_and_texts() -> None:
    hub = core()
    peer = hub.connect("health", name="alice")
    hub.advance(2.5)
    answer = peer.says(PING)
    welcome, command, reply = journal(hub)
    assert (welcome.kind, welcome.channel, welcome.elapsed) == (Kind.SENT, "global", 0.0)
    assert (command.kind, command.channel, command.message) == (Kind.RECEIVED, "health", "ping")
    assert (command.connection, command.principal, command.elapsed) == (peer.id, "alice", 2.5)
    assert command.time - welcome.time == 2.5
    assert command.data == PING
    assert (reply.kind, reply.data) == (Kind.SENT, answer)


def test_the_names_of_a_command_are_found_under_their_other_keys() -> None:
    hub = core()
    hub.connect("health").says({"type": "health", "message": "ping"})
    assert len(journal(hub).received("health", "ping")) == 1


@pytest.mark.parametrize("text", ["not JSON", "[1]", '{"event_type": 7}', "null"])
def test_what_is_no_command_is_remembered_as_it_came(text: str) -> None:
    hub = core()
    hub.connect().says(text)
    (entry,) = journal(hub).received()
    assert (entry.text, entry.channel, entry.message) == (text, None, None)
    assert text.replace(" ", "") in str(entry).replace(" ", "")


def test_an_event_is_noted_when_published_and_for_each_connection_when_sent() -> None:
    hub = core()
    hub.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    first, second = hub.connect("pdfm"), hub.connect("pdfm")
    hub.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    assert [entry.recipients for entry in journal(hub).select(Kind.PUBLISHED)] == [0, 2]
    assert not journal(hub).sent("pdfm"), "it still waits in the queues"
    first.reads()
    assert [entry.connection for entry in journal(hub).sent("pdfm", "VM_STATE_CHANGED")] == [first.id]
    second.reads()
    assert len(journal(hub).sent("pdfm", connection=second.id)) == 1


def test_every_frame_that_leaves_in_one_piece_is_noted_in_order() -> None:
    hub = core()
    peer = hub.connect("pdfm")
    sizes = [1, 125, 126, 70_000]
    for size in sizes:
        hub.hub.publish("pdfm", "VM_STATE_CHANGED", {"vm_id": "v" * size}, unchecked=True)
    peer.opcodes()
    assert [len(entry.data["body"]["vm_id"]) for entry in journal(hub).sent("pdfm")] == sizes


def test_what_a_full_queue_loses_is_noted_as_lost_and_not_as_sent() -> None:
    hub = core(Limits(queue_size=1))
    peer = hub.connect("pdfm")
    for number in (1, 2):
        hub.hub.publish("pdfm", "VM_REMOVED", {"vm_id": f"vm-{number}"})
    peer.reads()
    (lost,) = journal(hub).select(Kind.EVICTED)
    (sent,) = journal(hub).sent("pdfm")
    assert (lost.data["body"], sent.data["body"]) == ({"vm_id": "vm-1"}, {"vm_id": "vm-2"})


def test_heartbeats_and_binary_messages_are_noted() -> None:
    hub = core()
    peer = hub.connect()
    hub.advance(31)
    peer.opcodes()
    hub.hub.receive_pong(peer.connection)
    hub.hub.receive_ping(peer.connection)
    hub.hub.receive_binary(peer.connection)
    assert kinds(journal(hub))[1:] == [
        Kind.PING,
        Kind.PONG,
        Kind.CLIENT_PING,
        Kind.RECEIVED,
        Kind.REJECTED,
    ]
    assert ["binary" in entry.detail for entry in journal(hub)[-2:]] == [True, True]


def test_removed_channels_are_noted() -> None:
    hub = core()
    peer = hub.connect("pdfm,health")
    hub.hub.unsubscribe(peer.connection, ["pdfm"])
    (entry,) = journal(hub).select(Kind.UNSUBSCRIBED)
    assert (entry.connection, entry.channels) == (peer.id, ("pdfm",))


def test_entries_are_bounded_and_what_is_given_up_is_counted() -> None:
    hub = core(Limits(journal_entries=3))
    peer = hub.connect("health")
    for _ in range(4):
        peer.says(PING)
    kept = journal(hub)
    assert [entry.number for entry in kept] == [7, 8, 9]
    assert kept.dropped == 6
    assert kept.timeline(2).startswith("(7 earlier entries are not shown)")


def test_size_is_bounded_too() -> None:
    hub = core(Limits(journal_size=50_000))
    peer = hub.connect("pdfm")
    for _ in range(10):
        hub.hub.publish("pdfm", "VM_STATE_CHANGED", "x" * 20_000, unchecked=True)
    peer.opcodes()
    assert 1 <= len(journal(hub).sent()) <= 2
    assert sum(len(entry.text or "") for entry in journal(hub)) <= 50_000


def test_a_journal_does_not_change_and_a_cleared_one_goes_on_counting() -> None:
    hub = core()
    hub.connect()
    before = journal(hub)
    assert hub.hub.recorder is not None
    hub.hub.recorder.clear()
    hub.connect()
    assert (len(before), [entry.number for entry in journal(hub)]) == (1, [2])
    assert journal(hub)[:1] != before
    assert len(journal(hub).select(after=2)) == 0


def test_counts_and_json_lines() -> None:
    hub = core()
    hub.connect("health").says(PING)
    assert journal(hub).counts() == {Kind.SENT: 2, Kind.RECEIVED: 1}
    lines = [json.loads(line) for line in journal(hub).json_lines().splitlines()]
    assert [line["kind"] for line in lines] == ["sent", "received", "sent"]
    assert lines[1]["time"].endswith("Z")
    assert json.loads(lines[1]["text"]) == PING
    assert "status" not in lines[1]


def test_a_timeline_is_one_line_an_entry_whatever_was_said() -> None:
    hub = core()
    peer = hub.connect()
    peer.says('{"event_type": "a\\nb", "message": "\\u001b[31m"}')
    peer.says("line\nbreak " + "x" * 1000)
    lines = journal(hub).timeline().splitlines()
    assert len(lines) == len(journal(hub))
    assert all(len(line) < 400 and line.isprintable() for line in lines)
    assert Journal().timeline() == "(the journal is empty)"


def test_without_a_journal_connections_have_plain_queues() -> None:
    hub = CoreHub()
    connection = hub.try_connect()
    assert isinstance(connection, Connection)
    assert type(connection.outbox) is Outbox
    assert hub.hub.recorder is None
    assert Peer(hub.hub, connection).id == connection.id
