"""What a hub counts from its start on, for whoever watches it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import Final

BUCKETS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
"""Upper ends, in seconds, of the classes of times; one more class is for all beyond."""


class Durations:
    """How long something took, in classes."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.total = 0.0
        """The sum of all, in seconds."""

    def add(self, seconds: float) -> None:
        """Count one more."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds


class Tally:
    """Counters, none of which ever goes back."""

    def __init__(self) -> None:
        self.handshakes = Counter[str]()
        """By how they ended."""
        self.published = Counter[str]()
        """Events by channel; those on channels that the spec does not have together, as ``other``."""
        self.received = 0
        """Messages from clients."""
        self.lost = 0
        """Messages that waited for a connection when it ended."""
        self.heartbeat_timeouts = 0
        self.fan_out = Durations()
        """From an event's being queued to its being written for all who read."""
