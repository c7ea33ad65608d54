"""The frames that are measured with: examples of the spec, as a hub writes them."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "spec" / "examples" / "valid"
BUNDLE = ROOT / "tests" / "contract" / "src" / "eventshub_contract" / "_generated" / "bundle.json"
REPLIES = {"ClientIdReply", "GlobalError", "Pong", "SystemError"}


def example(message: str) -> bytes:
    """A typical message."""
    return json.dumps(
        json.loads((EXAMPLES / message / "typical.json").read_bytes()), separators=(",", ":")
    ).encode()


USUAL = example("VmStateChanged")
"""What a hub sends most: a VM changes its state."""
UNKNOWN = USUAL.replace(b"VM_STATE_CHANGED", b"VM_STATE_IMAGINED")


def one_of_each() -> list[bytes]:
    """A typical one of each event, rare and large ones with open objects among them."""
    messages = [
        message["name"]
        for message in json.loads(BUNDLE.read_bytes())["messages"]
        if message["direction"] == "hub-to-client" and message["role"] != "welcome"
    ]
    return [
        example(name)
        for name in messages
        if name not in REPLIES and (EXAMPLES / name / "typical.json").exists()
    ]
