"""Protocol EVT-7: bounded, the oldest go first, and what goes is counted."""

from __future__ import annotations

from eventshub_mockserver.core.outbox import Frame, Outbox


def frame(number: int, channel: str = "pdfm", *, is_targeted: bool = False) -> Frame:
    return Frame(channel, b"%03d" % number, is_targeted)


def test_frames_leave_in_order_and_together() -> None:
    outbox = Outbox(10)
    for number in range(3):
        outbox.put(frame(number))
    assert outbox.depth == 3
    assert outbox.take(1000) == b"000001002"
    assert (outbox.sent, outbox.depth, bool(outbox)) == (3, 0, False)
    assert outbox.take(1000) == b""


def test_the_oldest_is_evicted_and_counted() -> None:
    outbox = Outbox(2)
    for number in range(5):
        outbox.put(frame(number))
    assert (outbox.evicted, outbox.depth) == (3, 2)
    assert outbox.take(1000) == b"003004"
    assert outbox.sent == 2


def test_a_piece_is_about_as_long_as_asked_for_and_never_empty() -> None:
    outbox = Outbox(10)
    for number in range(5):
        outbox.put(frame(number))
    assert outbox.take(1) == b"000"
    assert outbox.take(4) == b"001002"
    assert outbox.take(1000) == b"003004"


def test_a_control_frame_goes_ahead_and_is_no_message() -> None:
    outbox = Outbox(2)
    outbox.put(frame(1))
    outbox.put_control(b"PING")
    outbox.put_control(b"PING")
    assert outbox.depth == 1
    assert outbox.take(1) == b"PING001"
    outbox.put_control(b"PING")
    assert outbox.take(1) == b"PING"
    assert outbox.sent == 1


def test_broadcasts_of_a_channel_can_be_dropped() -> None:
    outbox = Outbox(10)
    outbox.put(frame(1))
    outbox.put(frame(2, "health"))
    outbox.put(frame(3, is_targeted=True))
    outbox.drop_broadcasts({"pdfm"})
    assert outbox.take(1000) == b"002003"
