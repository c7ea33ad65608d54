"""The asyncio client."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from .._core.buffer import WhenFull
from .._core.clock import Clock
from .._core.credentials import ApiKeySource, TokenSource
from .._core.invalid import InvalidEvent, OnInvalid
from .._core.notices import Gap, Notice, NoticeChoice
from .._core.reconnect import Reconnect
from .._core.settings import Heartbeat, Keepalive, Timeouts, require_one_of
from .._generated import Connection, Event, HubStats, UnsubscribeResult
from .._net.options import TransportChoice
from .._net.proxy import ENVIRONMENT
from .connector import Connector
from .raw_responses import AsyncRawResponses
from .subscription import AsyncSubscription

if TYPE_CHECKING:
    import ssl


class AsyncEventsHub:
    """An events hub, seen from asyncio.

    Nothing is sent until a subscription is entered or a REST call is made.
    As a context manager, the hub keeps its REST connections for reuse and
    closes them at the end; without, each REST call makes its own.

    Args:
        base_url: ``http(s)`` or ``ws(s)``, with or without a path prefix; the variable
            ``EVENTS_HUB_URL`` when not given.
        token: A bearer token, or a callable that returns one (maybe as an awaitable) for each
            connection and REST call; ``EVENTS_HUB_TOKEN`` when neither it nor ``api_key`` is given.
        api_key: ``"key:secret"``, a pair, or a callable for either; ``EVENTS_HUB_API_KEY`` likewise.
        timeouts: How long to wait for what.
        heartbeat: JSON pings where ``health`` is subscribed (protocol HB-2); None for none.
        keepalive: How a dead connection is noticed: WebSocket pings, and a look
            whether the machine slept; None for neither.
        reconnect: How to stay connected (protocol END-2); None for one connection, whose loss iterating
            raises.
        max_retries: How often a REST call is made again at most, after a network failure or the statuses
            429, 502, 503 and 504; ``unsubscribe`` only when the hub cannot have done it.
        buffer_size: How many events may wait for the application.
        when_full: What happens then: ``"wait"`` stops reading, so that the hub has to wait or to drop;
            ``"drop_oldest"`` drops here, which a ``Dropped`` in the stream counts; ``"fail"`` gives the
            connection up for good, and iterating raises ``BufferOverflowError`` in the end.
        max_message_size: In bytes; a larger message ends the connection.
        ssl_context: For a private certificate authority or a client certificate; the system's
            authorities when not given.
        proxy: ``http``, ``https``, ``socks5`` or ``socks5h`` with host and port, a name and a password
            if it wants them; SOCKS comes with the extra ``socks``. ``"environment"`` takes what
            variables such as ``HTTPS_PROXY`` and ``NO_PROXY`` say, None takes none.
        extra_headers: For every request, beside the credential's and those of the protocol, which it
            cannot replace. Values are never shown.
        transport: The library that moves the bytes. ``"picows"`` comes with the extra ``fast``;
            ``"auto"`` takes it when it is installed, else ``"websockets"``.
        clock: The time; the system's when not given.

    Raises:
        ImportError: the transport asked for, or what a SOCKS proxy needs, is not installed.
        InvalidAddressError: there is no URL, or it or the proxy's cannot be used.
        CredentialError: there is not exactly one credential, or it cannot be sent.
        ValueError: another argument has a value that it cannot have.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        token: TokenSource | None = None,
        api_key: ApiKeySource | None = None,
        timeouts: Timeouts | None = None,
        heartbeat: Heartbeat | None = Heartbeat(),  # noqa: B008 - frozen
        keepalive: Keepalive | None = Keepalive(),  # noqa: B008 - frozen
        reconnect: Reconnect | None = Reconnect(),  # noqa: B008 - frozen
        max_retries: int = 2,
        buffer_size: int = 1024,
        when_full: WhenFull = "wait",
        max_message_size: int = 4 * 1024 * 1024,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | None = ENVIRONMENT,
        extra_headers: Mapping[str, str] | None = None,
        transport: TransportChoice = "auto",
        clock: Clock | None = None,
    ) -> None:
        self._connector = Connector(
            base_url,
            token=token,
            api_key=api_key,
            timeouts=timeouts,
            heartbeat=heartbeat,
            keepalive=keepalive,
            reconnect=reconnect,
            max_retries=max_retries,
            buffer_size=buffer_size,
            when_full=when_full,
            max_message_size=max_message_size,
            ssl_context=ssl_context,
            proxy=proxy,
            extra_headers=extra_headers,
            transport=transport,
            clock=clock,
        )

    @property
    def url(self) -> str:
        """The hub's base URL, as REST calls use it."""
        return str(self._connector.address)

    @overload
    def subscribe(
        self,
        *channels: str,
        on_invalid: Literal["yield"] = "yield",
        notices: Literal["gaps"] = "gaps",
        deduplicate: bool = ...,
    ) -> AsyncSubscription[Event | InvalidEvent | Gap]: ...

    @overload
    def subscribe(
        self,
        *channels: str,
        on_invalid: Literal["yield"] = "yield",
        notices: Literal["all"],
        deduplicate: bool = ...,
    ) -> AsyncSubscription[Event | InvalidEvent | Notice]: ...

    @overload
    def subscribe(
        self,
        *channels: str,
        on_invalid: Literal["yield"] = "yield",
        notices: Literal["none"],
        deduplicate: bool = ...,
    ) -> AsyncSubscription[Event | InvalidEvent]: ...

    @overload
    def subscribe(
        self,
        *channels: str,
        on_invalid: Literal["raise"],
        notices: Literal["gaps"] = "gaps",
        deduplicate: bool = ...,
    ) -> AsyncSubscription[Event | Gap]: ...

    @overload
    def subscribe(
        self, *channels: str, on_invalid: Literal["raise"], notices: Literal["all"], deduplicate: bool = ...
    ) -> AsyncSubscription[Event | Notice]: ...

    @overload
    def subscribe(
        self, *channels: str, on_invalid: Literal["raise"], notices: Literal["none"], deduplicate: bool = ...
    ) -> AsyncSubscription[Event]: ...

    def subscribe(
        self,
        *channels: str,
        on_invalid: OnInvalid = "yield",
        notices: NoticeChoice = "gaps",
        deduplicate: bool = False,
    ) -> AsyncSubscription[Any]:
        """A subscription to channels; entering it connects, leaving it closes.

        Entering it raises ``HubUnreachableError``, ``StatusError`` (each status its subclass),
        ``ProtocolError`` or ``CredentialError`` when the first connection does not come about.
        Iterating raises, after all events that arrived before, what ends the stream for good: a
        refusal that trying again cannot change, or the loss itself with ``reconnect=None``.

        Args:
            channels: Names; unknown ones are dropped by the hub, see ``channels_refused``. ``global``
                is always included.
            on_invalid: What to do with a message that breaks its schema: ``"yield"`` an
                ``InvalidEvent`` in its place, or ``"raise"`` a ``MessageDecodeError``, after which
                iterating can go on.
            notices: What the stream tells of itself, in order with the events: ``"gaps"``, where events
                are missing (``Reconnected``, ``Dropped``, ``ChannelsRefused``); ``"all"``,
                ``Connected`` and ``Disconnected`` too; or ``"none"``.
            deduplicate: Whether an event is dropped when one of the last 16,384 had the same ID, over
                the same connection or an earlier one.
        """
        require_one_of(OnInvalid, "on_invalid", on_invalid)
        connector = self._connector
        readable = asyncio.Event()
        stream = connector.new_stream(channels, notices=notices, deduplicate=deduplicate, readable=readable)
        return AsyncSubscription(
            stream, readable=readable, raises_invalid=on_invalid == "raise", remove=connector.remove
        )

    @property
    def with_raw_response(self) -> AsyncRawResponses:
        """The REST calls, giving the HTTP answer as it came."""
        return AsyncRawResponses(self._connector)

    async def unsubscribe(self, client_id: str, *channels: str) -> UnsubscribeResult:
        """Drop channels from a live connection, which need not be one of this object's.

        ``AsyncSubscription.unsubscribe`` does the same for its own connection, and knows its ID.

        Args:
            client_id: The connection's ID, from its welcome; it must belong to the same principal.
            channels: At least one. ``global`` is refused before anything is sent.

        Raises:
            GlobalChannelError: ``global`` was among the channels.
            StatusError: the hub refused; the subclass says why.
            HubUnreachableError: the call got no answer.
        """
        return (await self.with_raw_response.unsubscribe(client_id, *channels)).parse()

    async def clients(self) -> tuple[Connection, ...]:
        """The caller's own connections; all there are for a principal with the admin claim (protocol OPS-1).

        Raises:
            StatusError: the hub refused; the subclass says why.
            HubUnreachableError: the call got no answer.
        """
        return (await self.with_raw_response.clients()).parse()

    async def stats(self) -> HubStats:
        """The hub's counters (protocol OPS-2).

        Raises:
            StatusError: the hub refused; the subclass says why.
            HubUnreachableError: the call got no answer.
        """
        return (await self.with_raw_response.stats()).parse()

    async def close(self) -> None:
        """Close what REST calls left open. Subscriptions close themselves."""
        await self._connector.close()

    async def __aenter__(self) -> Self:
        self._connector.keeps_http = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncEventsHub({self._connector!r})"
