"""What each fault of messages does to one message."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Final

import msgspec

from ..core.clock import rfc3339
from ..core.frames import fragments
from ..core.hub import Hub
from .connections import ending_of
from .ledger import SetFault
from .parcel import Parcel

Tamper = Callable[[Parcel, SetFault, Hub], None]
_NO_UTF8: Final = b"\xff"


def _delay(parcel: Parcel, fault: SetFault, _hub: Hub) -> None:
    parcel.delay = (fault, fault.rule.number("seconds"))


def _late_reply(parcel: Parcel, fault: SetFault, _hub: Hub) -> None:
    parcel.lateness = (fault, fault.rule.number("seconds"))


def _reorder(parcel: Parcel, fault: SetFault, _hub: Hub) -> None:
    parcel.overtaken_by = (fault, int(fault.rule.number("distance")), fault.rule.number("seconds"))


def _omit(parcel: Parcel, _fault: SetFault, _hub: Hub) -> None:
    parcel.copies = 0


def _duplicate(parcel: Parcel, fault: SetFault, _hub: Hub) -> None:
    if parcel.copies:
        parcel.copies += int(fault.rule.number("copies"))


def _evict(parcel: Parcel, _fault: SetFault, _hub: Hub) -> None:
    parcel.is_evicted = True


def _end(parcel: Parcel, fault: SetFault, _hub: Hub) -> None:
    parcel.copies = 0
    parcel.ending = ending_of(fault.rule)


def _truncate(parcel: Parcel, fault: SetFault, _hub: Hub) -> None:
    size = fault.rule.parameters["bytes"]

    def cut(wire: bytes) -> bytes:
        wanted = len(wire) // 2 if size is None else int(fault.rule.number("bytes"))
        return wire[: min(wanted, len(wire) - 1)]

    parcel.reframings.append(cut)
    parcel.ending = ending_of(fault.rule)


def _fragment(parcel: Parcel, fault: SetFault, _hub: Hub) -> None:
    # What is cut off has to be cut last.
    parcel.reframings.insert(0, partial(fragments, pieces=int(fault.rule.number("pieces"))))


def _oversize(parcel: Parcel, fault: SetFault, _hub: Hub) -> None:
    content = parcel.content
    content["padding"] = ""
    missing = int(fault.rule.number("bytes")) - len(msgspec.json.encode(content))
    content["padding"] = "x" * max(0, missing)


def _invalid_utf8(parcel: Parcel, _fault: SetFault, _hub: Hub) -> None:
    parcel.spoils.append(lambda payload: payload[:-2] + _NO_UTF8 + payload[-2:])


def _invalid_json(parcel: Parcel, _fault: SetFault, _hub: Hub) -> None:
    parcel.spoils.append(lambda payload: payload[: len(payload) // 2])


def _wrong_schema(parcel: Parcel, fault: SetFault, _hub: Hub) -> None:
    if fault.rule.text("part") == "body" and "body" in parcel.content:
        parcel.content["body"] = "this should be an object"
    else:
        parcel.content["timestamp"] = 0


def _unknown_message(parcel: Parcel, fault: SetFault, hub: Hub) -> None:
    channel, name = (keys[0] for keys in hub.protocol.discriminators)
    parcel.content[name] = fault.rule.text("name")
    parcel.content[channel] = fault.rule.text("name-channel") or parcel.content[channel]


def _clock_skew(parcel: Parcel, fault: SetFault, _hub: Hub) -> None:
    stamp = parcel.content.get("timestamp")
    if isinstance(stamp, str):
        moved = datetime.fromisoformat(stamp).timestamp() + fault.rule.number("seconds")
        parcel.content["timestamp"] = rfc3339(max(0.0, moved))


def _wrong_ref_id(parcel: Parcel, fault: SetFault, _hub: Hub) -> None:
    parcel.content["ref_id"] = fault.rule.text("ref-id")


def _foreign_reply(parcel: Parcel, fault: SetFault, hub: Hub) -> None:
    others = [other for other in hub.roster.by_id.values() if other is not parcel.connection]
    if fault.rule.text("route") == "asker":
        parcel.content["client_id"] = others[0].id if others else str(uuid.UUID(int=fault.number, version=4))
    elif others:
        parcel.connection = others[0]
    else:
        parcel.copies = 0


TAMPERING: Final[Mapping[str, Tamper]] = {
    "delay": _delay,
    "late-reply": _late_reply,
    "reorder": _reorder,
    "skip": _omit,
    "stop-channel": _omit,
    "missing-reply": _omit,
    "duplicate": _duplicate,
    "evict-queue": _evict,
    "close": _end,
    "reset": _end,
    "truncate": _truncate,
    "fragment": _fragment,
    "oversize": _oversize,
    "invalid-utf8": _invalid_utf8,
    "invalid-json": _invalid_json,
    "wrong-schema": _wrong_schema,
    "unknown-message": _unknown_message,
    "clock-skew": _clock_skew,
    "wrong-ref-id": _wrong_ref_id,
    "foreign-reply": _foreign_reply,
}
"""By the fault's ID. A test sees to it that no fault of messages is forgotten."""
