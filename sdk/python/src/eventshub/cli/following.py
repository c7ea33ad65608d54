"""Follows a subscription until a limit, a signal or its end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import stat
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

from .. import (
    AsyncEventsHub,
    AsyncSubscription,
    Attempt,
    Disconnected,
    Dropped,
    Event,
    InvalidEvent,
    Message,
    Notice,
    Reconnected,
)
from .exit_codes import CliError, ExitCode, StoppedError
from .screen import note

Subscription: TypeAlias = AsyncSubscription[Event | InvalidEvent | Notice]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When to end by itself."""

    count: int | None
    """After this many events."""
    seconds: float | None
    """So long after the connection."""


@dataclass(kw_only=True)
class Progress:
    """How it goes."""

    channels: tuple[str, ...] = ()
    is_connected: bool = False
    events: int = 0
    gaps: int = 0
    redraw: Callable[[], None] = lambda: None
    """Shows a change of the connection at once."""

    @property
    def events_text(self) -> str:
        """How many events there are, in words."""
        return "1 event" if self.events == 1 else f"{self.events} events"

    @property
    def gaps_text(self) -> str:
        """How many gaps there are, in words."""
        return "1 gap" if self.gaps == 1 else f"{self.gaps} gaps"

    def note(self, item: Message | InvalidEvent | Notice) -> None:
        """Take an item of the stream into account."""
        match item:
            case Disconnected():
                self.is_connected = False
                self.redraw()
            case Reconnected():
                self.is_connected = True
                self.gaps += 1
                self.redraw()
            case Dropped():
                self.gaps += 1
            case _:
                pass

    def __str__(self) -> str:
        state = "connected" if self.is_connected else "connecting"
        parts = [
            state,
            ", ".join(self.channels),
            self.events_text,
            self.gaps_text if self.gaps else "",
        ]
        return " · ".join(part for part in parts if part)


async def follow(
    hub: AsyncEventsHub,
    channels: tuple[str, ...],
    *,
    limits: Limits,
    progress: Progress,
    take: Callable[[Event | InvalidEvent | Notice, Subscription], bool],
) -> None:
    """Hand each item to ``take``, which says whether it counts as an event.

    Raises:
        EventsHubError: no connection came about, or none is to be had any more.
        CliError: the time was over before enough events had come.
    """
    async with hub.subscribe(*channels, notices="all") as events:
        progress.channels, progress.is_connected = events.channels, True
        progress.redraw()
        time = asyncio.timeout(limits.seconds)
        try:
            async with time:
                async for item in events:
                    progress.note(item)
                    progress.events += take(item, events)
                    if progress.events == limits.count:
                        return
        except TimeoutError:
            if not time.expired():
                raise
        if limits.count is not None:
            raise CliError(
                f"{progress.events} of {limits.count} events came within {limits.seconds:g} s",
                ExitCode.TIMEOUT,
            )


def attempt_teller(*, as_json: bool) -> Callable[[Attempt], None]:
    """Says, on standard error, that a connection is about to be tried again."""

    def tell(attempt: Attempt) -> None:
        told = {
            "notice": "attempt",
            "number": attempt.number,
            "delay": attempt.delay,
            "error": str(attempt.error),
        }
        text = f"{attempt.error}; attempt {attempt.number} in {attempt.delay:.1f} s"
        note(text, told if as_json else None)

    return tell


def run_until_signal(work: Coroutine[Any, Any, None], *, needs_output: bool = True) -> None:
    """Run a coroutine to its end, or until SIGINT or SIGTERM asks it to clean up and end.

    Signals arrive between two steps of the event loop, so that no line is torn.

    Args:
        work: The coroutine.
        needs_output: Whether to end it, too, when nobody reads standard output any more.

    Raises:
        StoppedError: a signal ended it.
        BrokenPipeError: nobody reads standard output any more.
    """
    # What the client logs is told here in other words.
    logging.getLogger("eventshub").addHandler(logging.NullHandler())
    asyncio.run(_guarded(work, needs_output=needs_output))


async def _guarded(work: Coroutine[Any, Any, None], *, needs_output: bool) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    reasons: list[Exception] = []

    def stop(reason: Exception) -> None:
        reasons.append(reason)
        task.cancel()

    def output_closed(pipe: int) -> None:
        loop.remove_reader(pipe)
        stop(BrokenPipeError())

    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no such handlers; there, asyncio itself cancels at Ctrl-C.
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop, StoppedError(number))
    if needs_output and (pipe := _output_pipe()) is not None:
        # Nothing can be read from this end of a pipe but that the other one is closed.
        loop.add_reader(pipe, output_closed, pipe)
    try:
        await task
    except asyncio.CancelledError:
        if not reasons:
            raise
        raise reasons[0] from None


def _output_pipe() -> int | None:
    """Standard output, if it is a pipe whose closing can be watched."""
    try:
        descriptor = sys.stdout.fileno()
        is_pipe = stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except (OSError, ValueError):
        return None
    return descriptor if is_pipe and sys.platform == "linux" else None
