"""Waits for expectations in the hub's thread, on behalf of a test in another one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from concurrent.futures import Future
from typing import Final, TypeVar

from ..net.server import HubServer
from . import expectations
from .expectations import Expectation, Found, Scene, UnmetError

T = TypeVar("T")
PATIENCE: Final = 5.0
"""Seconds that an expectation waits unless told otherwise."""
_SHOWN: Final = 40


class Waiter:
    """Waits, remembers which entries of the journal have met an expectation, and says what is missing."""

    def __init__(self, server: HubServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._met: set[int] = set()

    def subscription(self, channels: Collection[str]) -> Expectation[str]:
        """See ``expectations.subscription``."""
        return expectations.subscription(channels, self._server.always_subscribed)

    def meet(self, expectation: Expectation[T], seconds: float) -> T:
        """Wait in this thread.

        Raises:
            AssertionError: the expectation was not met; the text ends with the timeline.
            RuntimeError: it is not met yet, and waiting would block the event loop of this thread.
        """
        __tracebackhide__ = True
        in_loop = _runs_in_event_loop()
        found = self._start(expectation, 0.0 if in_loop else seconds).result()
        if found is None and in_loop:
            raise RuntimeError(
                f"expected {expectation.what}, and it is not there yet. Waiting here would block "
                "the event loop in which this test runs: use `await events_hub.aio.…` instead"
            )
        return self._judge(expectation, seconds, found, self._timeline().result())

    async def meet_async(self, expectation: Expectation[T], seconds: float) -> T:
        """Wait while this thread's event loop runs on.

        Raises:
            AssertionError: the expectation was not met; the text ends with the timeline.
        """
        __tracebackhide__ = True
        found = await asyncio.wrap_future(self._start(expectation, seconds))
        return self._judge(expectation, seconds, found, await asyncio.wrap_future(self._timeline()))

    def forget(self) -> None:
        """Let every entry count again."""
        self._met.clear()

    def _start(self, expectation: Expectation[T], seconds: float) -> Future[Found[T] | UnmetError | None]:
        server = self._server

        def look() -> Found[T] | UnmetError | None:
            try:
                found = expectation.look(Scene(server.journal, self._met, server.connections, server.uptime))
            except UnmetError as error:
                return error
            if found is not None:
                self._met.update(entry.number for entry in found.entries)
            return found

        return asyncio.run_coroutine_threadsafe(server.wait_until(look, seconds), self._loop)

    def _timeline(self) -> Future[str]:
        async def show() -> str:
            return self._server.journal.timeline(_SHOWN)

        return asyncio.run_coroutine_threadsafe(show(), self._loop)

    def _judge(
        self, expectation: Expectation[T], seconds: float, found: Found[T] | UnmetError | None, timeline: str
    ) -> T:
        __tracebackhide__ = True
        if isinstance(found, Found):
            return found.value
        reason = f"it did not come in {seconds:g} s" if found is None else str(found)
        raise AssertionError(f"expected {expectation.what}: {reason}\n\n{timeline}")


def _runs_in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
