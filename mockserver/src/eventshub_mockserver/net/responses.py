"""JSON answers, errors above all (protocol ERR-1, ERR-2)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Middleware

from ..core.dialect import GUIDE, Dialect
from ..core.refusal import Refusal

_LOG = logging.getLogger("eventshub_mockserver")

SERVER: Final = "eventshub-mockserver"
"""What answers call their server; aiohttp would tell strangers its version and Python's."""
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


def error_response(refusal: Refusal, dialect: Dialect = GUIDE) -> web.Response:
    """A refusal on the wire."""
    status, message = refusal.status, refusal.message
    content: dict[str, Any] = {"code": status, "message": message}
    if refusal.oauth_error is not None and dialect.unauthorized_is_oauth:
        content = {"error": refusal.oauth_error, "error_description": message}
    elif dialect.errors_have_diagnostics:
        content["diagnostics"] = {"errors": [{"code": str(status), "message": message}]}
    response = json_response(content, status)
    response.headers.extend(refusal.headers)
    return response


def errors_as_json(dialect: Dialect) -> Middleware:
    """Turn whatever goes wrong in a handler into a JSON error that tells nothing of the hub's inside."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except RefusedError as error:
            return error_response(error.refusal, dialect)
        except web.HTTPException as error:
            if error.status < HTTPStatus.BAD_REQUEST:
                raise
            headers = tuple((name, error.headers[name]) for name in ("Allow",) if name in error.headers)
            return error_response(Refusal(error.status, _explain(error), headers), dialect)
        except Exception:  # noqa: BLE001 - the last resort; it is logged and answered
            _LOG.exception("a request failed: %s %s", request.method, request.rel_url.raw_path)
            return error_response(Refusal(500, "the hub failed; its log says why"), dialect)

    return answer


def _explain(error: web.HTTPException) -> str:
    if isinstance(error, web.HTTPNotFound):
        return "there is nothing at this path"
    if isinstance(error, web.HTTPMethodNotAllowed):
        return f"{error.method} is not allowed here, only {', '.join(sorted(error.allowed_methods))}"
    return error.reason
