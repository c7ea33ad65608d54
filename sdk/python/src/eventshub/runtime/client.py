"""What every generated client is: settings, credentials, streams to open, endpoints to call."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from .._core.address import Address
from .._core.buffer import WhenFull
from .._core.clock import Clock
from .._core.notices import NoticeChoice
from .._core.reconnect import Reconnect
from .._core.retries import Retries
from .._core.settings import Keepalive, Timeouts
from .._net.headers import ExtraHeaders, request_headers
from .._net.options import ConnectionOptions, TransportChoice
from .._net.proxy import ENVIRONMENT, require_usable
from ..aio.clock import SystemClock, sleep
from ..aio.transport import Transport, open_transport
from ..exceptions import EventsHubError, HubUnreachableError, InvalidAddressError, StatusError
from .parameters import expand_path, header_values, query_string
from .rest import read_answer, refusal, write_request
from .security import Placed, Secrets, SecretSource, SecurityScheme
from .tables import Endpoint, StreamTable

if TYPE_CHECKING:
    import ssl

    import httpx

ResultT = TypeVar("ResultT")
Connect = Callable[[Address, tuple[str, ...]], Awaitable[Transport]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """What an application may tune; all has a value that serves."""

    timeouts: Timeouts = field(default_factory=Timeouts)
    """How long to wait for what."""
    keepalive: Keepalive | None = field(default_factory=Keepalive)
    """How a dead connection is noticed; None for not at all."""
    reconnect: Reconnect | None = field(default_factory=Reconnect)
    """How to stay connected; None for one connection, whose loss iterating raises."""
    notices: NoticeChoice = "gaps"
    """What a stream tells of itself, in order with its messages."""
    buffer_size: int = 1024
    """How many messages may wait for the application."""
    when_full: WhenFull = "wait"
    """What happens then: ``wait`` stops reading, ``drop_oldest`` drops, ``fail`` gives the connection up."""
    max_retries: int = 2
    """How often a REST call that changes nothing is made again at most."""
    max_message_size: int = 4 * 1024 * 1024
    """In bytes; a larger message ends the connection."""
    ssl_context: ssl.SSLContext | None = None
    """For a private certificate authority or a client certificate."""
    proxy: str | None = field(default=ENVIRONMENT, repr=False)
    """Its URL; ``environment`` takes what variables such as ``HTTPS_PROXY`` say, None takes none."""
    extra_headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """For every request."""
    transport: TransportChoice = "auto"
    """The library that moves the bytes."""
    clock: Clock | None = None
    """The time; the system's if None."""


