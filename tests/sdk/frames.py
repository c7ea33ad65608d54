"""Frames as a hub sends them."""

from __future__ import annotations

import json
from typing import Any

CLIENT_ID = "b6928d12-c836-4efc-98f1-3220db691900"
TIMESTAMP = "2025-12-05T10:15:30Z"


def welcome(*subscriptions: str, **changes: Any) -> bytes:
    return _frame(
        {
            "id": "evt-welcome",
            "event_type": "global",
            "timestamp": TIMESTAMP,
            "message": "any text at all",
            "body": {"client_id": CLIENT_ID, "subscriptions": list(subscriptions)},
            **changes,
        }
    )


def event(channel: str, message: str, body: Any = None, **changes: Any) -> bytes:
    frame: dict[str, Any] = {
        "id": "evt-1",
        "event_type": channel,
        "timestamp": TIMESTAMP,
        "message": message,
    }
    return _frame({**frame, **({} if body is None else {"body": body}), **changes})


def vm_state(vm_id: str = "vm-1", current: str = "running") -> bytes:
    body = {"vm_id": vm_id, "previous_state": "stopped", "current_state": current}
    return event("pdfm", "VM_STATE_CHANGED", body)


def reply(channel: str, message: str, ref_id: str, body: Any = None) -> bytes:
    frame: dict[str, Any] = {
        "event_type": channel,
        "message": message,
        "ref_id": ref_id,
        "client_id": CLIENT_ID,
    }
    return _frame({**frame, **({} if body is None else {"body": body})})


def pong(ref_id: str) -> bytes:
    return reply("health", "pong", ref_id)


def error(ref_id: str, text: str) -> bytes:
    return reply("global", "error", ref_id, {"error": text})


def _frame(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload).encode()
