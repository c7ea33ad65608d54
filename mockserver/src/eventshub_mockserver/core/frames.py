"""WebSocket frames from the hub: unmasked and whole (RFC 6455, section 5.2).

A frame to a client carries nothing of that client, so one frame serves
every recipient of a broadcast.
"""

from __future__ import annotations

from typing import Final

_FIN: Final = 0x80
_TEXT: Final = 0x1
_CLOSE: Final = 0x8
_PING: Final = 0x9
_PONG: Final = 0xA
_CONTROL_PAYLOAD: Final = 125


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size <= _CONTROL_PAYLOAD:
        return bytes((_FIN | opcode, size)) + payload
    if size < 1 << 16:
        return bytes((_FIN | opcode, 126)) + size.to_bytes(2, "big") + payload
    return bytes((_FIN | opcode, 127)) + size.to_bytes(8, "big") + payload


def text_frame(payload: bytes) -> bytes:
    """A text message of UTF-8 bytes in one frame."""
    return _frame(_TEXT, payload)


def text_of(wire: bytes) -> str:
    """The text of a frame that ``text_frame`` made."""
    start = {126: 4, 127: 10}.get(wire[1], 2)
    return wire[start:].decode()


PING_FRAME: Final = _frame(_PING, b"")


def pong_frame(payload: bytes) -> bytes:
    """The answer to a ping with that payload."""
    return _frame(_PONG, payload[:_CONTROL_PAYLOAD])


def close_frame(code: int, reason: str = "") -> bytes:
    """A close frame; a reason too long for one is cut at a character's end."""
    text = reason.encode()[: _CONTROL_PAYLOAD - 2].decode(errors="ignore").encode()
    return _frame(_CLOSE, code.to_bytes(2, "big") + text)
