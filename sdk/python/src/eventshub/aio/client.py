"""The asyncio client."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, TypeVar, cast, overload

from .._core.address import Address
from .._core.codec import Codec
from .._core.credentials import ApiKeySource, Credential, TokenSource
from .._core.invalid import InvalidEvent
from .._core.protocol import Endpoint
from .._core.rest import rest_request
from .._core.session import Session, removable_channels
from .._core.settings import Heartbeat, Keepalive, Timeouts
from .._generated import Event, UnsubscribeRequest, UnsubscribeResult
from .._generated.protocol import PING, PROTOCOL
from .._generated.rest import UNSUBSCRIBE
from .._net.options import ConnectionOptions, request_headers
from ..exceptions import InvalidAddressError
from .subscription import AsyncSubscription
from .transport import Transport, open_transport

if TYPE_CHECKING:
    import ssl

    import httpx

ResponseT = TypeVar("ResponseT")
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
        buffer_size: How many events may wait for the application before reading stops.
        max_message_size: In bytes; a larger message ends the connection.
        ssl_context: For a private certificate authority or a client certificate; the system's
            authorities when not given.

    Raises:
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
        buffer_size: int = 1024,
        max_message_size: int = 4 * 1024 * 1024,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        url = os.environ.get(URL_VARIABLE, "") if base_url is None else base_url
        if not url:
            raise InvalidAddressError(f"no hub URL: give base_url or set {URL_VARIABLE}")
        self._address = Address.parse(url, stream_path=PROTOCOL.address)
        self._credential = Credential.choose(token, api_key, os.environ)
        self._heartbeat = heartbeat
        self._buffer_size = buffer_size
        self._codec = Codec(PROTOCOL)
        self._options = ConnectionOptions(
            timeouts=timeouts or Timeouts(),
            keepalive=keepalive,
            largest_frame=max_message_size,
            ssl_context=ssl_context,
        )
        self._http: httpx.AsyncClient | None = None
        self._keeps_http = False

    @property
    def url(self) -> str:
        """The hub's base URL, as REST calls use it."""
        return str(self._address)

    @overload
    def subscribe(
        self, *channels: str, on_invalid: Literal["yield"] = "yield"
    ) -> AsyncSubscription[Event | InvalidEvent]: ...

    @overload
    def subscribe(self, *channels: str, on_invalid: Literal["raise"]) -> AsyncSubscription[Event]: ...

    def subscribe(self, *channels: str, on_invalid: OnInvalid = "yield") -> AsyncSubscription[Any]:
        """A subscription to channels; entering it connects, leaving it closes.

        Entering it raises ``HubUnreachableError``, ``StatusError`` (each status its subclass),
        ``ProtocolError`` or ``CredentialError`` when no connection comes about. Iterating raises
        ``ConnectionLostError`` when it ends, after all events that arrived before.

        Args:
            channels: Names; unknown ones are dropped by the hub, see ``channels_refused``. ``global``
                is always included.
            on_invalid: What to do with a message that breaks its schema: ``"yield"`` an
                ``InvalidEvent`` in its place, or ``"raise"`` a ``MessageDecodeError``, after which
                iterating can go on.
        """
        heartbeat = None if self._heartbeat is None else (PING, self._heartbeat)
        session = Session(
            PROTOCOL, channels, timeouts=self._options.timeouts, heartbeat=heartbeat, codec=self._codec
        )
        return AsyncSubscription(
            session,
            buffer_size=self._buffer_size,
            raises_invalid=on_invalid == "raise",
            connect=self._connect,
            remove=self.unsubscribe,
        )

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
        names = removable_channels(PROTOCOL, channels)
        return await self._call(UNSUBSCRIBE, UnsubscribeRequest(client_id=client_id, event_types=names))

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

    async def _connect(self, channels: tuple[str, ...]) -> Transport:
        query = {"event_types": ",".join(channels)} if channels else {}
        url = self._address.stream_url(PROTOCOL.address, query)
        return await open_transport(url, request_headers(await self._ask_credential()), self._options)

    async def _call(self, endpoint: Endpoint[Any, ResponseT], body: Any) -> ResponseT:
        # Loaded at the first call: importing the package stays cheap.
        from .http import call, http_client

        headers = request_headers(await self._ask_credential())
        request = rest_request(self._address, endpoint, body, headers)
        timeout = self._options.timeouts.rest
        if not self._keeps_http:
            async with http_client(self._options, secure=self._address.secure) as client:
                return await call(client, endpoint, request, within=timeout)
        if self._http is None:
            self._http = http_client(self._options, secure=self._address.secure)
        return await call(self._http, endpoint, request, within=timeout)

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
