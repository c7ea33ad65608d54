from __future__ import annotations

import re
from math import inf, nan

import pytest

from eventshub_mockserver import ManualClock, SystemClock
from eventshub_mockserver.core.clock import rfc3339


def test_manual_clock_moves_both_readings_alike() -> None:
    clock = ManualClock(start=1000.0)
    clock.advance(2.5)
    assert (clock.time(), clock.monotonic()) == (1002.5, 2.5)


def test_calls_happen_in_the_order_of_their_moments_each_at_its_own() -> None:
    clock = ManualClock()
    seen: list[tuple[str, float]] = []

    def again() -> None:
        seen.append(("again", clock.monotonic()))
        clock.call_later(2, again)

    clock.call_later(3, lambda: seen.append(("late", clock.monotonic())))
    clock.call_later(1, again)
    clock.call_later(1, lambda: seen.append(("same moment", clock.monotonic())))
    clock.call_later(1.5, lambda: seen.append(("never", clock.monotonic()))).cancel()
    clock.advance(3.5)
    assert seen == [("again", 1.0), ("same moment", 1.0), ("late", 3.0), ("again", 3.0)]
    assert clock.monotonic() == 3.5
    clock.advance(0)
    assert len(seen) == 4


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="-1"):
        ManualClock().advance(-1)


@pytest.mark.parametrize("endless", [inf, nan])
def test_time_does_not_pass_without_end(endless: float) -> None:
    with pytest.raises(ValueError, match="comes to an end"):
        ManualClock().advance(endless)


def test_system_clock_is_later_each_time() -> None:
    clock = SystemClock()
    assert clock.monotonic() <= clock.monotonic()
    assert clock.time() > 1_700_000_000


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "1970-01-01T00:00:00.000000Z"), (1_764_929_730.25, "2025-12-05T10:15:30.250000Z")],
)
def test_moments_are_utc(seconds: float, text: str) -> None:
    assert rfc3339(seconds) == text
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text)
