"""One message on its way to a connection, as faults change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ..core.connection import Connection, Ending
from ..core.frames import payload_of, text_frame
from ..core.interference import Step
from ..core.outbox import Frame
from .ledger import SetFault


class Parcel:
    """A message, and what is to become of it.

    Changes go from the content to the bytes, in whatever order they are asked for.
    """

    def __init__(self, connection: Connection, frame: Frame, step: Step) -> None:
        self.connection = connection
        """Who is to get it."""
        self.step = step
        self.copies = 1
        """How often it is sent; 0 for not at all."""
        self.delay: tuple[SetFault, float] | None = None
        """What puts it off and by how many seconds; what comes after it waits."""
        self.lateness: tuple[SetFault, float] | None = None
        """The same, but what comes after it does not wait."""
        self.overtaken_by: tuple[SetFault, int, float] | None = None
        """What lets others pass, how many, and for how many seconds at most."""
        self.is_evicted = False
        """Whether it is lost in the queue, with all that waits there."""
        self.ending: Ending | None = None
        """How the connection ends after it."""
        self.spoils: list[Callable[[bytes], bytes]] = []
        """What is done to the message's bytes."""
        self.reframings: list[Callable[[bytes], bytes]] = []
        """What is done to the frame's bytes."""
        self._original = frame
        self._content: dict[str, Any] | None = None

    @property
    def content(self) -> dict[str, Any]:
        """What the message says; may be changed."""
        if self._content is None:
            self._content = msgspec.json.decode(payload_of(self._original.wire), type=dict[str, Any])
        return self._content

    def frame(self) -> Frame:
        """The message with all changes."""
        original = self._original
        if self._content is None and not self.spoils and not self.reframings:
            return original
        payload = payload_of(original.wire) if self._content is None else msgspec.json.encode(self._content)
        for spoil in self.spoils:
            payload = spoil(payload)
        wire = text_frame(payload)
        for reframe in self.reframings:
            wire = reframe(wire)
        return Frame(original.channel, wire, original.is_targeted)
