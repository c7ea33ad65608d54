"""What a hub can be certain to hear soon."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from aiohttp import web

from ..core.connection import Connection
from ..core.hub import Hub
from .http_protocol import HubHttpProtocol


def awaited(hub: Hub, protocols: Iterable[web.RequestHandler]) -> frozenset[Hashable]:
    """Pongs, and first requests of new TCP connections, each under a name of its own."""
    pongs = [(c.id, c.last_ping) for c in list(hub.roster.by_id.values()) if _owes_pong(c)]
    requests = [id(p) for p in protocols if isinstance(p, HubHttpProtocol) and not p.is_answered]
    return frozenset([*pongs, *requests])


def _owes_pong(connection: Connection) -> bool:
    if connection.last_ping_at is None or connection.last_pong >= connection.last_ping:
        return False
    impairment = connection.impairment
    is_cut_off = impairment is not None and (impairment.is_deaf or impairment.is_mute)
    return connection.stalled_since is None and not is_cut_off
