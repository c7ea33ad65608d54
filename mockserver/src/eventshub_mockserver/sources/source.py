"""What an origin of events looks like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias, runtime_checkable

from ..core.clock import Clock
from ..core.hub import Published
from ..core.message import Message

if TYPE_CHECKING:
    from .stage import Stage


class Publish(Protocol):
    """How a source publishes."""

    def __call__(self, message: Message, *, client_id: str | None = None) -> Published:
        """Publish one event; raises ``InvalidEventError`` when the spec does not allow it."""
        ...


@runtime_checkable
class Source(Protocol):
    """An origin of events. It knows nothing of connections, sockets or waiting."""

    def run(self, publish: Publish, clock: Clock) -> Iterator[float]:
        """Publish what is due, then yield the seconds until there is more; its end ends the source.

        Time passes only between two steps. So one that draws its chances from
        a seed gives the same stream each time, and a test can run days of it
        in a moment.
        """
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """A wait until something happens between the hub and its clients."""

    within: float | None = None
    """The seconds after which the wait is over anyway; ``None`` for no limit."""


Cue: TypeAlias = float | Change
"""When to go on: after so many seconds, or at a change."""


@runtime_checkable
class StageSource(Protocol):
    """An origin of events that works the hub as an operator could, and may wait for what clients do."""

    needs_journal: ClassVar[bool]
    """Whether it looks at what was said; a hub that runs it keeps a journal then, asked for or not."""

    def perform(self, stage: Stage) -> Iterator[Cue]:
        """Do what is due, then yield when to go on; its end ends the source.

        After a ``Change`` it goes on when the journal has grown, which may be
        for another reason than it waits for.
        """
        ...
