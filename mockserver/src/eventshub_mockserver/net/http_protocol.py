"""aiohttp's HTTP connection, with three things more than it tells its handlers."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Protocol

from aiohttp import hdrs, web
from aiohttp.http_exceptions import LineTooLong

from ..core.refusal import Refusal
from ..log import CONNECTION
from .moment import Moment
from .responses import SERVER, error_response

if TYPE_CHECKING:
    from aiohttp.web_server import Server

_LOG = logging.getLogger("eventshub_mockserver")
_NUMBERS: Final = count(1)


class Flow(Protocol):
    """Who is told whether the peer keeps up."""

    def pause(self) -> None:
        """It does not."""
        ...

    def resume(self) -> None:
        """It does again."""
        ...


class HubHttpProtocol(web.RequestHandler):
    """One TCP connection.

    It answers in JSON even what cannot be parsed, says when the connection
    is lost, and when a peer does not keep up and when it reads again.
    """

    __slots__ = ("flow", "is_answered", "is_deaf", "lost")

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop, **options: Any) -> None:
        super().__init__(server, loop=loop, **options)
        self.is_deaf = False
        self.lost = Moment()
        """When the transport has ended."""
        self.flow: Flow | None = None
        self.is_answered = False
        """Whether its first request has been answered, be it with an upgrade."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Serve the connection; whatever is logged on the way tells its number."""
        token = CONNECTION.set(f"tcp-{next(_NUMBERS)}")
        try:
            super().connection_made(transport)
        finally:
            CONNECTION.reset(token)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The transport has ended."""
        self.lost.come()
        self.flow = None
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The transport has as many bytes as it wants."""
        super().pause_writing()
        if self.flow is not None:
            self.flow.pause()

    def resume_writing(self) -> None:
        """The transport takes bytes again."""
        super().resume_writing()
        if self.flow is not None:
            self.flow.resume()

    def listen(self, *, is_deaf: bool) -> None:
        """Read nothing more until told to read on."""
        self.is_deaf = is_deaf
        if is_deaf:
            self.pause_reading()
        else:
            self.resume_reading()

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Aiohttp reads on because its buffer has room."""
        if not self.is_deaf:
            super().resume_reading(resume_parser)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that reached no handler.

        The parser's own message is not passed on: it quotes the request,
        which may hold a credential (protocol ERR-2).
        """
        del message
        if isinstance(exc, LineTooLong):
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        self.is_answered = True
        _LOG.info("request unreadable peer=%s error=%s", request.remote, type(exc).__name__)
        response = error_response(Refusal(status, HTTPStatus(status).phrase))
        response.headers[hdrs.SERVER] = SERVER
        response.force_close()
        return response
