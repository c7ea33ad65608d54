"""Expectations for tests that run in an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import Future

from ..core.clock import Clock
from ..core.entry import Entry
from ..core.journal import Journal
from ..net.virtual_clock import virtual
from . import expectations
from .waiter import PATIENCE, Waiter


class AsyncExpectations:
    """The expectations of ``HubForTests``, for tests in an asyncio event loop; anyio's asyncio is one."""

    def __init__(self, waiter: Waiter, clock: Clock, tick: Callable[[], Future[None]]) -> None:
        self._waiter = waiter
        self._clock = clock
        self._tick = tick

    async def advance(self, seconds: float) -> None:
        """See ``HubForTests.advance``; the clients in this event loop live on meanwhile."""
        clock = virtual(self._clock)
        await clock.advance_async(seconds)
        await asyncio.wrap_future(self._tick())
        await clock.advance_async(0)

    async def assert_subscribed(self, channels: Collection[str], *, timeout: float = PATIENCE) -> str:
        """See ``HubForTests.assert_subscribed``."""
        __tracebackhide__ = True
        return await self._waiter.meet_async(self._waiter.subscription(channels), timeout)

    async def expect_command(self, channel: str, message: str, *, timeout: float = PATIENCE) -> Entry:
        """See ``HubForTests.expect_command``."""
        __tracebackhide__ = True
        return await self._waiter.meet_async(expectations.command(channel, message), timeout)

    async def expect_error(self, match: str | None = None, *, timeout: float = PATIENCE) -> Entry:
        """See ``HubForTests.expect_error``."""
        __tracebackhide__ = True
        return await self._waiter.meet_async(expectations.error(match), timeout)

    async def expect_refusal(self, status: int, *, timeout: float = PATIENCE) -> Entry:
        """See ``HubForTests.expect_refusal``."""
        __tracebackhide__ = True
        return await self._waiter.meet_async(expectations.refusal(status), timeout)

    async def expect_scenario_end(self, name: str | None = None, *, timeout: float = PATIENCE) -> Entry:
        """See ``HubForTests.expect_scenario_end``."""
        __tracebackhide__ = True
        return await self._waiter.meet_async(expectations.scenario_end(name), timeout)

    async def expect_unsubscribe(self, *channels: str, timeout: float = PATIENCE) -> Entry:
        """See ``HubForTests.expect_unsubscribe``."""
        __tracebackhide__ = True
        return await self._waiter.meet_async(expectations.unsubscription(channels), timeout)

    async def expect_reconnect(
        self, *, within: float, min_delay: float = 0.0, timeout: float = PATIENCE
    ) -> Entry:
        """See ``HubForTests.expect_reconnect``."""
        __tracebackhide__ = True
        return await self._waiter.meet_async(expectations.reconnection(within, min_delay), timeout + within)

    async def wait_for(self, condition: Callable[[Journal], object], *, timeout: float = PATIENCE) -> None:
        """See ``HubForTests.wait_for``."""
        __tracebackhide__ = True
        await self._waiter.meet_async(expectations.condition(condition), timeout)
