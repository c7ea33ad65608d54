"""The operations of the spec, as HTTP handlers; one method each, found by the operation's name."""

from __future__ import annotations

import asyncio
import logging
import time

from aiohttp import hdrs, web

from ..core.connection import Connection
from ..core.entry import Kind
from ..core.hub import Hub
from ..core.inspection import describe_clients, describe_hub
from ..core.interference import Step
from ..core.refusal import Refusal
from ..core.unsubscription import unsubscribe
from ..faults.injector import FaultInjector
from ..log import CONNECTION
from .caller import CallerCheck
from .http_record import record_of
from .responses import RefusedError, json_response
from .socket import HubWebSocket, Socket

_LOG = logging.getLogger("eventshub_mockserver")
_VERSION = "13"
_OUTCOMES = {400: "malformed", 403: "origin", 409: "address", 426: "no_upgrade", 503: "unavailable"}


class Operations:
    """Answers requests to the product's paths, where only the product's credentials count."""

    def __init__(self, hub: Hub, caller: CallerCheck, faults: FaultInjector) -> None:
        self._hub = hub
        self._faults = faults
        self._caller = caller
        self.sockets: dict[Connection, Socket] = {}
        """Every open WebSocket."""
        self._woken_at: float | None = None

    async def subscribe(self, request: web.Request) -> web.StreamResponse:
        """Upgrade to the event stream.

        Judged in this order: credential 401, claim 403, origin 403, upgrade 426 or 400,
        hub accepting 503, address 409. From the last on, the slot is taken;
        it is given back on every way out.
        """
        websocket = HubWebSocket(self._hub.limits.message_size)
        try:
            connection = self._admit(request, websocket)
        except RefusedError as error:
            self._hub.tally.handshakes[_outcome(error.refusal)] += 1
            raise
        self._hub.tally.handshakes["accepted"] += 1
        CONNECTION.set(connection.id)
        try:
            await websocket.prepare(request)
            socket = Socket(self._hub, connection, request, websocket)
            self.sockets[connection] = socket
            _LOG.info(
                "connection opened connection=%s principal=%s address=%s subscriptions=%s",
                connection.id, connection.principal.name, connection.address,
                ",".join(connection.subscriptions),
            )  # fmt: skip
            if self._hub.recorder is not None:
                granted = connection.subscriptions
                self._hub.recorder.note(
                    Kind.HANDSHAKE,
                    connection,
                    status=101,
                    channels=granted,
                    detail=f"from {connection.address}",
                    request=record_of(request),
                )
            socket.flush()
            if self._faults.ledger.has(Step.OPEN):
                self._faults.opened(connection)
            await socket.serve()
            outbox = connection.outbox
            lost = outbox.dropped + outbox.depth
            self._hub.tally.lost += lost
            _LOG.info(
                "connection closed connection=%s code=%d sent=%d evicted=%d lost=%d",
                connection.id, socket.close_code, outbox.sent, outbox.evicted, lost,
            )  # fmt: skip
        finally:
            self._hub.disconnect(connection)
            self._faults.closed(connection)
            self.sockets.pop(connection, None)
        return websocket

    async def unsubscribe(self, request: web.Request) -> web.StreamResponse:
        """Remove channels from a live connection (protocol UNSUB-1 to UNSUB-6)."""
        principal = self._caller.principal(request)
        body = await read_json_body(request, self._hub.limits.request_timeout)
        result = unsubscribe(self._hub, principal, body)
        if isinstance(result, Refusal):
            raise RefusedError(result)
        if self._hub.dialect.unsubscribe_is_detailed:
            return json_response(result)
        if result.refused:
            return json_response({"code": result.code, "message": result.message})
        return web.Response()

    async def clients(self, request: web.Request) -> web.StreamResponse:
        """The connections that the caller may see (protocol OPS-1)."""
        return json_response(describe_clients(self._hub, self._caller.principal(request)))

    async def stats(self, request: web.Request) -> web.StreamResponse:
        """The hub in numbers (protocol OPS-2)."""
        self._caller.principal(request)
        return json_response(describe_hub(self._hub))

    async def liveness(self, request: web.Request) -> web.StreamResponse:
        """Whether the hub runs."""
        del request
        return json_response({"status": "ok"})

    async def readiness(self, request: web.Request) -> web.StreamResponse:
        """Whether the hub accepts connections (protocol CONN-8)."""
        del request
        if self._hub.is_accepting:
            return json_response({"status": "ok"})
        raise RefusedError(Refusal(503, "the hub is shutting down", (("Retry-After", "1"),)))

    def _admit(self, request: web.Request, websocket: HubWebSocket) -> Connection:
        """Judge a handshake and take its slot, or raise a refusal."""
        principal = self._caller.principal(request, query_allowed=True)
        self._caller.check_origin(request)
        address = self._caller.address(request)
        _check_handshake(request, websocket)
        connection = self._hub.connect(principal, address, request.query.get("event_types"))
        if isinstance(connection, Refusal):
            raise RefusedError(connection)
        return connection

    def woken(self) -> None:
        """Note when the hub came to have something to write."""
        self._woken_at = time.perf_counter()

    def flush(self) -> None:
        """Write whatever the hub has for its connections, to each in one piece."""
        self._hub.burst.spread(self._hub.enqueue, self._hub.limits.write_buffer)
        for connection in self._hub.take_pending():
            socket = self.sockets.get(connection)
            if socket is None:
                continue
            try:
                socket.flush()
            except Exception:  # noqa: BLE001 - one broken transport must not keep the others from their events
                _LOG.exception("writing failed connection=%s", connection.id)
                socket.abort()
        if self._woken_at is not None:
            self._hub.tally.fan_out.add(time.perf_counter() - self._woken_at)
            self._woken_at = None


async def read_json_body(request: web.Request, timeout: float) -> bytes:  # noqa: ASYNC109 - bounds reading alone
    """The body of a request that must be JSON.

    Raises:
        RefusedError: 415 for another content type, 413 for too much, 408 for too slow.
    """
    if request.content_type != "application/json":
        raise RefusedError(Refusal(415, "the content type must be application/json"))
    try:
        async with asyncio.timeout(timeout):
            return await request.read()
    except TimeoutError:
        raise RefusedError(Refusal(408, "the body did not arrive in time")) from None
    except web.HTTPRequestEntityTooLarge:
        raise RefusedError(Refusal(413, "the body is too large")) from None


def _outcome(refusal: Refusal) -> str:
    """Why a handshake was refused, in one word."""
    return refusal.oauth_error or _OUTCOMES.get(refusal.status, "other")


def _check_handshake(request: web.Request, websocket: HubWebSocket) -> None:
    """Raise a refusal unless this is a WebSocket handshake (protocol CONN-7; RFC 6455, section 4.2.1)."""
    if request.headers.get(hdrs.UPGRADE, "").strip().lower() != "websocket":
        upgrade = ((hdrs.UPGRADE, "websocket"), (hdrs.CONNECTION, "Upgrade"))
        raise RefusedError(Refusal(426, "this path speaks WebSocket only: ask for an upgrade", upgrade))
    if websocket.can_prepare(request):
        return
    if request.headers.get(hdrs.SEC_WEBSOCKET_VERSION) != _VERSION:
        headers = ((hdrs.UPGRADE, "websocket"), (hdrs.SEC_WEBSOCKET_VERSION, _VERSION))
        raise RefusedError(Refusal(426, f"Sec-WebSocket-Version must be {_VERSION}", headers))
    raise RefusedError(Refusal(400, "the handshake is not valid: see Connection and Sec-WebSocket-Key"))
