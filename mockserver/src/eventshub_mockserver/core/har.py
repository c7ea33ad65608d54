"""A journal as an HTTP Archive (HAR 1.2), with WebSocket messages as Chrome's developer tools write them."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from .clock import rfc3339
from .entry import Entry, HttpRequest, Kind

_MESSAGES: Final = {Kind.SENT: "receive", Kind.RECEIVED: "send"}
"""A HAR is written from the client's side."""
_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}


def as_har(entries: Sequence[Entry], dropped: int = 0) -> dict[str, Any]:
    """The HTTP exchanges; a WebSocket's messages are in ``_webSocketMessages`` of its handshake.

    Args:
        entries: of a journal.
        dropped: how many the journal has given up. Messages whose handshake is
            among them are left out; ``comment`` says how many of both.
    """
    conversations: dict[str | None, list[Entry]] = {}
    for entry in entries:
        conversations.setdefault(entry.connection, []).append(entry)
    opened = {entry.connection for entry in entries if entry.kind is Kind.HANDSHAKE}
    lost = sum(entry.kind in _MESSAGES and entry.connection not in opened for entry in entries)
    log: dict[str, Any] = {
        "version": "1.2",
        "creator": {"name": "eventshub-mockserver", "version": version("eventshub-mockserver")},
        "entries": [
            _exchange(entry, entry.request, conversations[entry.connection])
            for entry in entries
            if entry.request is not None
        ],
    }
    if dropped or lost:
        log["comment"] = f"{dropped} earlier entries and {lost} messages without handshake are missing"
    return {"log": log}


def har_text(entries: Sequence[Entry], dropped: int = 0) -> str:
    """``as_har`` as JSON, indented."""
    return msgspec.json.format(msgspec.json.encode(as_har(entries, dropped)), indent=1).decode() + "\n"


def _exchange(entry: Entry, request: HttpRequest, conversation: Sequence[Entry]) -> dict[str, Any]:
    is_socket = entry.kind is Kind.HANDSHAKE and entry.status == HTTPStatus.SWITCHING_PROTOCOLS
    duration = (conversation[-1].elapsed - entry.elapsed) * 1000 if is_socket else 0.0
    exchange: dict[str, Any] = {
        "startedDateTime": rfc3339(entry.time),
        "time": duration,
        "request": _request(request, "ws" if entry.kind is Kind.HANDSHAKE else "http"),
        "response": _response(entry.status or 0),
        "cache": {},
        "timings": {"send": 0, "wait": duration, "receive": 0},
    }
    if entry.kind is Kind.HANDSHAKE:
        exchange["_resourceType"] = "websocket"
    if is_socket:
        exchange["connection"] = entry.connection
        exchange["_webSocketMessages"] = [_message(e) for e in conversation if e.kind in _MESSAGES]
    return exchange


def _message(entry: Entry) -> dict[str, Any]:
    opcode = 2 if entry.text is None else 1
    return {"type": _MESSAGES[entry.kind], "time": entry.time, "opcode": opcode, "data": entry.text or ""}


def _request(request: HttpRequest, scheme: str) -> dict[str, Any]:
    host = next((value for name, value in request.headers if name.lower() == "host"), "localhost")
    query = f"?{urlencode(request.query)}" if request.query else ""
    return {
        "method": request.method,
        "url": f"{scheme}://{host}{request.path}{query}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(request.headers),
        "queryString": _pairs(request.query),
        "headersSize": -1,
        "bodySize": -1,
    }


def _response(status: int) -> dict[str, Any]:
    return {
        "status": status,
        "statusText": _PHRASES.get(status, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": ""},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }


def _pairs(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
