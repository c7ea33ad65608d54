"""What a hub can be certain to hear soon."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from aiohttp import web

from ..core.hub import Hub
from .http_protocol import HubHttpProtocol


def awaited(hub: Hub, protocols: Iterable[web.RequestHandler]) -> frozenset[Hashable]:
    """Pongs, and first requests of new TCP connections, each under a name of its own."""
    pongs = [
        (connection.id, connection.last_ping)
        for connection in list(hub.roster.by_id.values())
        if connection.last_ping_at is not None
        and connection.last_pong < connection.last_ping
        and connection.stalled_since is None
    ]
    requests = [id(p) for p in protocols if isinstance(p, HubHttpProtocol) and not p.is_answered]
    return frozenset([*pongs, *requests])
