"""A hub in a thread, as tests use it: publish, look at the conversation, wait for what should come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, overload

from msgspec import UNSET

from ..config import HubConfig
from ..core.hub import Published
from ..core.journal import Entry, Journal
from ..core.limits import Limits
from ..core.message import Message
from ..net.server import HubServer
from ..net.thread import ThreadedHub, running_server
from . import expectations
from .aio import AsyncExpectations
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
        self.aio: Final = AsyncExpectations(self._waiter)
        """The same expectations, to be awaited in an asyncio event loop."""

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

    def reset(self) -> None:
        """See ``HubServer.reset``; what has met an expectation is forgotten too."""
        super().reset()
        self._waiter.forget()


@contextmanager
def serve_for_tests(config: HubConfig | None = None) -> Generator[HubForTests]:
    """Run a hub with a journal in a thread for the length of a ``with`` block.

    Without a configuration its waits for slow peers are short.

    Raises:
        OSError: the address cannot be listened on.
    """
    config = config or HubConfig(limits=Limits(close_timeout=0.5, drain_timeout=0.5))
    with running_server(replace(config, journal=True)) as (server, loop):
        yield HubForTests(server, loop)
