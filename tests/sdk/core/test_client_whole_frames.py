"""What is taken out of a stream before the library sees it: never more than the library would have found."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.sdk.raw_frames import BINARY, CLOSE, CONTINUATION, FINAL, PING, PONG, TEXT, frame
from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from eventshub._core.whole_frames import WholeFrames

LARGEST = 70_000
SIZES = st.sampled_from([0, 1, 2, 3, 125, 126, 127, 300, 0xFFFF, 0x10000, LARGEST, LARGEST + 1])


class Library:
    """The frames of a connection as websockets reads them."""

    def __init__(self) -> None:
        self._protocol = ClientProtocol(parse_uri("ws://hub"), state=OPEN, max_size=LARGEST)
        self._pieces: list[bytes] = []
        self.read: list[tuple[int, bytes]] = []

    def feed(self, data: bytes) -> bool:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            assert isinstance(event, Frame)
            if event.opcode not in {TEXT, BINARY, CONTINUATION}:
                self.read.append((event.opcode, bytes(event.data)))
                continue
            self._pieces.append(bytes(event.data))
            if event.fin:
                self.deliver(b"".join(self._pieces))
                self._pieces.clear()
        return not self._pieces and self._protocol.state is OPEN

    def deliver(self, message: bytes) -> None:
        self.read.append((TEXT, message))


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """Mostly what a hub sends, and whatever else has the outline of a frame."""
    kind = draw(st.sampled_from([TEXT] * 8 + [CONTINUATION, BINARY, PING, PONG, CLOSE, 3, 11]))
    flags = draw(st.sampled_from([FINAL] * 8 + [0, 0, FINAL | 0x40, FINAL | 0x10]))
    size = draw(SIZES)
    if kind >= CLOSE:
        size = min(size, 126)
    payload = (1000).to_bytes(2, "big") + b"x" * size if kind == CLOSE else b"{" * size
    return frame(payload, kind, flags, mask=draw(st.sampled_from([0] * 9 + [0x80])))


def cut(stream: bytes, places: Sequence[int]) -> list[bytes]:
    ends = sorted(place % (len(stream) + 1) for place in places)
    return [stream[start:end] for start, end in zip([0, *ends], [*ends, len(stream)], strict=True)]


@given(st.lists(frames(), max_size=12), st.lists(st.integers(0, 200_000), max_size=8))
@example([frame(b""), frame(b"1"), frame(b"", PING)], [1, 3])
@example([frame(b"{", flags=0), frame(b"{}"), frame(b"}", CONTINUATION)], [])
@example([b"\x81\x7e\x00\x05hello", frame(b"{}")], [])
@example([b"\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x05hello", frame(b"{}")], [])
def test_same_frames_in_the_same_order_as_the_library_alone(parts: list[bytes], places: list[int]) -> None:
    stream = b"".join(parts)
    alone, behind = Library(), Library()
    whole = WholeFrames(LARGEST, behind.deliver, behind.feed)
    for piece in cut(stream, places):
        alone.feed(piece)
        whole.feed(piece)
    assert behind.read == alone.read


@pytest.mark.parametrize("size", [0, 1, 125, 126, 300, 0xFFFF])
def test_a_whole_message_needs_no_library(size: int) -> None:
    received: list[bytes] = []

    def hand_on(data: bytes) -> bool:
        raise AssertionError(f"handed on: {data[:20]!r}")

    whole = WholeFrames(1 << 20, received.append, hand_on)
    message = b"{" * size
    whole.feed(frame(message) + frame(b"next") + frame(b"begun")[:1])
    whole.feed(frame(b"begun")[1:])
    assert received == [message, b"next", b"begun"]


@pytest.mark.parametrize("text", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\xf4\x90\x80\x80"])
def test_text_that_is_not_utf8_is_for_the_library_to_refuse(text: bytes) -> None:
    handed_on: list[bytes] = []

    def hand_on(data: bytes) -> bool:
        handed_on.append(data)
        return True

    received: list[bytes] = []
    whole = WholeFrames(1 << 20, received.append, hand_on)
    whole.feed(frame("✓".encode()) + frame(text) + frame(b"next"))
    assert (received, handed_on) == (["✓".encode(), b"next"], [frame(text)])


def test_a_large_message_is_handed_on_as_it_comes() -> None:
    """Nothing of it is kept here."""
    parts: list[bytes] = []

    def hand_on(data: bytes) -> bool:
        parts.append(data)
        return True

    received: list[bytes] = []
    whole = WholeFrames(1 << 20, received.append, hand_on)
    stream = frame(b"{" * 200_000) + frame(b"next")
    for start in range(0, len(stream), 50_000):
        whole.feed(stream[start : start + 50_000])
    assert [len(part) for part in parts] == [50_000] * 4 + [10]
    assert received == [b"next"]
