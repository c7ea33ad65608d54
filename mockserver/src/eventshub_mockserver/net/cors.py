"""What browsers ask before, and want to see after, a request of another site's page (Fetch, section 3.2)."""

from __future__ import annotations

from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from ..core.origins import OriginPolicy
from .responses import Handler

_FIELDS: Final = "Authorization, Content-Type, X-Api-Key"
_SHOWN: Final = "Retry-After, WWW-Authenticate"
_SECONDS: Final = "600"


def share_with(policy: OriginPolicy, closed_prefix: str) -> Middleware:
    """Let pages of allowed origins read answers; others' browsers keep these from them.

    Args:
        policy: whose pages these are.
        closed_prefix: below it no page of another site has any business.
    """

    @web.middleware
    async def share(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get(hdrs.ORIGIN)
        if (
            origin is None
            or request.path.startswith(closed_prefix)
            or not policy.allows(origin, request.host)
        ):
            return await handler(request)
        asked = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_METHOD)
        refused = request.match_info.http_exception
        if request.method == hdrs.METH_OPTIONS and asked and isinstance(refused, web.HTTPMethodNotAllowed):
            response: web.StreamResponse = web.Response(status=204)
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS] = ", ".join(sorted(refused.allowed_methods))
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = _FIELDS
            response.headers[hdrs.ACCESS_CONTROL_MAX_AGE] = _SECONDS
        else:
            response = await handler(request)
            if response.prepared:  # an upgrade, whose headers are gone
                return response
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
        response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = _SHOWN
        response.headers.add(hdrs.VARY, hdrs.ORIGIN)
        return response

    return share
