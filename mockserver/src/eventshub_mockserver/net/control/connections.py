"""Looking at connections, closing them, sending them what no hub would."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...core.frames import binary_frame, text_frame
from ...core.hub import UnknownClientError
from ...core.inspection import describe_connection
from .controlled import ControlledHub
from .endpoint import Endpoint, Example, Nothing, refused


class ConnectionState(msgspec.Struct, frozen=True, kw_only=True):
    """A connection, as `/v1/ws/clients` shows it."""

    id: Annotated[str, Meta(description="Its client ID.")]
    user_id: str
    username: Annotated[str, Meta(description="The name of its credential.")]
    connected_at: str
    last_ping_at: str | None
    last_pong_at: str | None
    event_subscriptions: list[str]
    is_alive: Annotated[bool, Meta(description="False once the hub has decided to close it.")]
    queue_depth: int
    evicted: Annotated[int, Meta(description="Messages that it lost because its queue was full.")]


class CloseRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How connections are to end."""

    client_id: Annotated[
        str | None, Meta(description="The one connection that is meant; all when left out.")
    ] = None
    code: Annotated[
        int,
        Meta(ge=1000, le=4999, description="The close code: 1000 to 1014 or 3000 to 4999, as RFC 6455 says."),
    ] = 1001
    reason: Annotated[str, Meta(description="The close frame's text, cut after 123 bytes.")] = (
        "closed through the control surface"
    )


class ClosedConnections(msgspec.Struct, frozen=True, kw_only=True):
    """How many connections end now."""

    closed: int


class SendRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be sent as it is; exactly one of `text`, `binary` and `wire`."""

    client_id: Annotated[str, Meta(description="The connection that it is for.")]
    text: Annotated[str | UnsetType, Meta(description="A text message.")] = UNSET
    binary: Annotated[bytes | UnsetType, Meta(description="A binary message, in base64.")] = UNSET
    wire: Annotated[
        bytes | UnsetType,
        Meta(description="Bytes for the socket, in base64: frames of one's own, or what is none."),
    ] = UNSET


class SentBytes(msgspec.Struct, frozen=True, kw_only=True):
    """How much was queued for the socket."""

    bytes: int


async def connections(controlled: ControlledHub, request: Nothing) -> list[ConnectionState]:
    """Every connection, whoever opened it."""
    del request
    return [
        msgspec.convert(describe_connection(connection), ConnectionState)
        for connection in controlled.hub.roster.by_id.values()
    ]


async def close(controlled: ControlledHub, request: CloseRequest) -> ClosedConnections:
    """Close one connection or all, each after what waits for it."""
    try:
        closed = controlled.stage.close(request.code, request.reason, client_id=request.client_id)
    except UnknownClientError as error:
        raise refused(404, f"client_id: {error}") from error
    except ValueError as error:
        raise refused(400, f"code: {error}") from error
    return ClosedConnections(closed=closed)


async def send(controlled: ControlledHub, request: SendRequest) -> SentBytes:
    """Queue a message, or bytes, for one connection."""
    wires: list[bytes] = []
    if not isinstance(request.text, UnsetType):
        wires.append(text_frame(request.text.encode()))
    if not isinstance(request.binary, UnsetType):
        wires.append(binary_frame(request.binary))
    if not isinstance(request.wire, UnsetType):
        wires.append(request.wire)
    if len(wires) != 1:
        raise refused(400, f"text, binary, wire: give exactly one of them, not {len(wires)}")
    try:
        controlled.stage.send(request.client_id, wires[0])
    except UnknownClientError as error:
        raise refused(404, f"client_id: {error}") from error
    return SentBytes(bytes=len(wires[0]))


ENDPOINTS: Final = (
    Endpoint(
        name="connections",
        method="GET",
        path="/connections",
        summary="List the connections, whoever opened them.",
        answer=list[ConnectionState],
        says="The connections, oldest first.",
        handle=connections,
    ),
    Endpoint(
        name="close_connections",
        method="POST",
        path="/connections/close",
        summary="Close one connection or all, with any code that may go over the wire.",
        details=(
            "What waits for a connection is sent first. For codes that may not, there is the fault `close`."
        ),
        request=CloseRequest,
        answer=ClosedConnections,
        says="So many connections end now.",
        errors={
            400: "The code may not go over the wire (RFC 6455, section 7.4).",
            404: "No connection has the `client_id`.",
        },
        handle=close,
        example=Example(body={"code": 1012, "reason": "the hub restarts"}),
    ),
    Endpoint(
        name="send_raw",
        method="POST",
        path="/connections/send",
        summary="Send one connection a message or bytes as they are, unchecked.",
        details=(
            "Exactly one of `text`, `binary` and `wire`; the latter two in base64. Nothing is put around "
            "`wire`: what is no frame breaks the WebSocket."
        ),
        request=SendRequest,
        answer=SentBytes,
        says="It is queued behind what waits already.",
        errors={
            400: "Not exactly one of `text`, `binary` and `wire`.",
            404: "No connection has the `client_id`.",
        },
        handle=send,
        example=Example(body={"client_id": "$CLIENT_ID", "text": "{not JSON"}),
    ),
)
