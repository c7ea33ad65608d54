"""JSON answers, errors above all (protocol ERR-1, ERR-2)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from aiohttp import web

from ..core.refusal import Refusal

_LOG = logging.getLogger("eventshub_mockserver")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RefusedError(Exception):
    """Ends a request with a refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def json_response(content: object, status: int = 200) -> web.Response:
    """An answer whose body is ``content``."""
    return web.Response(
        status=status, body=msgspec.json.encode(content), content_type="application/json", charset="utf-8"
    )


def error_response(refusal: Refusal) -> web.Response:
    """A refusal on the wire."""
    response = json_response({"code": refusal.status, "message": refusal.message}, refusal.status)
    response.headers.extend(refusal.headers)
    return response


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever goes wrong in a handler into a JSON error that tells nothing of the hub's inside."""
    try:
        return await handler(request)
    except RefusedError as error:
        return error_response(error.refusal)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        headers = tuple((name, error.headers[name]) for name in ("Allow",) if name in error.headers)
        return error_response(Refusal(error.status, _explain(error), headers))
    except Exception:  # noqa: BLE001 - the last resort; it is logged and answered
        _LOG.exception("a request failed: %s %s", request.method, request.rel_url.raw_path)
        return error_response(Refusal(500, "the hub failed; its log says why"))


def _explain(error: web.HTTPException) -> str:
    if isinstance(error, web.HTTPNotFound):
        return "there is nothing at this path"
    if isinstance(error, web.HTTPMethodNotAllowed):
        return f"{error.method} is not allowed here, only {', '.join(sorted(error.allowed_methods))}"
    return error.reason
