"""What kind of frame bytes go out as."""

from __future__ import annotations


class BinaryFrame(bytes):
    """Bytes that a transport sends as a binary frame; any other bytes are a text frame."""

    __slots__ = ()
