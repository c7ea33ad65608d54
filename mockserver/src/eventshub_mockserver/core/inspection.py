"""The hub in numbers (protocol OPS-1, OPS-2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .clock import rfc3339
from .connection import Connection
from .credentials import ADMIN, Principal
from .hub import Hub


def describe_connection(connection: Connection) -> dict[str, Any]:
    """A connection as ``/v1/ws/clients`` shows it."""
    return {
        "id": connection.id,
        "user_id": connection.principal.name,
        "username": connection.principal.name,
        "connected_at": rfc3339(connection.connected_at),
        "last_ping_at": _moment(connection.last_ping_at),
        "last_pong_at": _moment(connection.last_pong_at),
        "event_subscriptions": list(connection.subscriptions),
        "is_alive": connection.ending is None,
        "queue_depth": connection.outbox.depth,
        "evicted": connection.outbox.evicted,
    }


def describe_clients(hub: Hub, caller: Principal) -> list[dict[str, Any]]:
    """The caller's own connections; everybody's for a caller with the admin claim."""
    return [
        describe_connection(connection)
        for connection in hub.roster.by_id.values()
        if caller.may(ADMIN) or connection.principal.name == caller.name
    ]


def describe_hub(hub: Hub) -> dict[str, Any]:
    """The counters of ``/v1/ws/stats``."""
    counts = hub.roster.subscriber_counts
    return {
        "total_clients": len(hub.roster.by_id),
        "total_subscriptions": sum(counts.values()),
        "type_stats": dict(counts),
        "messages_sent": hub.roster.messages_sent,
        "start_time": rfc3339(hub.started_at),
        "uptime": str(timedelta(seconds=int(hub.uptime))),
    }


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else rfc3339(seconds)
