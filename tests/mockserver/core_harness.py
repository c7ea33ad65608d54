"""A hub's core with a clock in hand, and peers that see what would go over the wire."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tests.mockserver.spec_oracle import checked_frame

from eventshub_mockserver import ManualClock
from eventshub_mockserver.core.connection import Connection, Ending
from eventshub_mockserver.core.credentials import READ_ONLY, Principal
from eventshub_mockserver.core.dialect import GUIDE
from eventshub_mockserver.core.hub import Hub
from eventshub_mockserver.core.limits import Limits
from eventshub_mockserver.core.refusal import Refusal

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
VM = {"vm_id": "vm-1", "previous_state": "stopped", "current_state": "starting"}
HOST = {"host_id": "h-1", "state": "healthy"}


def split_frames(data: bytes) -> list[tuple[int, bytes]]:
    """Opcodes and payloads of unmasked, unfragmented frames."""
    frames: list[tuple[int, bytes]] = []
    while data:
        opcode, size, start = data[0] & 0xF, data[1], 2
        assert data[0] & 0xF0 == 0x80, "every frame is final and uses no extension"
        assert size < 128, "a hub does not mask"
        if size >= 126:
            width = 2 if size == 126 else 8
            size, start = int.from_bytes(data[2 : 2 + width], "big"), 2 + width
        frames.append((opcode, data[start : start + size]))
        data = data[start + size :]
    return frames


class Peer:
    """One connection, seen from outside."""

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self.hub = hub
        self.connection = connection
        self.welcome = self._read(is_welcome=True)[0]

    @property
    def id(self) -> str:
        return self.connection.id

    def ending(self) -> Ending | None:
        """How the hub has decided to end the connection, if it has."""
        return self.connection.ending

    def says(self, command: object) -> dict[str, Any]:
        """Send a command, text or to be made JSON, and give the one answer to it."""
        self.hub.receive(self.connection, command if isinstance(command, str) else json.dumps(command))
        (answer,) = self.reads()
        return answer

    def reads(self) -> list[dict[str, Any]]:
        """All events that wait."""
        return self._read()

    def _read(self, *, is_welcome: bool = False) -> list[dict[str, Any]]:
        wire = self.connection.outbox.take(1 << 30)
        return [checked_frame(p, is_welcome=is_welcome) for code, p in split_frames(wire) if code == TEXT]

    def opcodes(self) -> list[int]:
        """The kinds of all frames that wait."""
        return [opcode for opcode, _ in split_frames(self.connection.outbox.take(1 << 30))]


class CoreHub:
    """A hub, its clock, and a way to connect peers from addresses of their own."""

    def __init__(
        self,
        limits: Limits | None = None,
        clock: ManualClock | None = None,
        dialect: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.clock = clock or ManualClock()
        self.wakes = 0
        spoken = replace(GUIDE, **(dialect or {}))
        self.hub = Hub(limits, clock=self.clock, wake=self._wake, dialect=spoken, **options)
        self._connected = 0

    def _wake(self) -> None:
        self.wakes += 1

    def try_connect(
        self,
        event_types: str | None = None,
        *,
        name: str = "alice",
        claims: frozenset[str] = frozenset({READ_ONLY}),
        address: str | None = None,
        expires_at: float | None = None,
    ) -> Connection | Refusal:
        self._connected += 1
        principal = Principal(name, claims, expires_at)
        return self.hub.connect(principal, address or f"10.0.0.{self._connected}", event_types)

    def connect(self, event_types: str | None = None, **options: Any) -> Peer:
        connection = self.try_connect(event_types, **options)
        assert isinstance(connection, Connection)
        return Peer(self.hub, connection)

    def refuses(self, **options: Any) -> Refusal:
        refusal = self.try_connect(**options)
        assert isinstance(refusal, Refusal)
        return refusal

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.hub.tick()
