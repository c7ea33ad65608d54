"""When reading has to wait for the application."""

from __future__ import annotations

import pytest

from eventshub._core.buffer import EventBuffer


def filled(limit: int, count: int) -> EventBuffer[int]:
    buffer: EventBuffer[int] = EventBuffer(limit)
    buffer.items.extend(range(count))
    return buffer


@pytest.mark.parametrize(
    ("count", "awaits_reply", "is_full"),
    [(9, False, False), (10, False, True), (10, True, False), (19, True, False), (20, True, True)],
)
def test_full_at_the_limit_or_at_twice_while_a_reply_is_awaited(
    count: int, awaits_reply: bool, is_full: bool
) -> None:
    assert filled(10, count).is_full(awaits_reply=awaits_reply) is is_full


@pytest.mark.parametrize(
    ("count", "awaits_reply", "has_room"),
    [(6, False, False), (5, False, True), (19, True, True), (20, True, False)],
)
def test_room_when_half_is_gone_or_a_reply_is_awaited(count: int, awaits_reply: bool, has_room: bool) -> None:
    assert filled(10, count).has_room(awaits_reply=awaits_reply) is has_room


def test_smallest_buffer_gets_room_when_empty() -> None:
    assert filled(1, 1).is_full(awaits_reply=False)
    assert filled(1, 0).has_room(awaits_reply=False)


def test_buffer_for_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        EventBuffer[int](0)
