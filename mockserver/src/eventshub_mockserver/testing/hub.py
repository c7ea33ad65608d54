"""A hub in a thread, as tests use it: publish, look at the conversation, wait for what should come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import Future
from http import HTTPStatus
from typing import Final, overload

from msgspec import UNSET

from ..core.clock import Clock
from ..core.entry import Entry
from ..core.hub import Published
from ..core.journal import Journal
from ..core.message import Message
from ..net.server import HubServer
from ..net.thread import ThreadedHub
from ..net.virtual_clock import virtual
from . import expectations
from .aio import AsyncExpectations
from .later import LaterExpectations
from .waiter import PATIENCE, Waiter


class HubForTests(ThreadedHub):
    """A running hub with a journal, and expectations of the conversation.

    An expectation waits until it is met and raises ``AssertionError`` with the
    conversation's timeline if that does not happen in ``timeout`` seconds. An
    entry of the journal meets one expectation only: to expect a command twice
    means that it has to come twice.

    Where the test runs in an event loop, waiting would keep its own client
    from running: there, use ``aio``.
    """

    def __init__(self, server: HubServer, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(server, loop)
        self._waiter = Waiter(server, loop)
        self.aio: Final = AsyncExpectations(self._waiter, self.clock, self._tick)
        """The same expectations, to be awaited in an asyncio event loop."""
        self.later: Final = LaterExpectations(self._waiter)
        """The same expectations, to be declared now and met when the test ends."""

    @property
    def clock(self) -> Clock:
        """The hub's clock; a client that is given it as well shares the hub's time."""
        return self._server.config.clock

    def advance(self, seconds: float) -> None:
        """Let time pass on a virtual clock: heartbeats, expiry, queues, sources and faults go on.

        When it returns, the hub has sent the pings that were due, has had the
        answers of all clients that are alive, and has closed what is overdue.
        It waits half a real second for each client that owes a pong and does
        not send it.

        Raises:
            RuntimeError: the clock is not virtual; or an event loop runs in
                this thread, which would keep its clients from answering: there, use ``aio``.
            ValueError: ``seconds`` is negative.
        """
        clock = virtual(self.clock)
        clock.advance(seconds)
        self._tick().result()
        clock.advance(0)

    @property
    def journal(self) -> Journal:
        """What was said so far. What is read of it counts as expected, see ``verify``."""
        return self._waiter.journal()

    def revoke(self, principal_name: str) -> None:
        """See ``HubServer.revoke``; that requests are answered 401 from then on is expected.

        Raises:
            LookupError: there is no credential of this name, and no signed token can have it.
        """
        config = self._server.config
        names = [credential.name for credential in config.credentials]
        if config.jwt is None and principal_name not in names:
            raise LookupError(f"no credential has the name {principal_name!r}: there are {', '.join(names)}")
        self._waiter.strictness.expect_status(HTTPStatus.UNAUTHORIZED)
        super().revoke(principal_name)

    def verify(self, *, strict: bool = True) -> None:
        """Judge the conversation at a test's end; the fixture does that by itself.

        Args:
            strict: whether to fail when the hub had to refuse a message or a
                request, unless the test has read that in the journal, met an
                expectation with it, or made the hub refuse.

        Raises:
            AssertionError: there is such a refusal, an expectation of ``later`` is not met, or a scenario
                did not get what it expected.
        """
        __tracebackhide__ = True
        self._waiter.verify(strict=strict)

    @overload
    def publish_to(self, client_id: str, event: Message, /) -> Published: ...

    @overload
    def publish_to(
        self, client_id: str, event: str, message: str, body: object = UNSET, /, *, unchecked: bool = False
    ) -> Published: ...

    def publish_to(
        self,
        client_id: str,
        event: Message | str,
        message: str = "",
        body: object = UNSET,
        /,
        *,
        unchecked: bool = False,
    ) -> Published:
        """Publish for one connection, whatever it is subscribed to; otherwise like ``publish``."""
        if isinstance(event, Message):
            return self.publish(event, client_id=client_id)
        return self.publish(event, message, body, client_id=client_id, unchecked=unchecked)

    def assert_subscribed(self, channels: Collection[str], *, timeout: float = PATIENCE) -> str:
        """Wait for a live connection with exactly these channels and give its client ID.

        Channels that every connection has may be left out.
        """
        __tracebackhide__ = True
        return self._waiter.meet(self._waiter.subscription(channels), timeout)

    def expect_command(self, channel: str, message: str, *, timeout: float = PATIENCE) -> Entry:
        """Wait for a command from a client."""
        __tracebackhide__ = True
        return self._waiter.meet(expectations.command(channel, message), timeout)

    def expect_error(self, match: str | None = None, *, timeout: float = PATIENCE) -> Entry:
        """Wait for a message from a client that the hub answers with an error.

        Args:
            match: a regular expression to be found in the error's text.
            timeout: how long to wait.
        """
        __tracebackhide__ = True
        return self._waiter.meet(expectations.error(match), timeout)

    def expect_refusal(self, status: int, *, timeout: float = PATIENCE) -> Entry:
        """Wait for a handshake or a REST request that the hub answers with this status."""
        __tracebackhide__ = True
        return self._waiter.meet(expectations.refusal(status), timeout)

    def expect_scenario_end(self, name: str | None = None, *, timeout: float = PATIENCE) -> Entry:
        """Wait until a scenario has come to its end, whichever that is if no name is given.

        What it expected and did not get fails the test in any case, see ``verify``.
        """
        __tracebackhide__ = True
        return self._waiter.meet(expectations.scenario_end(name), timeout)

    def expect_unsubscribe(self, *channels: str, timeout: float = PATIENCE) -> Entry:
        """Wait for a request that removes exactly these channels from a connection."""
        __tracebackhide__ = True
        return self._waiter.meet(expectations.unsubscription(channels), timeout)

    def expect_reconnect(self, *, within: float, min_delay: float = 0.0, timeout: float = PATIENCE) -> Entry:
        """Wait for a connection's end and a new connection with the same credential.

        Args:
            within: the seconds that may pass between the two.
            min_delay: the seconds that must pass before the first attempt.
            timeout: how long to wait for the end; ``within`` counts from there.
        """
        __tracebackhide__ = True
        return self._waiter.meet(expectations.reconnection(within, min_delay), timeout + within)

    def wait_for(self, condition: Callable[[Journal], object], *, timeout: float = PATIENCE) -> None:
        """Wait until ``condition`` is true of the whole journal, or of anything else.

        It is called in the hub's thread, whenever the journal grows and every
        10 ms, and must not use the hub. What it raises is raised here.
        """
        __tracebackhide__ = True
        self._waiter.meet(expectations.condition(condition), timeout)

    def reset(self, seed: int | None = None) -> None:
        """See ``HubServer.reset``; what has met an expectation is forgotten too."""
        super().reset(seed)
        self._waiter.forget()

    def _tick(self) -> Future[None]:
        async def tick() -> None:
            self._server.tick()

        return asyncio.run_coroutine_threadsafe(tick(), self._loop)
