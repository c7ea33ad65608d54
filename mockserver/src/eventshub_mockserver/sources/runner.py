"""Runs sources by the hub's clock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from typing import Final

from ..core.clock import Timer
from ..core.hub import Hub
from .source import Change, Cue, Source, StageSource
from .stage import Stage

_LOG = logging.getLogger("eventshub_mockserver")
_MOST_BEHIND: Final = 1.0
"""Seconds of delay that a source may make up for; more than that is a pause and not a delay."""

Soon = Callable[[Callable[[], None]], object]
"""Has something called in a moment, after what goes on now."""


class RunningSource:
    """A source on its way from cue to cue."""

    def __init__(
        self,
        source: Source | StageSource,
        stage: Stage,
        soon: Soon,
        ended: Callable[[RunningSource], None],
        number: int,
    ) -> None:
        self.source = source
        self.number = number
        """Counts the hub's sources from 1."""
        self.is_done = False
        """Whether it has come to its end, failed or was stopped."""
        self._cues = _cues_of(source, stage)
        self._clock = stage.clock
        self._soon = soon
        self._ended = ended
        self._timer: Timer | None = None
        self._waits_for_change = False
        self._is_woken = False
        self._step = 0
        self._due = self._clock.monotonic()

    def stop(self) -> None:
        """Let it do nothing more; harmless when it is done."""
        self._settle()
        if not self.is_done:
            self.is_done = True
            close: Callable[[], None] | None = getattr(self._cues, "close", None)
            if close is not None:
                close()
            self._ended(self)

    def notice(self) -> None:
        """Something has happened between the hub and its clients."""
        if self._waits_for_change and not self._is_woken:
            self._is_woken = True
            self._soon(self._go_on_from(self._step))

    def start(self) -> None:
        """Begin, after what goes on now."""
        self._soon(self._go_on_from(self._step))

    def _go_on_from(self, step: int) -> Callable[[], None]:
        """A call that goes on from this step alone: it may come when another has done so already."""

        def go_on() -> None:
            if not self.is_done and step == self._step:
                self._go_on()

        return go_on

    def _go_on(self) -> None:
        self._settle()
        try:
            cue = next(self._cues, None)
        except Exception:  # noqa: BLE001 - a source is foreign code; its fault is logged
            _LOG.exception("the source %s failed; the hub goes on without it", type(self.source).__name__)
            cue = None
        if cue is None:
            self.stop()
        elif isinstance(cue, Change):
            self._waits_for_change = True
            if cue.within is not None:
                self._timer = self._clock.call_later(cue.within, self._go_on_from(self._step))
        else:
            self._wait(cue)

    def _wait(self, seconds: float) -> None:
        now = self._clock.monotonic()
        # Counted from when it was due: delays of the machine do not add up to a slower stream.
        start = self._due if now - self._due < _MOST_BEHIND else now
        self._due = start + seconds
        go_on = self._go_on_from(self._step)
        if seconds <= 0:
            self._soon(go_on)
        else:
            self._timer = self._clock.call_later(self._due - now, go_on)

    def _settle(self) -> None:
        self._step += 1
        if self._waits_for_change:
            self._due = self._clock.monotonic()
        self._waits_for_change = self._is_woken = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class SourceRunner:
    """Starts sources and keeps them, each independent of the others."""

    def __init__(self, hub: Hub, stage: Stage, soon: Soon) -> None:
        self._hub = hub
        self._stage = stage
        self._soon = soon
        self._running: list[RunningSource] = []
        self._started = 0
        self.end_listeners: list[Callable[[], object]] = []
        """Called when a source has come to its end."""

    @property
    def running(self) -> tuple[RunningSource, ...]:
        """Those that are not done."""
        return tuple(self._running)

    def start(self, source: Source | StageSource) -> RunningSource:
        """Let a source run; its first step comes after what goes on now.

        Raises:
            LookupError: it needs a journal, and the hub keeps none.
        """
        if needs_journal(source) and self._hub.recorder is None:
            raise LookupError("this source needs a hub with a journal: HubConfig(journal=True)")
        self._started += 1
        running = RunningSource(source, self._stage, self._soon, self._forget, self._started)
        if not self._running and self._hub.recorder is not None:
            self._hub.recorder.listeners.append(self._notice)
        self._running.append(running)
        running.start()
        return running

    def stop(self, keep: Collection[Source | StageSource] = ()) -> None:
        """Stop all but those to be kept."""
        for running in self.running:
            if not any(running.source is source for source in keep):
                running.stop()

    def _notice(self) -> None:
        for running in self._running:
            running.notice()

    def _forget(self, running: RunningSource) -> None:
        self._running.remove(running)
        if not self._running and self._hub.recorder is not None:
            self._hub.recorder.listeners.remove(self._notice)
        for listener in list(self.end_listeners):
            listener()


def _cues_of(source: Source | StageSource, stage: Stage) -> Iterator[Cue]:
    if isinstance(source, StageSource):
        return source.perform(stage)
    return source.run(stage.publish_message, stage.clock)


def needs_journal(source: Source | StageSource) -> bool:
    """Whether a hub has to keep a journal to run this source."""
    return isinstance(source, StageSource) and source.needs_journal
