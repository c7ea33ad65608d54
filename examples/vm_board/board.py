"""A sample application: the state of every virtual machine, kept up to date from the Events Hub.

It connects again when the hub ends a connection, is busy or away, and gives up when its token is refused.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from eventshub import (
    AsyncEventsHub,
    Event,
    EventsHubError,
    InvalidEvent,
    MaintenanceScheduled,
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
    ignored: int = 0
    """Events that this version does not understand."""

    def apply(self, event: Event | InvalidEvent) -> None:
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
            case UnknownEvent() | InvalidEvent():
                self.ignored += 1
            case _:
                pass


async def follow(hub: AsyncEventsHub, board: Board, *, delay: float = 1.0) -> None:
    """Keep a board up to date until cancelled.

    Args:
        hub: where events come from.
        board: takes them in.
        delay: seconds to wait before the next attempt to connect.

    Raises:
        EventsHubError: trying again cannot help, for example because the credential is refused.
    """
    while True:
        try:
            async with hub.subscribe("pdfm", "health") as events:
                await events.ping()
                async for event in events:
                    board.apply(event)
        except EventsHubError as error:
            if not error.retryable:
                raise
        await asyncio.sleep(delay)
