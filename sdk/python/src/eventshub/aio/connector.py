"""What one hub object knows of its hub: where it is, who asks, and how; both twins stand on it."""

from __future__ import annotations

import inspect
import os
import random
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, cast

from .._core.address import Address
from .._core.buffer import EventBuffer, WhenFull
from .._core.clock import Clock
from .._core.codec import Codec
from .._core.credentials import ApiKeySource, Credential, TokenSource
from .._core.duplicates import RecentIds
from .._core.notices import NoticeChoice
from .._core.protocol import BodyT, Endpoint, ResponseT
from .._core.reconnect import Reconnect, Reconnection
from .._core.rest import RawResponse, rest_request
from .._core.retries import Retries
from .._core.session import Session
from .._core.settings import Heartbeat, Keepalive, Timeouts
from .._generated import UnsubscribeRequest, UnsubscribeResult
from .._generated.protocol import PING, PROTOCOL
from .._generated.rest import UNSUBSCRIBE
from .._net.headers import ExtraHeaders, request_headers
from .._net.options import ConnectionOptions, TransportChoice
from .._net.proxy import require_usable
from ..exceptions import HubUnreachableError, InvalidAddressError, StatusError
from .clock import SystemClock, sleep
from .inbox import Inbox, Signal
from .stream import Stream
from .transport import Transport, chosen_library, open_transport

if TYPE_CHECKING:
    import ssl

    import httpx

URL_VARIABLE = "EVENTS_HUB_URL"


class Connector:
    """Makes streams and REST calls, with one hub object's settings.

    Args:
        base_url: See ``AsyncEventsHub``, as for all the others.
    """

    def __init__(
        self,
        base_url: str | None,
        *,
        token: TokenSource | None,
        api_key: ApiKeySource | None,
        timeouts: Timeouts | None,
        heartbeat: Heartbeat | None,
        keepalive: Keepalive | None,
        reconnect: Reconnect | None,
        max_retries: int,
        buffer_size: int,
        when_full: WhenFull,
        max_message_size: int,
        ssl_context: ssl.SSLContext | None,
        proxy: str | None,
        extra_headers: Mapping[str, str] | None,
        transport: TransportChoice,
        clock: Clock | None,
    ) -> None:
        url = os.environ.get(URL_VARIABLE, "") if base_url is None else base_url
        if not url:
            raise InvalidAddressError(f"no hub URL: give base_url or set {URL_VARIABLE}")
        if max_retries < 0:
            raise ValueError(f"max_retries must be 0 or more, not {max_retries}")
        self.address: Address = Address.parse(url, stream_path=PROTOCOL.address)
        self.credential: Credential = Credential.choose(token, api_key, os.environ)
        self.keeps_http: bool = False
        """Whether REST connections are kept for reuse."""
        self._heartbeat = heartbeat
        self._reconnect = reconnect
        self._retries = Retries(max_retries, random.random)
        self._buffer = buffer_size, when_full
        EventBuffer(*self._buffer)
        self._codec = Codec(PROTOCOL)
        self._options = ConnectionOptions(
            timeouts=timeouts or Timeouts(),
            keepalive=keepalive,
            largest_frame=max_message_size,
            ssl_context=ssl_context,
            proxy=proxy,
            extra_headers=ExtraHeaders(extra_headers or {}),
            transport=transport,
            clock=clock or SystemClock(),
        )
        require_usable(proxy)
        if transport != "auto":
            chosen_library(self._options)
        self._http: httpx.AsyncClient | None = None

    def new_stream(
        self,
        channels: tuple[str, ...],
        *,
        notices: NoticeChoice,
        deduplicate: bool,
        readable: Signal,
        lock: AbstractContextManager[object] | None = None,
    ) -> Stream:
        """A subscription's stream; ``readable`` wakes who waits for its events."""
        size, when_full = self._buffer
        buffer = EventBuffer(size, when_full, tells_drops=notices != "none", lock=lock)
        return Stream(
            channels,
            address=self.address,
            stream_path=PROTOCOL.address,
            connect=self._connect,
            new_session=self._new_session,
            inbox=Inbox(buffer, readable),
            reconnect=self._reconnect,
            reconnection=Reconnection(self._reconnect, renews_credential=self.credential.is_renewed),
            notices=notices,
            recent_ids=RecentIds() if deduplicate else None,
            keepalive=self._options.keepalive,
            clock=self._options.clock,
        )

    async def remove(self, address: Address, client_id: str, names: tuple[str, ...]) -> UnsubscribeResult:
        """Take channels from a connection."""
        body = UnsubscribeRequest(client_id=client_id, event_types=names)
        return (await self.call(UNSUBSCRIBE, body, address)).parse()

    async def call(
        self, endpoint: Endpoint[BodyT, ResponseT], body: BodyT, address: Address | None = None
    ) -> RawResponse[ResponseT]:
        """Make a REST call, again where that can help.

        Raises:
            HubUnreachableError: there was no answer.
            ProtocolError: it is too large, or no HTTP.
            CredentialError: the credential's callable failed.
        """
        made = 0
        while True:
            failure: StatusError | HubUnreachableError
            response: RawResponse[ResponseT] | None = None
            try:
                response = await self._send(endpoint, body, address or self.address)
            except HubUnreachableError as error:
                failure = error
            else:
                refusal = response.failure()
                if refusal is None:
                    return response
                failure = refusal
            delay = self._retries.delay(made, failure, is_safe=endpoint.method == "GET")
            if delay is None:
                if response is None:
                    raise failure
                return response
            made += 1
            await sleep(self._options.clock, delay)

    async def close(self) -> None:
        """Close what REST calls left open."""
        self.keeps_http = False
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    async def _send(
        self, endpoint: Endpoint[BodyT, ResponseT], body: BodyT, address: Address
    ) -> RawResponse[ResponseT]:
        # Loaded at the first call: importing the package stays cheap.
        from .http import http_client, send

        headers = await self._headers()
        request = rest_request(address, endpoint, body, headers)
        options = self._options
        if not self.keeps_http or address is not self.address:
            async with http_client(options, secure=address.secure) as client:
                return await send(client, endpoint, request, options)
        if self._http is None:
            self._http = http_client(options, secure=address.secure)
        return await send(self._http, endpoint, request, options)

    def _new_session(self, channels: tuple[str, ...]) -> Session:
        heartbeat = None if self._heartbeat is None else (PING, self._heartbeat)
        return Session(
            PROTOCOL, channels, timeouts=self._options.timeouts, heartbeat=heartbeat, codec=self._codec
        )

    async def _connect(self, address: Address, channels: tuple[str, ...]) -> Transport:
        query = {"event_types": ",".join(channels)} if channels else {}
        url = address.stream_url(PROTOCOL.address, query)
        return await open_transport(url, await self._headers(), self._options)

    async def _headers(self) -> Mapping[str, str]:
        answer = self.credential.ask()
        if inspect.isawaitable(answer):
            try:
                answer = cast("object", await answer)
            except Exception as error:
                raise self.credential.failed(error) from error
        return request_headers(self.credential.headers(answer), self._options.extra_headers)

    def __repr__(self) -> str:
        extra = self._options.extra_headers
        shown = f", extra_headers={extra!r}" if extra else ""
        return f"{str(self.address)!r}, {self.credential!r}{shown}"
