"""What waits to be written to one connection."""

from __future__ import annotations

from collections import deque
from collections.abc import Container
from typing import Final, NamedTuple


class Frame(NamedTuple):
    """One WebSocket frame, ready for the wire; a broadcast's is shared by all its recipients."""

    channel: str
    wire: bytes
    is_targeted: bool


_NONE: Final[deque[Frame]] = deque()
"""In place of a queue that is empty: most are, all the time, and a deque takes 600 bytes."""


class Outbox:
    """A bounded queue of frames: when it is full the oldest goes, and is counted (protocol EVT-7)."""

    __slots__ = ("_control", "_frames", "_limit", "dropped", "evicted", "sent")

    def __init__(self, limit: int) -> None:
        self._frames: deque[Frame] = _NONE
        self._limit = limit
        self._control = b""
        self.evicted = 0
        """Frames lost because the queue was full."""
        self.dropped = 0
        """Frames given up with the connection."""
        self.sent = 0
        """Frames taken for writing."""

    def put(self, frame: Frame) -> None:
        """Queue a frame behind all others."""
        if self._frames is _NONE:
            self._frames = deque[Frame]()
        elif len(self._frames) >= self._limit:
            self._frames.popleft()
            self.evicted += 1
        self._frames.append(frame)

    def put_control(self, wire: bytes) -> None:
        """Let a control frame go ahead of the queue, in place of one that still waits."""
        self._control = wire

    def take(self, size: int) -> bytes:
        """Remove whole frames of about ``size`` bytes, at least one if any, as one piece to write."""
        frames = self._frames
        if len(frames) == 1 and not self._control:
            self.sent += 1
            self._frames = _NONE
            return frames[0].wire
        taken = [self._control]
        left = size - len(self._control)
        self._control = b""
        while frames and (left > 0 or len(taken) == 1):
            wire = frames.popleft().wire
            taken.append(wire)
            left -= len(wire)
        self.sent += len(taken) - 1
        if not frames:
            self._frames = _NONE
        return b"".join(taken)

    def drop_broadcasts(self, channels: Container[str]) -> None:
        """Remove what waits of these channels, except messages for this client alone (UNSUB-6)."""
        kept = [f for f in self._frames if f.is_targeted or f.channel not in channels]
        self._frames = deque(kept) if kept else _NONE

    def evict_all(self) -> None:
        """Lose everything that waits, as if the queue were too short for it."""
        self.evicted += len(self._frames)
        self._frames = _NONE

    def clear(self) -> None:
        """Give everything up with the connection."""
        self.dropped += len(self._frames)
        self._frames = _NONE
        self._control = b""

    @property
    def depth(self) -> int:
        """Frames that wait."""
        return len(self._frames)

    def __bool__(self) -> bool:
        return bool(self._frames or self._control)
