"""What is broadcast in one turn of the event loop, kept once for all who get it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from .connection import Connection
from .outbox import Frame

Alike = Mapping[frozenset[str], Collection[Connection]]
"""Connections by the channels that they have: those with the same ones get the same bytes."""


class Burst:
    """Frames that are in no queue yet.

    Queueing an event for each subscriber, only to take it out again in the
    same moment, costs as much as sending it. So those who keep up are to get
    it from here, and only the others get it into their queues.
    """

    __slots__ = ("_alike", "_frames", "_limit")

    def __init__(self, limit: int, alike: Alike) -> None:
        self._frames: list[Frame] = []
        self._limit = limit
        self._alike = alike

    def add(self, frame: Frame) -> None:
        """Keep a broadcast behind the others."""
        self._frames.append(frame)

    @property
    def is_full(self) -> bool:
        """Whether a queue could hold no more of them."""
        return len(self._frames) >= self._limit

    def take(self) -> Iterator[tuple[Collection[Connection], list[Frame]]]:
        """Empty it: connections, and what of it all of them get."""
        frames, self._frames = self._frames, []
        for subscriptions, connections in self._alike.items():
            if due := [frame for frame in frames if frame.channel in subscriptions]:
                yield connections, due

    def spread(self, enqueue: Callable[[Connection, Frame], object], most: int) -> None:
        """Empty it: the bytes, no more than ``most``, at once to those who keep up, the others queue."""
        for connections, frames in self.take():
            wire, count = b"".join([frame.wire for frame in frames]), len(frames)
            is_small = len(wire) <= most
            for connection in connections:
                writer = connection.writer
                if writer is not None and is_small and not writer.is_closing():
                    writer.write(wire)
                    connection.outbox.sent += count
                else:
                    for frame in frames:
                        enqueue(connection, frame)

    def __bool__(self) -> bool:
        return bool(self._frames)
