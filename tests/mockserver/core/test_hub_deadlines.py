"""Protocol HB-1, HB-3, EVT-7, AUTH-7, END-1: when the hub lets go."""

from __future__ import annotations

import pytest
from tests.mockserver.core_harness import PING, CoreHub

from eventshub_mockserver.core.connection import Ending
from eventshub_mockserver.core.limits import Limits


def test_a_peer_that_answers_pings_stays_for_ever() -> None:
    core = CoreHub()
    peer = core.connect()
    pings = 0
    for _ in range(600):
        core.advance(1)
        for opcode in peer.opcodes():
            assert opcode == PING
            pings += 1
            core.hub.receive_pong(peer.connection)
    assert peer.ending() is None
    assert pings == 20


def test_a_peer_that_does_not_answer_is_dead_after_45_seconds_and_its_slot_free() -> None:
    core = CoreHub()
    peer = core.connect("pdfm", address="a")
    core.advance(30)
    assert peer.opcodes() == [PING]
    core.advance(14.9)
    assert peer.ending() is None
    assert core.refuses(address="a").status == 409
    core.advance(0.1)
    ending = peer.ending()
    assert ending is not None
    assert ending.is_abrupt
    assert core.connect("pdfm", address="a").id != peer.id
    assert core.hub.publish("global", "SHUTDOWN", {}).recipients == 1


def test_commands_are_no_pongs() -> None:
    core = CoreHub()
    peer = core.connect("health")
    for _ in range(45):
        core.advance(1)
        core.hub.receive(peer.connection, '{"type": "health", "message": "ping"}')
    assert peer.ending() is not None


def test_a_peer_that_stays_stalled_is_closed_1013() -> None:
    core = CoreHub(Limits(stall_timeout=10))
    peer = core.connect("pdfm", address="a")
    peer.connection.stalled_since = core.clock.monotonic()
    core.advance(9.9)
    assert peer.ending() is None
    core.advance(0.1)
    ending = peer.ending()
    assert ending is not None
    assert ending.code == 1013
    assert peer.connection.outbox.depth == 0
    core.connect(address="a")


def test_a_credential_that_expires_takes_its_connection_along() -> None:
    core = CoreHub()
    peer = core.connect(expires_at=core.clock.time() + 5)
    other = core.connect()
    core.advance(4.9)
    assert peer.ending() is None
    core.advance(0.1)
    ending = peer.ending()
    assert ending is not None
    assert ending.code == 1008
    assert other.ending() is None


def test_a_revoked_credential_takes_its_connections_along() -> None:
    core = CoreHub()
    peers = [core.connect(name="bob"), core.connect(name="bob")]
    other = core.connect(name="alice")
    core.hub.revoke("bob")
    assert [peer.ending() for peer in peers] == [Ending(1008, "the credential was revoked")] * 2
    assert other.ending() is None


def test_shutdown_is_told_last_and_everybody_ends_with_1001() -> None:
    core = CoreHub()
    peers = [core.connect("pdfm"), core.connect()]
    core.hub.shut_down("moving house")
    core.hub.shut_down("again")
    for peer in peers:
        (event,) = peer.reads()
        assert (event["event_type"], event["message"]) == ("global", "SHUTDOWN")
        assert event["body"]["reason"] == "moving house"
        assert peer.ending() == Ending(1001, "moving house")


@pytest.mark.parametrize("bound", ["ping_interval", "queue_size", "message_size", "stall_timeout"])
def test_a_bound_has_to_be_positive(bound: str) -> None:
    with pytest.raises(ValueError, match=bound):
        Limits(**{bound: 0})


def test_a_pong_needs_more_time_than_there_is_between_pings() -> None:
    with pytest.raises(ValueError, match="pong_timeout"):
        Limits(ping_interval=30, pong_timeout=30)
