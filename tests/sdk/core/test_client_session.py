"""The session's decisions, with the time given by the test."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.sdk import frames

from eventshub import (
    CommandError,
    ConnectionLostError,
    Heartbeat,
    InvalidEvent,
    MessageDecodeError,
    NotConnectedError,
    Pong,
    ProtocolError,
    ReplyTimeoutError,
    Timeouts,
    UnknownEvent,
    VmStateChanged,
)
from eventshub._core.pending import PendingReply
from eventshub._core.session import Session, SessionState
from eventshub._generated.protocol import CLIENT_ID, PING, PROTOCOL

TIMEOUTS = Timeouts(welcome=5, reply=3)


def make_session(*channels: str, heartbeat: Heartbeat | None = None) -> Session:
    beat = None if heartbeat is None else (PING, heartbeat)
    return Session(PROTOCOL, channels, timeouts=TIMEOUTS, heartbeat=beat)


def open_session(*channels: str, heartbeat: Heartbeat | None = None) -> Session:
    session = make_session(*channels, heartbeat=heartbeat)
    session.open(100.0)
    assert session.receive(frames.welcome(*channels, "global"), 100.0) is None
    return session


def ping(session: Session, now: float, timeout: float | None = None) -> PendingReply[Pong]:
    return session.request(PING, PING.request(), now=now, timeout=timeout, notify=lambda: None)


def sent(session: Session) -> dict[str, Any]:
    frame = session.take_outgoing()
    assert frame is not None
    command: dict[str, Any] = json.loads(frame)
    return command


class TestWelcome:
    def test_opens_the_session(self) -> None:
        session = make_session("pdfm", "health")
        session.open(100.0)
        assert session.receive(frames.welcome("pdfm", "health", "global"), 100.1) is None
        assert session.state is SessionState.OPEN
        assert session.client_id == frames.CLIENT_ID
        assert session.channels == ("pdfm", "health", "global")
        assert session.refused == ()
        assert session.next_deadline() is None

    def test_says_what_was_not_granted(self, caplog: pytest.LogCaptureFixture) -> None:
        session = make_session("pdfm", "nope", "also-nope")
        session.open(0.0)
        session.receive(frames.welcome("pdfm", "global"), 0.0)
        assert session.refused == ("nope", "also-nope")
        assert "nope, also-nope" in caplog.text

    def test_says_which_channel_is_meant_by_a_mistyped_name(self, caplog: pytest.LogCaptureFixture) -> None:
        session = make_session("pdmf", "health", "heath", "nope")
        session.open(0.0)
        session.receive(frames.welcome("health", "global"), 0.0)
        assert "pdmf (is pdfm meant?), heath, nope" in caplog.text

    def test_is_recognised_by_shape_not_by_text(self) -> None:
        session = make_session()
        session.open(0.0)
        session.receive(frames.welcome("global", message="bienvenue"), 0.0)
        assert session.state is SessionState.OPEN

    @pytest.mark.parametrize(
        ("frame", "path"),
        [
            (frames.vm_state(), "$.event_type"),
            (frames.welcome(body={"client_id": "c"}), "$.body"),
            (frames.welcome("global").replace(b'"event_type"', b'"type"'), "$"),
            (b"hello", "$"),
        ],
    )
    def test_must_come_first(self, frame: bytes, path: str) -> None:
        session = make_session("pdfm")
        session.open(0.0)
        with pytest.raises(ProtocolError, match="first frame is not the hub's welcome") as caught:
            session.receive(frame, 0.0)
        assert isinstance(caught.value.__cause__, MessageDecodeError)
        assert caught.value.__cause__.path == path

    def test_must_come_in_time(self) -> None:
        session = make_session()
        session.open(100.0)
        assert session.next_deadline() == 105.0
        session.tick(104.9)
        with pytest.raises(ProtocolError, match="no welcome within 5 s"):
            session.tick(105.0)

    def test_repeats_no_channel(self) -> None:
        session = make_session("pdfm")
        session.open(0.0)
        session.receive(frames.welcome("pdfm", "global", "pdfm"), 0.0)
        assert session.channels == ("pdfm", "global")


class TestEvents:
    def test_known_unknown_and_invalid_come_out_in_order(self) -> None:
        session = open_session("pdfm")
        known = session.receive(frames.vm_state(), 1.0)
        unknown = session.receive(frames.event("pdfm", "NEWER"), 1.0)
        invalid = session.receive(b"{", 1.0)
        assert isinstance(known, VmStateChanged)
        assert isinstance(unknown, UnknownEvent)
        assert isinstance(invalid, InvalidEvent)
        assert (invalid.raw, invalid.path, invalid.payload, invalid.header) == (b"{", "$", None, None)

    def test_invalid_event_shows_what_could_be_read(self) -> None:
        session = open_session("pdfm")
        frame = frames.event("pdfm", "VM_STATE_CHANGED", {"vm_id": 1})
        invalid = session.receive(frame, 1.0)
        assert isinstance(invalid, InvalidEvent)
        assert invalid.payload == json.loads(frame)
        assert isinstance(invalid.header, UnknownEvent)
        assert invalid.header.message == "VM_STATE_CHANGED"
        assert invalid.path == "$.body.vm_id"
        assert "Expected `str`" in invalid.reason


class TestReplies:
    def test_pong_answers_the_ping_that_it_names(self) -> None:
        session = open_session("health")
        first, second = ping(session, 10.0), ping(session, 10.5)
        first_id, second_id = sent(session)["id"], sent(session)["id"]
        assert first_id != second_id
        assert session.receive(frames.pong(second_id), 11.0) is None
        assert (first.is_done, second.is_done) == (False, True)
        assert session.receive(frames.pong(first_id), 12.0) is None
        assert first.round_trip.total_seconds() == 2.0
        assert second.round_trip.total_seconds() == 0.5
        assert first.result().ref_id == first_id

    def test_reply_to_nobody_is_an_event(self) -> None:
        session = open_session("health")
        assert isinstance(session.receive(frames.pong("other"), 10.0), Pong)
        ping(session, 10.0)
        assert isinstance(session.receive(frames.pong("other"), 10.0), Pong)

    def test_second_reply_is_an_event(self) -> None:
        session = open_session("health")
        ping(session, 10.0)
        frame = frames.pong(sent(session)["id"])
        assert session.receive(frame, 10.1) is None
        assert isinstance(session.receive(frame, 10.2), Pong)

    def test_reply_after_the_deadline_is_an_event(self) -> None:
        session = open_session("health")
        pending = ping(session, 10.0, timeout=1.5)
        assert session.next_deadline() == 11.5
        session.tick(11.5)
        with pytest.raises(ReplyTimeoutError, match=r"no answer to ping within 1\.5 s") as caught:
            pending.result()
        assert isinstance(caught.value, TimeoutError)
        assert isinstance(session.receive(frames.pong(sent(session)["id"]), 11.6), Pong)

    def test_default_deadline_is_the_sessions(self) -> None:
        session = open_session("health")
        ping(session, 10.0)
        assert session.next_deadline() == 13.0

    def test_error_reply_is_a_command_error(self) -> None:
        session = open_session()
        pending = ping(session, 10.0)
        assert session.receive(frames.error(sent(session)["id"], "subscribe to health"), 10.1) is None
        with pytest.raises(CommandError, match="the hub refused ping: subscribe to health") as caught:
            pending.result()
        assert caught.value.operation == "ping"
        assert caught.value.text == "subscribe to health"
        assert caught.value.reply.channel == "global"  # type: ignore[attr-defined]

    def test_error_for_nobody_is_an_event(self) -> None:
        session = open_session()
        pending = ping(session, 10.0)
        assert session.receive(frames.error("somebody-else", "no"), 10.1) is not None
        assert not pending.is_done

    def test_wrong_reply_fails_the_command(self) -> None:
        session = open_session("system", "health")
        pending = session.request(CLIENT_ID, CLIENT_ID.request(), now=10.0, timeout=None, notify=lambda: None)
        assert session.receive(frames.pong(sent(session)["id"]), 10.1) is None
        with pytest.raises(ProtocolError, match="clientId was answered with a Pong, not a ClientIdReply"):
            pending.result()

    def test_malformed_reply_fails_the_command_at_once(self) -> None:
        session = open_session("system")
        pending = session.request(CLIENT_ID, CLIENT_ID.request(), now=10.0, timeout=None, notify=lambda: None)
        frame = frames.reply("system", "client-id", sent(session)["id"], {"client-id": 5})
        assert session.receive(frame, 10.1) is None
        with pytest.raises(MessageDecodeError) as caught:
            pending.result()
        assert caught.value.path == "$.body.client-id"

    def test_notifies_once(self) -> None:
        session = open_session("health")
        calls: list[str] = []
        session.request(PING, PING.request(), now=0.0, timeout=1, notify=lambda: calls.append("done"))
        session.receive(frames.pong(sent(session)["id"]), 0.1)
        session.tick(5.0)
        session.close(6.0)
        assert calls == ["done"]

    def test_command_needs_a_welcome(self) -> None:
        session = make_session("health")
        with pytest.raises(NotConnectedError):
            ping(session, 0.0)
        session.open(0.0)
        with pytest.raises(NotConnectedError):
            ping(session, 0.0)

    def test_forgotten_command_expects_nothing(self) -> None:
        session = open_session("health")
        session.forget(ping(session, 10.0))
        assert not session.awaits_reply
        assert session.next_deadline() is None


class TestHeartbeat:
    BEAT = Heartbeat(interval=30, timeout=10)

    def test_pings_at_intervals_while_answered(self) -> None:
        session = open_session("health", heartbeat=self.BEAT)
        for due in (130.0, 160.0, 190.0):
            assert session.next_deadline() == due
            session.tick(due - 0.1)
            assert session.take_outgoing() is None
            session.tick(due)
            command = sent(session)
            assert (command["event_type"], command["message"]) == ("health", "ping")
            assert session.receive(frames.pong(command["id"]), due + 0.1) is None

    def test_missing_pong_is_a_dead_connection(self) -> None:
        session = open_session("health", heartbeat=self.BEAT)
        session.tick(130.0)
        assert session.next_deadline() == 140.0
        session.tick(139.9)
        with pytest.raises(ConnectionLostError, match="heartbeat was not answered within 10 s") as caught:
            session.tick(140.0)
        assert caught.value.retryable

    def test_error_reply_shows_a_live_connection(self) -> None:
        session = open_session("health", heartbeat=self.BEAT)
        session.tick(130.0)
        session.receive(frames.error(sent(session)["id"], "busy"), 130.1)
        session.tick(140.0)
        session.tick(160.0)
        assert sent(session)["message"] == "ping"

    def test_needs_its_channel(self) -> None:
        assert open_session("pdfm", heartbeat=self.BEAT).next_deadline() is None

    def test_ends_with_its_channel(self) -> None:
        session = open_session("health", "pdfm", heartbeat=self.BEAT)
        session.tick(130.0)
        session.unsubscribed(["health"], None)
        assert session.next_deadline() is None
        session.tick(1000.0)

    def test_waits_while_the_application_does_not_read(self) -> None:
        session = open_session("health", heartbeat=self.BEAT)
        session.tick(130.0)
        session.pause()
        session.tick(141.0)
        session.resume(150.0)
        session.tick(159.9)
        with pytest.raises(ConnectionLostError):
            session.tick(160.0)


class TestChannels:
    def test_names_are_trimmed_lower_case_and_unique(self) -> None:
        assert make_session(" PDFM", "health", "pdfm ").asked == ("pdfm", "health")

    @pytest.mark.parametrize("name", ["", "  ", "pdfm,health"])
    def test_what_is_no_name_is_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match="is not a channel name"):
            make_session(name)

    def test_unsubscribed_leaves_what_the_hub_says(self) -> None:
        session = open_session("pdfm", "health")
        session.unsubscribed(["pdfm"], ["global"])
        assert session.channels == ("global",)

    def test_unsubscribed_without_a_list_leaves_the_rest(self) -> None:
        session = open_session("pdfm", "health")
        session.unsubscribed(["pdfm"], None)
        assert session.channels == ("health", "global")


class TestEnding:
    def test_loss_fails_each_command_with_an_error_of_its_own(self) -> None:
        session = open_session("health")
        first, second = ping(session, 10.0), ping(session, 10.0)
        loss = ConnectionLostError("gone", code_received=1001, code_sent=1001)
        session.lose(loss, 11.0)
        assert session.state is SessionState.ENDED
        assert session.failure is loss
        errors = [first.failure, second.failure]
        for failure in errors:
            assert isinstance(failure, ConnectionLostError)
            assert (failure.code_received, failure.code_sent) == (1001, 1001)
            assert failure.__cause__ is loss
        assert errors[0] is not errors[1]

    def test_close_fails_commands_and_is_no_failure(self) -> None:
        session = open_session("health")
        pending = ping(session, 10.0)
        session.close(11.0)
        with pytest.raises(NotConnectedError):
            pending.result()
        assert session.failure is None

    def test_nothing_happens_after_the_end(self) -> None:
        session = open_session("health", heartbeat=Heartbeat())
        ping(session, 100.0)
        session.close(101.0)
        assert session.next_deadline() is None
        assert session.take_outgoing() is None
        session.lose(ConnectionLostError("late"), 102.0)
        assert session.failure is None
        with pytest.raises(NotConnectedError):
            ping(session, 103.0)

    def test_command_after_a_loss_says_what_ended_it(self) -> None:
        session = open_session("health")
        loss = ConnectionLostError("gone")
        session.lose(loss, 11.0)
        with pytest.raises(NotConnectedError) as caught:
            ping(session, 12.0)
        assert caught.value.__cause__ is loss
