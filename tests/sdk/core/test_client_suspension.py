"""A machine that slept is told from one that was busy."""

from __future__ import annotations

from eventshub._core.suspension import SuspensionWatch


def test_clocks_that_agree_are_no_sleep_however_late_the_look() -> None:
    watch = SuspensionWatch(15)
    assert [watch.slept(wall, wall - 1000) for wall in (5000, 5005, 9000)] == [None] * 3


def test_wall_clock_that_ran_ahead_is_a_sleep() -> None:
    watch = SuspensionWatch(15)
    assert watch.slept(5000, 10) is None
    assert watch.slept(5105, 15) == 100
    assert watch.slept(5110, 20) is None


def test_corrections_of_the_wall_clock_are_none() -> None:
    watch = SuspensionWatch(15)
    looks = [(5000, 0), (5019.9, 5), (4000, 10), (4005, 15)]
    assert [watch.slept(wall, now) for wall, now in looks] == [None] * 4
