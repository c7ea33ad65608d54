"""A request, as the journal may keep it: without what may be secret."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from ..core.entry import HttpRequest

_NOT_KEPT: Final = "(not kept)"
_HARMLESS_FIELDS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "connection",
        "content-length",
        "content-type",
        "host",
        "origin",
        "pragma",
        "sec-websocket-extensions",
        "sec-websocket-key",
        "sec-websocket-protocol",
        "sec-websocket-version",
        "upgrade",
        "user-agent",
        "x-forwarded-for",
        "x-request-id",
    }
)
_HARMLESS_PARAMETERS: Final = frozenset({"event_types"})


def record_of(request: web.Request) -> HttpRequest:
    """The request; values are kept only where the name says that they are no secret (protocol AUTH-3)."""
    return HttpRequest(
        method=request.method,
        path=request.rel_url.raw_path,
        query=tuple(_kept(name, value, _HARMLESS_PARAMETERS) for name, value in request.query.items()),
        headers=tuple(_kept(name, value, _HARMLESS_FIELDS) for name, value in request.headers.items()),
    )


def _kept(name: str, value: str, harmless: frozenset[str]) -> tuple[str, str]:
    return str(name), value if name.lower() in harmless else _NOT_KEPT
