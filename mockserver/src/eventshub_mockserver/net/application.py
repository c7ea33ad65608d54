"""Puts handlers on paths."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from .._generated.rest import ROUTES
from ..config import HubConfig
from ..core.entry import Kind
from ..core.hub import Hub
from ..core.interference import Step
from ..core.recorder import Recorder
from .caller import PRINCIPAL, CallerCheck, bearer_tokens
from .control import PREFIX
from .cors import share_with
from .http_protocol import HubHttpProtocol
from .http_record import record_of
from .operations import Operations
from .request_faults import RequestFaults
from .responses import SERVER, Handler, errors_as_json
from .signing_keys import SigningKeySource

_STREAM_PREFIX = "/v1/"


def build_application(
    config: HubConfig,
    hub: Hub,
    operations: Operations,
    faults: RequestFaults,
    caller: CallerCheck,
    keys: SigningKeySource | None,
    control: Iterable[web.RouteDef] = (),
) -> web.Application:
    """The hub's HTTP side, with the routes of its control surface if it has one.

    Raises:
        NotImplementedError: the spec has an operation for which there is no handler.
    """
    middlewares: list[Middleware] = [
        share_with(caller.origins, f"{PREFIX}/"),
        errors_as_json(hub.dialect),
    ]
    if keys is not None:
        middlewares.append(keys_at_hand(keys))
    if hub.recorder is not None:
        middlewares.insert(0, journal_requests(hub.recorder, hub.protocol.address))
    handlers = {route.name: _handler(operations, route.name) for route in ROUTES}
    steps = {
        handlers[route.name]: Step.HANDSHAKE if route.path == hub.protocol.address else Step.REST
        for route in ROUTES
    }
    middlewares.append(faults.middleware(steps))
    application = web.Application(middlewares=middlewares, client_max_size=config.limits.body_size)
    application.on_response_prepare.append(_name_server)
    for route in ROUTES:
        # Probes are asked at the root, whatever prefix the stream has.
        prefixes = config.base_paths if route.path.startswith(_STREAM_PREFIX) else ("",)
        for prefix in prefixes:
            application.router.add_route(route.method, prefix + route.path, handlers[route.name])
    application.router.add_get("/metrics", _metrics(config, hub, caller), allow_head=False)
    application.router.add_routes(control)
    return application


def keys_at_hand(keys: SigningKeySource) -> Middleware:
    """Have the keys of signed tokens before these are judged."""

    @web.middleware
    async def prepare(request: web.Request, handler: Handler) -> web.StreamResponse:
        for token in bearer_tokens(request):
            await keys.prepare(token)
        return await handler(request)

    return prepare


def journal_requests(recorder: Recorder, stream: str) -> Middleware:
    """Note every request with its answer, except upgrades that succeed: their WebSocket notes them in time.

    Args:
        recorder: writes the journal.
        stream: how the path of the stream ends.
    """

    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if response.status != HTTPStatus.SWITCHING_PROTOCOLS:
            path = request.rel_url.raw_path
            recorder.note(
                _kind_of(path, stream),
                principal=request.get(PRINCIPAL),
                status=response.status,
                detail=f"{request.method} {path}",
                request=record_of(request),
            )
            if isinstance(request.protocol, HubHttpProtocol):
                request.protocol.is_answered = True
        return response

    return note


async def _name_server(request: web.Request, response: web.StreamResponse) -> None:
    del request
    response.headers[hdrs.SERVER] = SERVER


def _metrics(config: HubConfig, hub: Hub, caller: CallerCheck) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        if not config.open_metrics:
            caller.principal(request)
        # prometheus-client takes long to import.
        from .metrics import CONTENT_TYPE, exposition

        return web.Response(body=exposition(hub), headers={hdrs.CONTENT_TYPE: CONTENT_TYPE})

    return answer


def _kind_of(path: str, stream: str) -> Kind:
    if path.endswith(stream):
        return Kind.HANDSHAKE
    return Kind.CONTROL if path.startswith(f"{PREFIX}/") else Kind.REST


def _handler(operations: Operations, name: str) -> Handler:
    handler: Handler | None = getattr(operations, name, None)
    if handler is None:
        raise NotImplementedError(f"the spec's operation {name} has no handler in {Operations.__qualname__}")
    return handler
