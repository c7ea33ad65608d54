"""A sample application: the state of every virtual machine, kept up to date from the Events Hub.

The client connects again when the hub ends a connection or is away; the board remembers that it may have
missed something. It gives up when its token is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from eventshub import (
    AsyncEventsHub,
    Dropped,
    Event,
    Gap,
    InvalidEvent,
    MaintenanceScheduled,
    Reconnected,
    UnknownEvent,
    VmAdded,
    VmRemoved,
    VmStateChanged,
)


@dataclass
class Board:
    """What is known of the fleet."""

    states: dict[str, str] = field(default_factory=dict[str, str])
    """State by VM."""
    notices: list[str] = field(default_factory=list[str])
    """What operators have planned."""
    gaps: int = 0
    """How often events may have been missed."""
    ignored: int = 0
    """Events that this version does not understand."""

    def apply(self, event: Event | InvalidEvent | Gap) -> None:
        """Take an event in."""
        match event:
            case VmStateChanged(body=body):
                self.states[body.vm_id] = str(body.current_state)
            case VmAdded(body=body):
                self.states.setdefault(body.vm_id, "unknown")
            case VmRemoved(body=body):
                self.states.pop(body.vm_id, None)
            case MaintenanceScheduled(body=body):
                self.notices.append(body.text)
            case Reconnected() | Dropped():
                self.gaps += 1
            case UnknownEvent() | InvalidEvent():
                self.ignored += 1
            case _:
                pass


async def follow(hub: AsyncEventsHub, board: Board) -> None:
    """Keep a board up to date until cancelled; the client connects again by itself.

    Raises:
        EventsHubError: trying again cannot help, for example because the credential is refused.
    """
    async with hub.subscribe("pdfm", "health") as events:
        async for event in events:
            board.apply(event)
