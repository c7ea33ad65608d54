"""Waits for expectations in the hub's thread, on behalf of a test in another one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, TypeVar

from ..core.entry import Entry
from ..core.journal import Journal
from ..core.recorder import Recorder
from ..net.server import HubServer
from . import expectations
from .expectations import Expectation, Found, Scene, UnmetError
from .strictness import Strictness

T = TypeVar("T")
PATIENCE: Final = 5.0
"""Seconds that an expectation waits unless told otherwise."""
LAST_PATIENCE: Final = 1.0
"""Seconds that an expectation declared for later waits when the test has ended."""
_SHOWN: Final = 40
_TURNS: Final = 20
_LOOK_AGAIN: Final = 0.01


class Waiter:
    """Waits, remembers what has met an expectation or was read, and says what is missing or unread."""

    def __init__(self, server: HubServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._met: set[int] = set()
        self._later: list[tuple[Expectation[Any], float]] = []
        self.strictness: Final = Strictness()

    def subscription(self, channels: Collection[str]) -> Expectation[str]:
        """See ``expectations.subscription``."""
        return expectations.subscription(channels, self._server.always_subscribed)

    def journal(self) -> Journal:
        """The journal, which remembers what the test reads of it."""
        return self._run(self._journal())

    def meet(self, expectation: Expectation[T], seconds: float) -> T:
        """Wait in this thread.

        Raises:
            AssertionError: the expectation was not met; the text ends with the timeline.
            RuntimeError: it is not met yet, and waiting would block the event loop of this thread.
        """
        __tracebackhide__ = True
        in_loop = _runs_in_event_loop()
        found = self._run(self._wait(expectation, 0.0 if in_loop else seconds))
        if found is None and in_loop:
            raise RuntimeError(
                f"expected {expectation.what}, and it is not there yet. Waiting here would block "
                "the event loop in which this test runs: use `await events_hub.aio.…` instead"
            )
        return self._judge(expectation, seconds, found, self._run(self._timeline()))

    async def meet_async(self, expectation: Expectation[T], seconds: float) -> T:
        """Wait while this thread's event loop runs on.

        Raises:
            AssertionError: the expectation was not met; the text ends with the timeline.
        """
        __tracebackhide__ = True
        found = await asyncio.wrap_future(self._start(self._wait(expectation, seconds)))
        return self._judge(
            expectation, seconds, found, await asyncio.wrap_future(self._start(self._timeline()))
        )

    def meet_later(self, expectation: Expectation[Any], seconds: float) -> None:
        """Let the expectation have to be met when the test ends, or ``seconds`` after that."""
        self._later.append((expectation, seconds))

    def verify(self, *, strict: bool) -> None:
        """Judge a test that has ended.

        Raises:
            AssertionError: an expectation declared for later is not met, a scenario did not get what it
                expected, or, in a strict test, the hub refused something that the test has not asked for.
        """
        __tracebackhide__ = True
        problems = [*self._unmet(), *map(str, self._server.scenario_failures)]
        refused = self._run(self._unread()) if strict else []
        if refused:
            lines = "\n".join(str(entry) for entry in refused)
            problems.append(
                f"the hub had to refuse what the test has not asked for:\n\n{lines}\n\nExpect it, with "
                "expect_error(), expect_refusal(409), journal.handshakes(409) or the like, or let it pass "
                "with strict=False."
            )
        if problems:
            told = "\n".join(problems)
            raise AssertionError(f"the test passed, but {told}\n\n{self._server.journal.timeline()}")

    def forget(self) -> None:
        """Let every entry count again, and nothing be expected."""
        self._met.clear()
        self._later.clear()
        self.strictness.forget()

    def _unmet(self) -> list[str]:
        later, self._later = self._later, []
        found = [self._run(self._wait(expectation, seconds)) for expectation, seconds in later]
        return [
            _complaint(*one, what)
            for one, what in zip(later, found, strict=True)
            if not isinstance(what, Found)
        ]

    async def _wait(self, expectation: Expectation[T], seconds: float) -> Found[T] | UnmetError | None:
        server = self._server

        def look() -> Found[T] | UnmetError | None:
            shown = server.recorder.journal(self.strictness.reading)
            try:
                found = expectation.look(
                    Scene(server.journal, shown, self._met, server.connections, server.uptime)
                )
            except UnmetError as error:
                return error
            if found is not None:
                numbers = [entry.number for entry in found.entries]
                self._met.update(numbers)
                self.strictness.note_read(numbers)
            return found

        return await _wait_until(look, seconds, server.recorder)

    async def _unread(self) -> list[Entry]:
        # What clients have sent before the test ended lies in the sockets; let it come in.
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        return self.strictness.unread(self._server.journal)

    async def _journal(self) -> Journal:
        return self._server.recorder.journal(self.strictness.reading)

    async def _timeline(self) -> str:
        return self._server.journal.timeline(_SHOWN)

    def _start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._start(work).result()

    def _judge(
        self, expectation: Expectation[T], seconds: float, found: Found[T] | UnmetError | None, timeline: str
    ) -> T:
        __tracebackhide__ = True
        if isinstance(found, Found):
            return found.value
        raise AssertionError(f"{_complaint(expectation, seconds, found)}\n\n{timeline}")


async def _wait_until(look: Callable[[], T | None], seconds: float, recorder: Recorder) -> T | None:
    """Wait until ``look`` finds something, asked whenever the journal grows and every 10 ms besides."""
    grown = asyncio.Event()
    recorder.listeners.append(grown.set)
    deadline = asyncio.get_running_loop().time() + seconds
    try:
        while True:
            grown.clear()
            found = look()
            left = deadline - asyncio.get_running_loop().time()
            if found is not None or left <= 0:
                return found
            with suppress(TimeoutError):
                await asyncio.wait_for(grown.wait(), min(left, _LOOK_AGAIN))
    finally:
        recorder.listeners.remove(grown.set)


def _complaint(expectation: Expectation[Any], seconds: float, why: UnmetError | None) -> str:
    return f"expected {expectation.what}: {f'it did not come in {seconds:g} s' if why is None else why}"


def _runs_in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
