from __future__ import annotations

import re

import pytest

from eventshub_mockserver import ManualClock, SystemClock
from eventshub_mockserver.core.clock import rfc3339


def test_manual_clock_moves_both_readings_alike() -> None:
    clock = ManualClock(start=1000.0)
    clock.advance(2.5)
    assert (clock.time(), clock.monotonic()) == (1002.5, 2.5)


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="-1"):
        ManualClock().advance(-1)


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
