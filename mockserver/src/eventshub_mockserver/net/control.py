"""The control surface: how tests and operators work the hub. Only its own credential counts here."""

from __future__ import annotations

import hashlib
import hmac

import msgspec
from aiohttp import hdrs, web
from msgspec import UNSET

from ..core.catalogue import InvalidEventError
from ..core.credentials import bearer
from ..core.hub import Hub, UnknownClientError
from ..core.inspection import describe_connection
from ..core.refusal import Refusal
from .operations import read_json_body
from .responses import Handler, RefusedError, json_response

PREFIX = "/control"


class PublishRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be published; see ``Hub.publish``."""

    channel: str
    message: str
    body: msgspec.Raw | msgspec.UnsetType = UNSET
    client_id: str | None = None
    unchecked: bool = False


class Control:
    """Answers requests below ``/control``."""

    def __init__(self, hub: Hub, token: str) -> None:
        self._hub = hub
        self._digest = hashlib.sha256(token.encode()).digest()
        self._decoder = msgspec.json.Decoder(PublishRequest)

    def routes(self) -> list[web.RouteDef]:
        """The routes of the surface, each behind its credential."""
        return [
            web.post(f"{PREFIX}/publish", self._guarded(self.publish)),
            web.get(f"{PREFIX}/connections", self._guarded(self.connections), allow_head=False),
        ]

    async def publish(self, request: web.Request) -> web.StreamResponse:
        """Publish an event: 202 with its ID and the number of recipients."""
        body = await read_json_body(request, self._hub.limits.request_timeout)
        try:
            wanted = self._decoder.decode(body)
            event_body = msgspec.json.decode(wanted.body) if isinstance(wanted.body, msgspec.Raw) else UNSET
            published = self._hub.publish(
                wanted.channel,
                wanted.message,
                event_body,
                client_id=wanted.client_id,
                unchecked=wanted.unchecked,
            )
        except (msgspec.DecodeError, InvalidEventError, RecursionError, UnicodeError) as error:
            raise RefusedError(Refusal(400, str(error) or "the body is not JSON")) from error
        except UnknownClientError as error:
            raise RefusedError(Refusal(404, str(error))) from error
        return json_response({"id": published.id, "recipients": published.recipients}, 202)

    async def connections(self, request: web.Request) -> web.StreamResponse:
        """Every connection, whoever opened it."""
        del request
        return json_response([describe_connection(c) for c in self._hub.roster.by_id.values()])

    def _guarded(self, handler: Handler) -> Handler:
        async def guard(request: web.Request) -> web.StreamResponse:
            fields = request.headers.getall(hdrs.AUTHORIZATION, ())
            token = bearer(fields[0]) if len(fields) == 1 else None
            digest = hashlib.sha256((token or "").encode(errors="surrogateescape")).digest()
            if not hmac.compare_digest(digest, self._digest):
                challenge = ((hdrs.WWW_AUTHENTICATE, "Bearer"),)
                raise RefusedError(Refusal(401, "the control credential is missing or wrong", challenge))
            return await handler(request)

        return guard
