from __future__ import annotations

import pytest
from tests.mockserver.core_harness import CLOSE, PING, PONG, TEXT, split_frames
from websockets.frames import Close

from eventshub_mockserver.core.frames import PING_FRAME, close_frame, pong_frame, text_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 70000])
def test_a_text_of_any_size_is_one_whole_frame(size: int) -> None:
    assert split_frames(text_frame(b"x" * size)) == [(TEXT, b"x" * size)]


def test_lengths_are_written_in_the_fewest_bytes() -> None:
    assert [len(text_frame(b"x" * size)) - size for size in (125, 126, 65535, 65536)] == [2, 4, 4, 10]


def test_control_frames() -> None:
    assert split_frames(PING_FRAME) == [(PING, b"")]
    assert split_frames(pong_frame(b"abc")) == [(PONG, b"abc")]
    ((opcode, payload),) = split_frames(close_frame(1008, "too fast"))
    assert opcode == CLOSE
    assert Close.parse(payload) == Close(1008, "too fast")


def test_a_long_reason_is_cut_between_characters() -> None:
    ((_, payload),) = split_frames(close_frame(1011, "é" * 100))
    assert len(payload) <= 125
    assert Close.parse(payload).reason == "é" * 61
