"""The bulk of a stream, taken out before a WebSocket library has to look at it.

Nearly all that a hub sends is text messages in one frame each (RFC 6455, 5.2). To recognise one takes a look
at four bytes, which costs less than a library's object for it. Everything else is the library's: control
frames, messages in pieces, whatever is large, and all that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

_first_four_bytes = Struct(">I").unpack_from
# A text frame that is a message by itself, with no reserved bit set, has the first byte 0x81. The second is
# its size, or 126 when the size is in the two bytes that follow; it is not, where one would have been enough.
_SHORT = 0x8100_0000
_LONG = 0x817E_0000
_SHORTEST_OF_LONG = _LONG + 126
NOT_UTF8 = "a text message that is not UTF-8"


class WholeFrames:
    """Takes whole text messages out of what a connection brings, and hands the rest on, in order.

    Args:
        largest: In bytes; larger messages are handed on, for the library to complain of.
        deliver: Takes a message.
        hand_on: Takes other frames, as they came: one at a time, a large one in parts. It says whether the
            next frame may be a whole message: not within a message in pieces, and not after the end. While it
            says no, everything is handed on.
    """

    def __init__(
        self, largest: int, deliver: Callable[[bytes], object], hand_on: Callable[[bytes], bool]
    ) -> None:
        self._longest = _LONG + min(largest, 0xFFFF)
        self._deliver = deliver
        self._hand_on = hand_on
        self._begun = b""
        """The beginning of a frame, too little to know its length."""
        self._missing = 0
        """So much of a frame that was handed on has yet to come."""
        self._takes_whole = True

    def feed(self, data: bytes) -> None:
        """Take what the network has brought."""
        if self._missing:
            part, data = data[: self._missing], data[self._missing :]
            self._missing -= len(part)
            self._takes_whole = self._hand_on(part)
        elif self._begun:
            self._begun, data = b"", self._begun + data
        start, end = 0, len(data)
        while True:
            if self._takes_whole:
                start = self._deliver_from(data, start, end)
            if end - start < 2:
                break
            length = _length(data[start : start + 10])
            if length is None:
                break
            part = data[start : start + length]
            start += len(part)
            self._missing = length - len(part)
            self._takes_whole = self._hand_on(part)
        self._begun = data[start:]

    def _deliver_from(self, data: bytes, start: int, end: int) -> int:
        """Deliver whole messages as long as they come; where they end."""
        deliver, longest, last = self._deliver, self._longest, end - 4
        # What follows runs for each event.
        while start <= last:
            (head,) = _first_four_bytes(data, start)
            if _SHORTEST_OF_LONG <= head <= longest:
                first = start + 4
                behind = first + head - _LONG
            elif _SHORT <= head < _LONG:
                first = start + 2
                behind = first + (head >> 16 & 0x7F)
            else:
                break
            if behind > end:
                break
            message = data[first:behind]
            if not (message.isascii() or is_utf8(message)):
                break
            deliver(message)
            start = behind
        return start


def is_utf8(message: bytes) -> bool:
    """Whether it is what a text message has to be, or the connection fails (RFC 6455, 8.1)."""
    try:
        message.decode()
    except UnicodeDecodeError:
        return False
    return True


def _length(head: bytes) -> int | None:
    """Of a frame, its head included, be it masked as no hub's should be; None when more is needed to tell."""
    size, first = head[1] & 0x7F, 2
    if size >= 126:
        first = 4 if size == 126 else 10
        if len(head) < first:
            return None
        size = int.from_bytes(head[2:first], "big")
    return first + (4 if head[1] & 0x80 else 0) + size
