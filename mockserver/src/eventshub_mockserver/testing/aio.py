"""Expectations for tests that run in an event loop."""

from __future__ import annotations

from collections.abc import Callable, Collection

from ..core.journal import Entry, Journal
from . import expectations
from .waiter import PATIENCE, Waiter


class AsyncExpectations:
    """The expectations of ``HubForTests``, for tests in an asyncio event loop; anyio's asyncio is one."""

    def __init__(self, waiter: Waiter) -> None:
        self._waiter = waiter

    async def assert_subscribed(self, channels: Collection[str], *, timeout: float = PATIENCE) -> str:
        """See ``HubForTests.assert_subscribed``."""
        __tracebackhide__ = True
        return await self._waiter.meet_async(self._waiter.subscription(channels), timeout)

    async def expect_command(self, channel: str, message: str, *, timeout: float = PATIENCE) -> Entry:
        """See ``HubForTests.expect_command``."""
        __tracebackhide__ = True
        return await self._waiter.meet_async(expectations.command(channel, message), timeout)

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
