"""Serves the table: routes, the credential, requests out of HTTP and answers into it."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from aiohttp import hdrs, web

from ...core.credentials import bearer
from ...core.refusal import Refusal
from ..http_protocol import HubHttpProtocol
from ..responses import Handler, RefusedError, json_response
from . import PREFIX
from .controlled import ControlledHub
from .endpoint import Endpoint
from .reading import RequestReader
from .table import ENDPOINTS

_ONLY_GET: Final = {"allow_head": False}


class ControlSurface:
    """Answers requests below the prefix. Only its own credential counts here."""

    def __init__(self, controlled: ControlledHub, token: str) -> None:
        self._controlled = controlled
        self._digest = hashlib.sha256(token.encode()).digest()

    def routes(self) -> list[web.RouteDef]:
        """The routes of the surface, each behind its credential."""
        return [
            # Not HEAD as well: the document says all that there is.
            web.RouteDef(e.method, PREFIX + e.path, self._handler(e), _ONLY_GET if e.method == "GET" else {})
            for e in ENDPOINTS
        ]

    def _handler(self, endpoint: Endpoint) -> Handler:
        reader = RequestReader(endpoint, self._controlled.hub.limits.request_timeout)

        async def handle(request: web.Request) -> web.StreamResponse:
            self._check(request)
            if isinstance(request.protocol, HubHttpProtocol):
                # Time that this call lets pass must not wait for this call.
                request.protocol.is_answered = True
            asked = await reader.read(request)
            return _answered(endpoint, await endpoint.handle(self._controlled, asked))

        return handle

    def _check(self, request: web.Request) -> None:
        fields = request.headers.getall(hdrs.AUTHORIZATION, ())
        token = bearer(fields[0]) if len(fields) == 1 else None
        digest = hashlib.sha256((token or "").encode(errors="surrogateescape")).digest()
        if not hmac.compare_digest(digest, self._digest):
            challenge = ((hdrs.WWW_AUTHENTICATE, "Bearer"),)
            raise RefusedError(Refusal(401, "the control credential is missing or wrong", challenge))


def _answered(endpoint: Endpoint, content: object) -> web.Response:
    if endpoint.answer is None:
        return web.Response(status=endpoint.status)
    if isinstance(content, bytes):
        return web.Response(
            status=endpoint.status, body=content, content_type=endpoint.media_type, charset="utf-8"
        )
    return json_response(content, endpoint.status)
