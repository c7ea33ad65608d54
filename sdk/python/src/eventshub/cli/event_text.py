"""Items of the stream as lines: for people, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, cast

import msgspec

from .. import ChannelsRefused, Connected, Disconnected, Dropped, InvalidEvent, Message, Notice, Reconnected
from .._core.notices import with_likely_name
from .._generated.protocol import PROTOCOL
from .plain_text import on_one_line, visible, visible_json

Piece: TypeAlias = tuple[str, str]
"""Text, and the style it has on a terminal; empty for none."""

_LONGEST_VALUE = 120


def item_lines(item: Message | InvalidEvent | Notice, *, whole: bool) -> Iterator[list[Piece]]:
    """An item for people.

    Args:
        item: The item.
        whole: Whether an event's whole body follows it, indented; else it is one line.
    """
    if not isinstance(item, Message | InvalidEvent):
        yield [(f"-- {visible(notice_text(item))}", "yellow")]
        return
    frame: object = item.payload
    if not isinstance(frame, dict):
        yield [*_fault(item), (visible(item.raw.decode(errors="replace")), "")]
        return
    fields = cast("dict[str, Any]", frame)
    head = [
        (f"{_word(fields.get('timestamp'))} ", "dim"),
        (f"{_word(fields.get('event_type'))} ", "cyan"),
        (f"{_word(fields.get('message'))} ", "bold"),
        *_fault(item),
    ]
    if whole:
        yield head
        yield from _indented(fields)
    else:
        yield [*head, *_body(fields.get("body"))]


def _body(body: object) -> list[Piece]:
    if isinstance(body, dict):
        return pairs(cast("dict[str, Any]", body))
    return [] if body is None else [(short(body), "")]


def pairs(fields: Mapping[str, Any]) -> list[Piece]:
    """Fields on one line, as ``key=value``."""
    pieces: list[Piece] = []
    for key, value in fields.items():
        pieces += [(f"{' ' if pieces else ''}{visible(key)}=", "dim"), (short(value), "")]
    return pieces


def short(value: object, longest: int | None = _LONGEST_VALUE) -> str:
    """A value as visible text: words as they are, everything else as JSON."""
    is_word = isinstance(value, str) and value and (longest is None or not {" ", '"'} & {*value})
    text = str(value) if is_word else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return visible(text if longest is None or len(text) <= longest else f"{text[: longest - 1]}…")


def _indented(fields: dict[str, Any]) -> Iterator[list[Piece]]:
    shown = {key: value for key, value in fields.items() if key not in {"timestamp", "event_type", "message"}}
    for line in json.dumps(shown, indent=2, ensure_ascii=False).splitlines()[1:-1]:
        yield [(visible(line), "")]


def notice_text(notice: Notice) -> str:
    """A notice as a sentence."""
    match notice:
        case Connected():
            return f"connected as {notice.client_id}; channels: {', '.join(notice.channels)}"
        case Disconnected():
            return f"disconnected: {notice.error}"
        case Reconnected():
            return (
                f"connected again as {notice.client_id}; nothing was received"
                f" for {notice.gap.total_seconds():.1f} s: events may be missing"
            )
        case Dropped():
            return f"{notice.count} events were dropped here"
        case ChannelsRefused():
            others = {*PROTOCOL.channels} - {*notice.channels, *notice.granted}
            return f"not granted: {', '.join(with_likely_name(name, others) for name in notice.channels)}"


def notice_fields(notice: Notice) -> dict[str, object]:
    """A notice as the members of a JSON object."""
    match notice:
        case Connected():
            return {"notice": "connected", "client_id": notice.client_id, "channels": notice.channels}
        case Disconnected():
            return {"notice": "disconnected", "error": str(notice.error)}
        case Reconnected():
            return {
                "notice": "reconnected",
                "gap": notice.gap.total_seconds(),
                "attempts": notice.attempts,
                "client_id": notice.client_id,
                "channels": notice.channels,
            }
        case Dropped():
            return {"notice": "dropped", "count": notice.count, "reconnects": notice.reconnects}
        case ChannelsRefused():
            return {"notice": "channels_refused", "channels": notice.channels, "granted": notice.granted}


def item_json(item: Message | InvalidEvent | Notice) -> str:
    """An item as one line of JSON: the frame itself, or an object with the key ``notice``."""
    match item:
        case Message():
            return visible_json(item.raw.decode(errors="replace"))
        case InvalidEvent():
            told = {"notice": "invalid", "reason": item.reason, "path": item.path}
            return f"{json.dumps(told)[:-1]}, {visible_json(frame_member(item.raw))}}}"
        case _:
            return json.dumps(notice_fields(item))


def frame_member(raw: bytes) -> str:
    """A frame as a member of a JSON object: ``frame``, as it is, or ``text`` when it is no JSON object."""
    try:
        text = raw.decode()
        is_object = isinstance(msgspec.json.decode(raw), dict)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        is_object, text = False, raw.decode(errors="replace")
    return f'"frame": {on_one_line(text)}' if is_object else f'"text": {json.dumps(text)}'


def _fault(event: Message | InvalidEvent) -> list[Piece]:
    if not isinstance(event, InvalidEvent):
        return []
    return [(f"[invalid: {visible(event.reason)} at {visible(event.path)}] ", "red")]


def _word(value: object) -> str:
    return visible(value) if isinstance(value, str) and value else "-"
