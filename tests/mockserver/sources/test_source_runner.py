"""How sources run: when they go on, what wakes them, what becomes of one that fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest
from tests.mockserver.settings import until
from tests.mockserver.sources.stage_harness import StagedHub

from eventshub_mockserver import HubConfig, HubServer
from eventshub_mockserver.core.clock import Clock, ManualClock
from eventshub_mockserver.sources.source import Change, Cue, Publish
from eventshub_mockserver.sources.stage import Stage


class Ticking:
    """Notes when it goes on."""

    def __init__(self, *waits: float) -> None:
        self.waits = waits
        self.moments: list[float] = []

    def run(self, publish: Publish, clock: Clock) -> Iterator[float]:
        del publish
        for wait in self.waits:
            yield wait
            self.moments.append(clock.monotonic())


class Watching:
    """Waits for changes, and once for time."""

    needs_journal: ClassVar[bool] = True

    def __init__(self) -> None:
        self.seen: list[str] = []

    def perform(self, stage: Stage) -> Iterator[Cue]:
        try:
            yield Change()
            self.seen.append(f"change at {stage.clock.monotonic():g}")
            yield 10.0
            self.seen.append(f"time at {stage.clock.monotonic():g}")
            yield Change(within=5.0)
            self.seen.append(f"limit at {stage.clock.monotonic():g}")
        finally:
            self.seen.append("closed")


def test_delays_are_exact_and_do_not_add_up() -> None:
    core = StagedHub()
    source = Ticking(0.5, 0.25, 0.0, 1.0)
    running = core.run(source, 10)
    assert source.moments == [0.5, 0.75, 0.75, 1.75]
    assert running.is_done
    assert core.sources.running == ()


def test_a_change_wakes_who_waits_for_one_and_no_delay_is_cut_short() -> None:
    core = StagedHub()
    source = Watching()
    core.run(source, 3)
    assert source.seen == []
    peer = core.connect("health")
    core.stage.note("something")
    core.stage.note("something else")
    core.clock.advance(1)
    assert source.seen == ["change at 3"]
    for _ in range(5):
        peer.says({"event_type": "health", "message": "ping"})
        core.clock.advance(1)
    assert source.seen == ["change at 3"]
    core.clock.advance(20)
    assert source.seen == ["change at 3", "time at 13", "limit at 18", "closed"]


def test_one_that_is_stopped_may_clear_up_and_does_nothing_more() -> None:
    core = StagedHub()
    watching, ticking = Watching(), Ticking(1.0, 1.0, 1.0)
    core.run(watching)
    running = core.run(ticking, 1.5)
    core.sources.stop(keep=[watching])
    core.clock.advance(10)
    assert ticking.moments == [1.0]
    assert running.is_done
    assert watching.seen == []
    core.sources.stop()
    running.stop()
    assert watching.seen == ["closed"]


def test_a_failure_harms_no_other_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def run(self, publish: Publish, clock: Clock) -> Iterator[float]:
            del publish
            yield 1.0
            raise LookupError(f"lost at {clock.monotonic():g}")

    core = StagedHub()
    ends: list[int] = []
    core.sources.end_listeners.append(lambda: ends.append(len(core.sources.running)))
    core.run(Broken())
    other = Ticking(2.0)
    core.run(other, 5)
    assert other.moments == [2.0]
    assert "Broken failed" in caplog.text
    assert "lost at 1" in caplog.text
    assert ends == [1, 0]


class SleepyClock(ManualClock):
    """That of a machine that can sleep: time passes and no timer is on time."""

    def sleep(self, seconds: float) -> None:
        self._elapsed += seconds


def test_a_long_pause_is_not_made_up_for() -> None:
    clock = SleepyClock()
    core = StagedHub(clock=clock)
    source = Ticking(1.0, 1.0, 1.0)
    core.run(source)
    clock.sleep(3600)
    clock.advance(10)
    assert source.moments == [3600.0, 3601.0, 3602.0]


def test_what_needs_a_journal_is_refused_without_one() -> None:
    core = StagedHub(has_journal=False)
    with pytest.raises(LookupError, match="journal=True"):
        core.sources.start(Watching())
    assert core.run(Ticking(1.0), 1).is_done


async def test_sources_can_be_started_later() -> None:
    async with HubServer(HubConfig(journal=True)) as hub:
        running = hub.sources.start(Ticking(0.0, 0.0))
        await until(lambda: running.is_done)
        hub.sources.start(Ticking(60.0))
        await hub.reset()
        assert hub.sources.running == ()
