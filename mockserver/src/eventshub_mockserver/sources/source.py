"""What an origin of events looks like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ..core.clock import Clock
from ..core.hub import Published
from ..core.message import Message


class Publish(Protocol):
    """How a source publishes."""

    def __call__(self, message: Message, *, client_id: str | None = None) -> Published:
        """Publish one event; raises ``InvalidEventError`` when the spec does not allow it."""
        ...


class Source(Protocol):
    """An origin of events. It knows nothing of connections, sockets or waiting."""

    def run(self, publish: Publish, clock: Clock) -> Iterator[float]:
        """Publish what is due, then yield the seconds until there is more; its end ends the source.

        Time passes only between two steps. So one that draws its chances from
        a seed gives the same stream each time, and a test can run days of it
        in a moment.
        """
        ...
