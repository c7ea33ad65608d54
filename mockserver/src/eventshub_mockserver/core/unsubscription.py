"""Unsubscribe requests (protocol UNSUB-1 to UNSUB-7)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from .._generated.models import UnsubscribeRefusal, UnsubscribeRequest, UnsubscribeResult
from .connection import Connection
from .credentials import Principal
from .hub import Hub
from .refusal import Refusal


def unsubscribe(hub: Hub, principal: Principal, body: bytes) -> UnsubscribeResult | Refusal:
    """Carry out a request, in part where it cannot be done in whole.

    Refused as a whole: a body that is not as the spec says (400, naming the
    field), an unknown client ID (404 by default), somebody else's (403), and a request
    of which nothing can be done (400).
    """
    request = _read(hub, body)
    if isinstance(request, Refusal):
        return request
    connection = hub.roster.by_id.get(request.client_id.lower())
    if connection is None:
        return Refusal(hub.dialect.unknown_client_status, "client_id: there is no such connection")
    if connection.principal.name != principal.name:
        return Refusal(403, "client_id: this connection is not yours")
    removed, refused = _sort(hub, connection, request.event_types)
    if not removed:
        reasons = "; ".join(f"{refusal.event_type}: {refusal.reason}" for refusal in refused)
        return Refusal(400, f"event_types: nothing was removed. {reasons}")
    hub.unsubscribe(connection, removed)
    message = f"unsubscribed from {', '.join(removed)}"
    if refused:
        message += f"; not from {', '.join(refusal.event_type for refusal in refused)}, see refused"
    return UnsubscribeResult(
        code=200,
        message=message,
        unsubscribed=tuple(removed),
        remaining_subscriptions=connection.subscriptions,
        refused=tuple(refused),
    )


def _read(hub: Hub, body: bytes) -> UnsubscribeRequest | Refusal:
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return Refusal(400, "the body is not JSON")
    fault = hub.validator.request_fault("unsubscribe", decoded)
    if fault is not None:
        return Refusal(400, fault)
    try:
        return msgspec.convert(decoded, UnsubscribeRequest)
    except msgspec.ValidationError as error:
        return Refusal(400, str(error))


def _sort(
    hub: Hub, connection: Connection, names: Sequence[str]
) -> tuple[list[str], list[UnsubscribeRefusal]]:
    removed: dict[str, None] = {}
    refused: dict[str, str] = {}
    always = hub.protocol.always_subscribed
    for name in names:
        channel = name.strip().lower()
        if channel not in hub.protocol.channels:
            refused[name] = f"no such channel; there are {', '.join(hub.protocol.channels)}"
        elif channel in always:
            refused[name] = "cannot be removed; close the connection to get no more of it"
        elif channel not in connection.subscriptions:
            refused[name] = f"not subscribed; active are {', '.join(connection.subscriptions)}"
        else:
            removed[channel] = None
    return list(removed), [UnsubscribeRefusal(event_type=n, reason=reason) for n, reason in refused.items()]
