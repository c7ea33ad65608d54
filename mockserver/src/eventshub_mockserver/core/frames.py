"""WebSocket frames from the hub: unmasked and whole (RFC 6455, section 5.2).

A frame to a client carries nothing of that client, so one frame serves
every recipient of a broadcast.
"""

from __future__ import annotations

import struct
from typing import Final

_FIN: Final = 0x80
_TEXT: Final = 0x1
_BINARY: Final = 0x2
_CLOSE: Final = 0x8
_PING: Final = 0x9
_PONG: Final = 0xA
_CONTROL_PAYLOAD: Final = 125
_MEDIUM: Final = struct.Struct("!BBH")
_NO_CODE: Final = 1005
_NEVER_SENT: Final = frozenset((1004, 1005, 1006))


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size <= _CONTROL_PAYLOAD:
        return bytes((_FIN | opcode, size)) + payload
    if size < 1 << 16:
        return _MEDIUM.pack(_FIN | opcode, 126, size) + payload
    return bytes((_FIN | opcode, 127)) + size.to_bytes(8, "big") + payload


def text_frame(payload: bytes) -> bytes:
    """A text message of UTF-8 bytes in one frame."""
    return _frame(_TEXT, payload)


def binary_frame(payload: bytes) -> bytes:
    """A binary message in one frame: the spec has none, so only a hub that misbehaves sends one."""
    return _frame(_BINARY, payload)


def text_of(wire: bytes) -> str:
    """The text of a message that ``text_frame`` made, or of what a fault has made of one."""
    text = b""
    while len(wire) > 1:
        width = {126: 2, 127: 8}.get(wire[1], 0)
        start = 2 + width
        size = int.from_bytes(wire[2:start], "big") if width else wire[1]
        text += wire[start : start + size]
        wire = wire[start + size :]
    return text.decode(errors="backslashreplace")


def fragments(wire: bytes, pieces: int) -> bytes:
    """The message of one text frame in up to that many frames (RFC 6455, section 5.4)."""
    payload = payload_of(wire)
    size = -(-len(payload) // pieces) or 1
    parts = [payload[start : start + size] for start in range(0, len(payload), size)] or [b""]
    frames = [_frame(_TEXT if index == 0 else 0, part) for index, part in enumerate(parts)]
    # All but the last lack the bit that says so.
    return b"".join(bytes((frame[0] & ~_FIN,)) + frame[1:] for frame in frames[:-1]) + frames[-1]


def payload_of(wire: bytes) -> bytes:
    """The bytes of the message of one text frame."""
    return wire[{126: 4, 127: 10}.get(wire[1], 2) :]


PING_FRAME: Final = _frame(_PING, b"")


def pong_frame(payload: bytes) -> bytes:
    """The answer to a ping with that payload."""
    return _frame(_PONG, payload[:_CONTROL_PAYLOAD])


def is_sendable(close_code: int) -> bool:
    """Whether a close frame may carry the code (RFC 6455, section 7.4)."""
    return (1000 <= close_code <= 1014 and close_code not in _NEVER_SENT) or 3000 <= close_code <= 4999


def close_frame(code: int, reason: str = "") -> bytes:
    """A close frame, without a code for 1005; a reason too long for one is cut at a character's end."""
    if code == _NO_CODE:
        return _frame(_CLOSE, b"")
    text = reason.encode()[: _CONTROL_PAYLOAD - 2].decode(errors="ignore").encode()
    return _frame(_CLOSE, code.to_bytes(2, "big") + text)
