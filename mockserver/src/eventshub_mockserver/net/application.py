"""Puts handlers on paths."""

from __future__ import annotations

import logging
import time

from aiohttp import web

from .._generated.rest import ROUTES
from ..config import HubConfig
from ..core.hub import Hub
from .control import Control
from .operations import Operations
from .responses import Handler, errors_as_json

_ACCESS = logging.getLogger("eventshub_mockserver.access")
_STREAM_PREFIX = "/v1/"


def build_application(config: HubConfig, hub: Hub, operations: Operations) -> web.Application:
    """The hub's HTTP side.

    Raises:
        NotImplementedError: the spec has an operation for which there is no handler.
    """
    application = web.Application(
        middlewares=[access_log, errors_as_json], client_max_size=config.limits.body_size
    )
    for route in ROUTES:
        handler = _handler(operations, route.name)
        # Probes are asked at the root, whatever prefix the stream has.
        prefixes = config.base_paths if route.path.startswith(_STREAM_PREFIX) else ("",)
        for prefix in prefixes:
            application.router.add_route(route.method, prefix + route.path, handler)
    if config.control_token is not None:
        application.router.add_routes(Control(hub, config.control_token).routes())
    return application


@web.middleware
async def access_log(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Write one line a request; never the query, which may hold a credential (protocol AUTH-3)."""
    started = time.monotonic()
    response = await handler(request)
    _ACCESS.info(
        "request method=%s path=%s status=%d peer=%s ms=%.1f",
        request.method, request.rel_url.raw_path, response.status, request.remote,
        (time.monotonic() - started) * 1000,
    )  # fmt: skip
    return response


def _handler(operations: Operations, name: str) -> Handler:
    handler: Handler | None = getattr(operations, name, None)
    if handler is None:
        raise NotImplementedError(f"the spec's operation {name} has no handler in {Operations.__qualname__}")
    return handler