class Client:
    """The base of generated clients.

    Nothing is sent until a connection is entered or an endpoint is called. As a context manager, it keeps
    the connections of REST calls for reuse; without, each call makes its own.
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
        self.settings: ClientSettings = settings or ClientSettings()
        self.clock: Clock = self.settings.clock or SystemClock()
        self._stream_address = Address.parse(stream_url, stream_path="") if stream_url else None
        whole = f"{rest_url.rstrip('/')}{rest_path}" if rest_url else ""
        self._rest_address = Address.parse(whole, stream_path="") if whole else None
        self._secrets = Secrets(schemes, secrets)
        self._retries = Retries(self.settings.max_retries, random.random)
        require_usable(self.settings.proxy)
        self._options = ConnectionOptions(
            timeouts=self.settings.timeouts,
            keepalive=self.settings.keepalive,
            largest_frame=self.settings.max_message_size,
            ssl_context=self.settings.ssl_context,
            proxy=self.settings.proxy,
            extra_headers=ExtraHeaders(self.settings.extra_headers),
            transport=self.settings.transport,
            clock=self.clock,
        )
        self._keeps_http = False
        self._http: httpx.AsyncClient | None = None

    @property
    def stream_address(self) -> Address:
        """Where streams are.

        Raises:
            InvalidAddressError: nobody said.
        """
        if self._stream_address is None:
            raise InvalidAddressError("no URL for streams: the document names no server, so give one")
        return self._stream_address

    def opener(self, table: StreamTable, values: Mapping[str, object]) -> Connect:
        """How to connect to a stream with these values of its parameters; they are checked here.

        Raises:
            ValueError: a value cannot be sent.
        """
        path = expand_path(table.address, table.parameters, values)
        query = query_string(table.parameters, values)
        headers = header_values(table.parameters, values)

        async def connect(address: Address, _: tuple[str, ...]) -> Transport:
            placed = await self._secrets.place(table.security)
            # A server with a path and a channel at its root: no slash is added to the path.
            shown = address.stream_url("" if path == "/" and address.prefix else path, {})
            whole = "&".join(part for part in (query, *placed.query) if part)
            try:
                return await open_transport(
                    f"{shown}?{whole}" if whole else shown, self._headers(headers, placed), self._options
                )
            except EventsHubError as error:
                _hide_query(error, shown, whole)
                raise

        return connect

    async def call(self, endpoint: Endpoint[ResultT], values: Mapping[str, object], body: object) -> ResultT:
        """Call an endpoint, again where that can help.

        Raises:
            StatusError: the answer is no success; the subclass says which. Its ``body`` is of the type that
                the document gives for this status, if it fits.
            HubUnreachableError: there was no answer.
            ProtocolError: the answer is too large, is no HTTP, or breaks its schema.
            CredentialError: no credential was given for what needs one.
            ValueError: a value cannot be sent.
        """
        made = 0
        while True:
            failure: StatusError | HubUnreachableError
            try:
                response = await self._send(endpoint, values, body)
            except HubUnreachableError as error:
                failure = error
            else:
                refused = refusal(endpoint, response)
                if refused is None:
                    return read_answer(endpoint, response)
                failure = refused
            delay = self._retries.delay(made, failure, is_safe=endpoint.method in {"GET", "HEAD", "OPTIONS"})
            if delay is None:
                raise failure
            made += 1
            await sleep(self.clock, delay)

    async def close(self) -> None:
        """Close what REST calls left open. Connections close themselves."""
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

    async def _send(self, endpoint: Endpoint[Any], values: Mapping[str, object], body: object) -> Any:
        # Loaded at the first call: importing a package stays cheap.
        from ..aio.http import http_client, send

        address = self._rest_address
        if address is None:
            raise InvalidAddressError("no URL for REST calls: the document names no server, so give one")
        placed = await self._secrets.place(endpoint.security)
        url = address.http_url(expand_path(endpoint.path, endpoint.parameters, values))
        query = query_string(endpoint.parameters, values)
        whole = "&".join(part for part in (query, *placed.query) if part)
        headers = self._headers(header_values(endpoint.parameters, values), placed)
        request = write_request(endpoint, f"{url}?{whole}" if whole else url, headers, body)
        table: Any = endpoint
        try:
            if not self._keeps_http:
                async with http_client(self._options, secure=address.secure) as client:
                    return await send(client, table, request, self._options)
            if self._http is None:
                self._http = http_client(self._options, secure=address.secure)
            return await send(self._http, table, request, self._options)
        except EventsHubError as error:
            _hide_query(error, url, whole)
            raise

    def _headers(self, own: Mapping[str, str], placed: Placed) -> dict[str, str]:
        cookies = "; ".join(source["Cookie"] for source in (own, placed.headers) if "Cookie" in source)
        credential = {**own, **placed.headers, **({"Cookie": cookies} if cookies else {})}
        return request_headers(credential, self._options.extra_headers)

    def __repr__(self) -> str:
        where = self._stream_address or self._rest_address
        return f"{type(self).__name__}({str(where) if where else ''!r})"


def _hide_query(error: EventsHubError, shown: str, query: str) -> None:
    """Take out of an error what may hold a secret."""
    if query:
        error.args = tuple(str(each).replace(f"{shown}?{query}", shown) for each in error.args)
        if isinstance(error, StatusError):
            error.url = shown
