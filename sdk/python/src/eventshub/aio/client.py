"""The asyncio client."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, cast, overload

from .._core.address import Address
from .._core.buffer import EventBuffer, WhenFull
from .._core.clock import Clock
from .._core.codec import Codec
from .._core.credentials import ApiKeySource, Credential, TokenSource
from .._core.invalid import InvalidEvent
from .._core.notices import Gap, Notice, NoticeChoice
from .._core.protocol import BodyT, Endpoint, ResponseT
from .._core.reconnect import Reconnect, Reconnection
from .._core.rest import rest_request
from .._core.session import Session, removable_channels
from .._core.settings import Heartbeat, Keepalive, Timeouts
from .._generated import Connection, Event, HubStats, UnsubscribeRequest, UnsubscribeResult
from .._generated.protocol import PING, PROTOCOL
from .._generated.rest import CLIENTS, STATS, UNSUBSCRIBE
from .._net.options import ConnectionOptions, TransportChoice, request_headers
from ..exceptions import InvalidAddressError
from .clock import SystemClock
from .inbox import Inbox
from .stream import Stream
from .subscription import AsyncSubscription
from .transport import Transport, chosen_library, open_transport

if TYPE_CHECKING:
    import ssl

    import httpx

OnInvalid: TypeAlias = Literal["yield", "raise"]

URL_VARIABLE = "EVENTS_HUB_URL"


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
        keepalive: WebSocket pings on every connection; None for none.
        reconnect: How to stay connected (protocol END-2); None for one connection, whose loss iterating
            raises.
        buffer_size: How many events may wait for the application.
        when_full: What happens then: ``"wait"`` stops reading, so that the hub has to wait or to drop;
            ``"drop_oldest"`` drops here, which a ``Dropped`` in the stream counts; ``"fail"`` gives the
            connection up for good, and iterating raises ``BufferOverflowError`` in the end.
        max_message_size: In bytes; a larger message ends the connection.
        ssl_context: For a private certificate authority or a client certificate; the system's
            authorities when not given.
        transport: The library that moves the bytes. ``"picows"`` comes with the extra ``fast``;
            ``"auto"`` takes it when it is installed and no proxy is in the way, else ``"websockets"``.
        clock: The time; the system's when not given.

    Raises:
        ImportError: the transport asked for is not installed.
        InvalidAddressError: there is no URL, or it cannot be used.
        CredentialError: there is not exactly one credential, or it cannot be sent.
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
        buffer_size: int = 1024,
        when_full: WhenFull = "wait",
        max_message_size: int = 4 * 1024 * 1024,
        ssl_context: ssl.SSLContext | None = None,
        transport: TransportChoice = "auto",
        clock: Clock | None = None,
    ) -> None:
        url = os.environ.get(URL_VARIABLE, "") if base_url is None else base_url
        if not url:
            raise InvalidAddressError(f"no hub URL: give base_url or set {URL_VARIABLE}")
        self._address = Address.parse(url, stream_path=PROTOCOL.address)
        self._credential = Credential.choose(token, api_key, os.environ)
        self._heartbeat = heartbeat
        self._reconnect = reconnect
        self._buffer = buffer_size, when_full
        EventBuffer(*self._buffer)
        self._codec = Codec(PROTOCOL)
        self._options = ConnectionOptions(
            timeouts=timeouts or Timeouts(),
            keepalive=keepalive,
            largest_frame=max_message_size,
            ssl_context=ssl_context,
            transport=transport,
            clock=clock or SystemClock(),
        )
        if transport != "auto":
            chosen_library(self._options)
        self._http: httpx.AsyncClient | None = None
        self._keeps_http = False

    @property
    def url(self) -> str:
        """The hub's base URL, as REST calls use it."""
        return str(self._address)

    @overload
    def subscribe(
        self, *channels: str, on_invalid: Literal["yield"] = "yield", notices: Literal["gaps"] = "gaps"
    ) -> AsyncSubscription[Event | InvalidEvent | Gap]: ...

    @overload
    def subscribe(
        self, *channels: str, on_invalid: Literal["yield"] = "yield", notices: Literal["all"]
    ) -> AsyncSubscription[Event | InvalidEvent | Notice]: ...

    @overload
    def subscribe(
        self, *channels: str, on_invalid: Literal["yield"] = "yield", notices: Literal["none"]
    ) -> AsyncSubscription[Event | InvalidEvent]: ...

    @overload
    def subscribe(
        self, *channels: str, on_invalid: Literal["raise"], notices: Literal["gaps"] = "gaps"
    ) -> AsyncSubscription[Event | Gap]: ...

    @overload
    def subscribe(
        self, *channels: str, on_invalid: Literal["raise"], notices: Literal["all"]
    ) -> AsyncSubscription[Event | Notice]: ...

    @overload
    def subscribe(
        self, *channels: str, on_invalid: Literal["raise"], notices: Literal["none"]
    ) -> AsyncSubscription[Event]: ...

    def subscribe(
        self, *channels: str, on_invalid: OnInvalid = "yield", notices: NoticeChoice = "gaps"
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
                are missing (``Reconnected``, ``Dropped``); ``"all"``, ``Connected`` and
                ``Disconnected`` too; or ``"none"``.
        """
        size, when_full = self._buffer
        stream = Stream(
            channels,
            address=self._address,
            connect=self._connect,
            new_session=self._new_session,
            inbox=Inbox(EventBuffer(size, when_full, tells_drops=notices != "none")),
            reconnect=self._reconnect,
            reconnection=Reconnection(self._reconnect, renews_credential=self._credential.is_renewed),
            notices=notices,
            clock=self._options.clock,
        )
        return AsyncSubscription(stream, raises_invalid=on_invalid == "raise", remove=self._remove)

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
        return await self._remove(self._address, client_id, removable_channels(PROTOCOL, channels))

    async def clients(self) -> tuple[Connection, ...]:
        """The caller's own connections; all there are for a principal with the admin claim (protocol OPS-1).

        Raises:
            StatusError: the hub refused; the subclass says why.
            HubUnreachableError: the call got no answer.
        """
        return await self._call(self._address, CLIENTS, None)

    async def stats(self) -> HubStats:
        """The hub's counters (protocol OPS-2).

        Raises:
            StatusError: the hub refused; the subclass says why.
            HubUnreachableError: the call got no answer.
        """
        return await self._call(self._address, STATS, None)

    async def close(self) -> None:
        """Close what REST calls left open. Subscriptions close themselves."""
        self._keeps_http = False
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    async def __aenter__(self) -> Self:
        self._keeps_http = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def _new_session(self, channels: tuple[str, ...]) -> Session:
        heartbeat = None if self._heartbeat is None else (PING, self._heartbeat)
        return Session(
            PROTOCOL, channels, timeouts=self._options.timeouts, heartbeat=heartbeat, codec=self._codec
        )

    async def _remove(self, address: Address, client_id: str, names: tuple[str, ...]) -> UnsubscribeResult:
        body = UnsubscribeRequest(client_id=client_id, event_types=names)
        return await self._call(address, UNSUBSCRIBE, body)

    async def _connect(self, address: Address, channels: tuple[str, ...]) -> Transport:
        query = {"event_types": ",".join(channels)} if channels else {}
        url = address.stream_url(PROTOCOL.address, query)
        return await open_transport(url, request_headers(await self._ask_credential()), self._options)

    async def _call(self, address: Address, endpoint: Endpoint[BodyT, ResponseT], body: BodyT) -> ResponseT:
        # Loaded at the first call: importing the package stays cheap.
        from .http import call, http_client

        headers = request_headers(await self._ask_credential())
        request = rest_request(address, endpoint, body, headers)
        timeout = self._options.timeouts.rest
        if not self._keeps_http or address is not self._address:
            async with http_client(self._options, secure=address.secure) as client:
                return await call(client, endpoint, request, within=timeout, clock=self._options.clock)
        if self._http is None:
            self._http = http_client(self._options, secure=address.secure)
        return await call(self._http, endpoint, request, within=timeout, clock=self._options.clock)

    async def _ask_credential(self) -> Mapping[str, str]:
        answer = self._credential.ask()
        if inspect.isawaitable(answer):
            try:
                answer = cast("object", await answer)
            except Exception as error:
                raise self._credential.failed(error) from error
        return self._credential.headers(answer)

    def __repr__(self) -> str:
        return f"AsyncEventsHub({self.url!r}, {self._credential!r})"
