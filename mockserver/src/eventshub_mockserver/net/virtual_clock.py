"""Time that passes when a test says so, for a hub and its clients in whatever threads and event loops."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Generator, Hashable, Iterable
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias
from weakref import WeakSet

from ..core.clock import Clock, ManualClock, ManualTimer, Timer

_ITERATIONS: Final = 8
"""Turns of an event loop that take any step of a conversation from a readable socket to a written answer."""
_QUIET_ROUNDS: Final = 3
_POLL: Final = 0.01
_PATIENCE: Final = 0.5
_POLLS: Final = 50
_LOOP_PATIENCE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Activity:
    """What goes on somewhere at one moment."""

    events: int
    """Grows with everything that happens."""
    awaited: frozenset[Hashable] = frozenset()
    """What is certain to happen soon, unless a peer has gone silent: each under a name of its own."""


Probe: TypeAlias = Callable[[], Activity]
_Wait: TypeAlias = "list[Future[None]] | float"


class _LoopTimer(ManualTimer):
    """A timer that calls in the event loop in which it was made; directly, where there was none."""

    __slots__ = ("loop",)

    def __init__(
        self, due: float, callback: Callable[[], object], loop: asyncio.AbstractEventLoop | None
    ) -> None:
        super().__init__(due, callback)
        self.loop = loop

    def post(self) -> None:
        if self.loop is None:
            self.fire()
            return
        try:
            self.loop.call_soon_threadsafe(self.fire)
        except RuntimeError:  # the loop is closed, and whoever waited is gone
            self.cancel()


class VirtualClock(ManualClock):
    """A clock that moves only when told to, shared by a hub and its clients.

    An advance goes from one due timer to the next, each at its own moment,
    and lets the event loops finish what follows from it before time goes on.
    So when it returns, the hub has sent the pings that were due, has had the
    answers, and has closed what is overdue.
    """

    def __init__(self, start: float = 1_764_929_730.0) -> None:
        super().__init__(start)
        self._lock = threading.Lock()
        self._advancing = threading.Lock()
        self._changes = 0
        self._loops: WeakSet[asyncio.AbstractEventLoop] = WeakSet()
        self._probes: list[Probe] = []
        self._seen_through: WeakSet[asyncio.AbstractEventLoop] = WeakSet()
        self._given_up: frozenset[Hashable] = frozenset()

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Have ``callback`` called by the advance that reaches its moment, in the loop that runs now."""
        loop = _running_loop()
        with self._lock:
            timer = _LoopTimer(self._elapsed + max(0.0, delay), callback, loop)
            self._add(timer)
            self._changes += 1
            if loop is not None:
                self._loops.add(loop)
        return timer

    @contextmanager
    def observing(self, probe: Probe, loop: asyncio.AbstractEventLoop) -> Generator[None]:
        """In a ``with`` block, ask ``probe`` whether something still goes on before time passes.

        Args:
            probe: called in any thread.
            loop: nothing happens in it that the probe does not see.
        """
        self._probes.append(probe)
        self._loops.add(loop)
        self._seen_through.add(loop)
        try:
            yield
        finally:
            self._probes.remove(probe)
            self._seen_through.discard(loop)

    def advance(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            ValueError: ``seconds`` is negative.
            RuntimeError: an event loop runs in this thread, which would keep its timers and its clients
                waiting; or another thread is about to let time pass.
        """
        if _running_loop() is not None:
            raise RuntimeError(
                "time cannot pass here, where an event loop would stand still: await advance_async, "
                "or `await events_hub.aio.advance(…)`"
            )
        for wait in self._course(seconds):
            if not isinstance(wait, list):
                time.sleep(wait)
                continue
            deadline = time.monotonic() + _LOOP_PATIENCE
            for future in wait:
                _result(future, deadline - time.monotonic())

    async def advance_async(self, seconds: float) -> None:
        """Let time pass while this thread's event loop runs on.

        Raises:
            ValueError: ``seconds`` is negative.
            RuntimeError: another task or thread is about to let time pass.
        """
        self._loops.add(asyncio.get_running_loop())
        for wait in self._course(seconds):
            if not isinstance(wait, list):
                await asyncio.sleep(wait)
            elif wait:
                futures = [asyncio.wrap_future(future) for future in wait]
                await asyncio.wait(futures, timeout=_LOOP_PATIENCE)

    def _course(self, seconds: float) -> Generator[_Wait]:
        """All that an advance does, handing out what it has to wait for."""
        end = self._end_of(seconds)
        if not self._advancing.acquire(blocking=False):
            raise RuntimeError("time passes already: one advance has to end before the next")
        try:
            yield from self._settle(list(self._loops))
            while True:
                with self._lock:
                    timer = self._step(end)
                if timer is None:
                    return
                if isinstance(timer, _LoopTimer):
                    yield from self._fire(timer)
        finally:
            self._advancing.release()

    def _fire(self, timer: _LoopTimer) -> Generator[_Wait]:
        before = self._activity()
        timer.post()
        if timer.loop is None or timer.loop not in self._seen_through:
            yield from self._settle(list(self._loops))
            return
        yield _turns([timer.loop])
        after = self._activity()
        # A timer that only sets itself anew, as that of the hub's deadlines mostly does, needs no more.
        if after.events > before.events + 1 or after.awaited - self._given_up:
            yield from self._settle(list(self._loops))

    def _settle(self, loops: Iterable[asyncio.AbstractEventLoop]) -> Generator[_Wait]:
        """Let every loop run until nothing happens any more and nothing is awaited that may come."""
        seen, quiet, polls = self._activity().events, 0, 0
        started = time.monotonic()
        while True:
            yield _turns(loops)
            activity = self._activity()
            awaited = activity.awaited - self._given_up
            quiet = quiet + 1 if activity.events == seen else 0
            seen = activity.events
            if quiet < _QUIET_ROUNDS:
                continue
            if not awaited:
                self._given_up &= activity.awaited
                return
            if polls >= _POLLS and time.monotonic() - started >= _PATIENCE:
                self._given_up |= awaited
                return
            polls += 1
            # Peers in other threads and processes need the processor, not just turns of loops.
            yield _POLL if polls > _QUIET_ROUNDS else 0.0

    def _activity(self) -> Activity:
        activities = [probe() for probe in self._probes]
        awaited = frozenset(name for activity in activities for name in activity.awaited)
        return Activity(self._changes + sum(activity.events for activity in activities), awaited)


def virtual(clock: Clock) -> VirtualClock:
    """The clock, if a test can let its time pass.

    Raises:
        RuntimeError: it goes by itself.
    """
    if isinstance(clock, VirtualClock):
        return clock
    raise RuntimeError(
        "this hub's time passes by itself: choose @pytest.mark.events_hub(virtual_time=True) "
        "or HubConfig(clock=VirtualClock())"
    )


def _turns(loops: Iterable[asyncio.AbstractEventLoop]) -> list[Future[None]]:
    """Have each loop that runs take some turns; the futures say when they are over."""
    started: list[Future[None]] = []
    for loop in loops:
        done: Future[None] = Future()

        def turn(left: int, loop: asyncio.AbstractEventLoop, done: Future[None]) -> None:
            if left:
                loop.call_soon(turn, left - 1, loop, done)
            elif not done.done():
                done.set_result(None)

        if loop.is_running():
            try:
                loop.call_soon_threadsafe(turn, _ITERATIONS, loop, done)
            except RuntimeError:  # it has been closed
                continue
            started.append(done)
    return started


def _result(future: Future[None], seconds: float) -> None:
    """Wait for a loop's turns; one that stands still is not waited for without end."""
    try:
        future.result(max(0.0, seconds))
    except TimeoutError:
        return


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
