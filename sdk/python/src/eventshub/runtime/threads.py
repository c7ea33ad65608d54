"""What generated clients for threads are: the same clients, whose event loop runs in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast

from .._core.message import Message
from ..aio.stream import Stream
from ..sync.held_stream import HeldStream
from ..sync.loop_thread import LoopThread
from .client import Client, ClientSettings
from .connection import Connection
from .security import SecretSource, SecurityScheme
from .tables import Endpoint, Exchange, StreamTable

MessageT_co = TypeVar("MessageT_co", covariant=True)
ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class SyncClient:
    """The base of generated clients for threads.

    Nothing is sent until a connection is entered or an endpoint is called. As a context manager, it keeps
    the connections of REST calls for reuse; without, each call makes its own. It may be used in several
    threads at once. What goes on at the same time shares one more thread, in which callables for
    credentials and the conditions of ``wait_for`` run: they must not block.
    """

    def __init__(
        self,
        *,
        stream_url: str | None,
        rest_url: str | None,
        rest_path: str,
        schemes: Iterable[SecurityScheme],
        secrets: Mapping[str, SecretSource | None],
        settings: ClientSettings | None,
    ) -> None:
        self.client: Client = Client(
            stream_url=stream_url,
            rest_url=rest_url,
            rest_path=rest_path,
            schemes=schemes,
            secrets=secrets,
            settings=settings,
        )
        self.loop_thread: LoopThread = LoopThread()
        self._is_entered = False
        self._closing = threading.Lock()

    @property
    def settings(self) -> ClientSettings:
        """What the application has tuned."""
        return self.client.settings

    def call(self, endpoint: Endpoint[ResultT], values: Mapping[str, object], body: object) -> ResultT:
        """Call an endpoint, again where that can help; raises what ``Client.call`` raises."""
        with self.loop_thread.used():
            return self.loop_thread.call(self.client.call, endpoint, values, body)

    def close(self) -> None:
        """Close what REST calls left open. Connections close themselves."""
        self.loop_thread.refuse_itself()
        with self._closing:
            if not self._is_entered:
                return
            try:
                self.loop_thread.call(self.client.close)
            finally:
                self._is_entered = False
                self.loop_thread.leave()

    def __enter__(self) -> Self:
        with self._closing:
            if not self._is_entered:
                self.loop_thread.enter()
                self._is_entered = True
                self.loop_thread.call(self.client.__aenter__)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return repr(self.client).replace("Client", type(self).__name__, 1)


class _Commands(Connection[MessageT_co]):
    """The part of a connection for threads that runs in the event loop."""

    @property
    def stream(self) -> Stream:
        """What both share."""
        return self._stream

    async def ask(self, exchange: Exchange[Any, Any], command: Message, timeout: float | None) -> Any:  # noqa: ASYNC109 - by the client's own clock
        """Send a command, and wait for its answer."""
        return await self._ask(exchange, command, timeout)


class SyncConnection(Generic[MessageT_co]):
    """Messages of one stream, over one WebSocket after the other; made by a method of a client for threads.

    Use it as a context manager, and iterate over it: entering connects. All else is as with the connection
    for asyncio. Several threads may use it; a message goes to one of those that iterate.
    """

    def __init__(self, client: SyncClient, table: StreamTable, values: Mapping[str, object]) -> None:
        readable = threading.Event()
        self._commands: _Commands[MessageT_co] = _Commands(
            client.client, table, values, readable=readable, lock=threading.Lock()
        )
        self._held = HeldStream(
            self._commands.stream,
            client.loop_thread,
            readable,
            begin=self._commands.__aenter__,
            end=self._commands.close,
            named="connection",
        )
        self._take = cast("Callable[[], MessageT_co]", self._held.take)

    def wait_for(
        self,
        item_type: type[ItemT],
        *,
        where: Callable[[ItemT], object] | None = None,
        timeout: float | None = None,
    ) -> ItemT:
        """Wait for one message, and take it out of the stream; all others stay in it, in order.

        Raises:
            EventTimeoutError: it did not come in time.
            EventsHubError: the stream has ended for good, for the reason it says.
        """
        with self._held.used() as loop_thread:
            item: ItemT = loop_thread.call(self._commands.wait_for, item_type, where=where, timeout=timeout)
            return item

    def send(self, message: Message) -> None:
        """Send a message, as it is, and wait until it is handed to the network.

        Raises:
            NotConnectedError: there is no open connection.
        """
        with self._held.used() as loop_thread:
            loop_thread.call(self._commands.send, message)

    def close(self) -> None:
        """End the connection, or the waiting for one. Safe to call again."""
        self._held.close()

    def _ask(self, exchange: Exchange[Any, Any], command: Message, timeout: float | None) -> Any:
        with self._held.used() as loop_thread:
            return loop_thread.call(self._commands.ask, exchange, command, timeout)

    def __enter__(self) -> Self:
        self._held.enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> MessageT_co:
        return self._take()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._commands.stream.session.state.name.lower()}>"
