"""When reading has to wait for the application."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eventshub import Connected, Dropped, Reconnected, VmRemoved, VmRemovedBody
from eventshub._core.buffer import EventBuffer, WhenFull

NOW = datetime(2025, 12, 5, tzinfo=UTC)
AGAIN = Reconnected(gap=timedelta(seconds=1), attempts=1, client_id="c", channels=())


def filled(limit: int, count: int, when_full: WhenFull = "wait") -> EventBuffer:
    buffer = EventBuffer(limit, when_full)
    buffer.items.extend(event(number) for number in range(count))
    return buffer


def event(number: int) -> VmRemoved:
    return VmRemoved(id=str(number), timestamp=NOW, body=VmRemovedBody(vm_id="vm"))


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
        EventBuffer(0)


def test_unknown_policy_is_refused() -> None:
    policy: Any = "drop"
    with pytest.raises(ValueError, match="'drop_oldest'"):
        EventBuffer(1, policy)


@pytest.mark.parametrize("when_full", ["drop_oldest", "fail"])
def test_reading_goes_on_with_the_other_policies(when_full: WhenFull) -> None:
    assert not filled(10, 30, when_full).is_full(awaits_reply=False)


class TestShedding:
    def test_oldest_go_and_one_notice_counts_them(self) -> None:
        buffer = filled(3, 5, "drop_oldest")
        buffer.shed()
        assert list(buffer.items) == [Dropped(count=2), event(2), event(3), event(4)]
        buffer.items.append(event(5))
        buffer.shed()
        assert list(buffer.items) == [Dropped(count=3), event(3), event(4), event(5)]
        assert buffer.dropped == 3

    def test_count_begins_anew_once_the_notice_is_taken(self) -> None:
        buffer = filled(2, 3, "drop_oldest")
        buffer.shed()
        assert buffer.items.popleft() == Dropped(count=1)
        buffer.items.append(event(3))
        buffer.shed()
        assert buffer.items[0] == Dropped(count=1)
        assert buffer.dropped == 2

    def test_dropped_gap_is_told(self) -> None:
        buffer = EventBuffer(1, "drop_oldest")
        buffer.items.extend([Connected(client_id="c", channels=()), event(0), AGAIN, event(1)])
        buffer.shed()
        assert list(buffer.items) == [Dropped(count=1, reconnects=1), event(1)]

    def test_silent_when_told_so(self) -> None:
        buffer = EventBuffer(1, "drop_oldest", tells_drops=False)
        buffer.items.extend([event(0), event(1)])
        buffer.shed()
        assert list(buffer.items) == [event(1)]
        assert buffer.dropped == 1
