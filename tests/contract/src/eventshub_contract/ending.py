"""The end of the hub, watched once for all cases that judge it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .addresses import Address
from .connection import Connection
from .errors import HubMisbehaved
from .hub import Hub
from .recorder import Answer
from .verdicts import unsupported

PATIENCE: Final = 30.0
"""Seconds that a hub may take to end."""

_NULL: Final = subprocess.DEVNULL
_KNOCKS: Final = 5


@dataclass(frozen=True, slots=True)
class Farewell:
    """How the hub left one client."""

    is_announced: bool
    """Whether the shutdown was announced to it."""
    is_closed: bool
    close_code: int | None


@dataclass(frozen=True, slots=True)
class Shutdown:
    """How the hub ended."""

    farewells: tuple[Farewell, ...]
    answers: tuple[Answer, ...]
    """To handshakes that were tried after the announcement, or after its absence was noticed."""

    @property
    def drains(self) -> bool:
        """Whether there was a time in which the hub took leave of those that were connected."""
        return any(farewell.is_announced or farewell.close_code is not None for farewell in self.farewells)


def watch_shutdown(hub: Hub) -> Shutdown:
    """Have the hub ended, with clients on it, and try to connect while it ends.

    Raises:
        Unsupported: Nobody said how, or it failed.
    """
    command = hub.target.stop_command
    if command is None:
        unsupported("needs to end the hub: say how with --stop-command")
    message = next(message for message in hub.bundle.messages if message.role == "shutdown")
    connections = [hub.connect("pdfm"), hub.connect()]
    for connection in connections:
        connection.receive_welcome()
    # A client that reads no more keeps the hub busy while that waits for the answer to its close frame.
    hub.connect(keep_reading=False)
    address = hub.lend_address()
    hub.log.note("judge", "runs the stop command")
    try:
        with subprocess.Popen(command, stdin=_NULL, stdout=_NULL, stderr=_NULL) as process:
            announced = [_is_announced(connection, message.values) for connection in connections]
            answers = _knock(hub, address)
            status = process.wait(PATIENCE)
    except (OSError, subprocess.SubprocessError) as error:
        unsupported(f"the stop command failed: {error}")
    if status != 0:
        unsupported(f"the stop command ended with status {status}")
    gone = [connection.wait_gone(PATIENCE) is not None for connection in connections]
    farewells = [
        Farewell(is_announced, is_gone, connection.close_code)
        for connection, is_announced, is_gone in zip(connections, announced, gone, strict=True)
    ]
    return Shutdown(tuple(farewells), answers)


def _is_announced(connection: Connection, values: Mapping[str, str]) -> bool:
    try:
        connection.expect("announcement of the shutdown", **values)
    except HubMisbehaved:
        return False
    return True


def _knock(hub: Hub, address: Address) -> tuple[Answer, ...]:
    answers: list[Answer] = []
    while len(answers) < _KNOCKS:
        try:
            answer, connection = hub.subscribe(source=address)
            if not answers and not hub.target.prefix:
                hub.request("GET", "/readyz")  # held against the documents, as every answer is
        except HubMisbehaved:
            break
        if connection is not None:
            connection.close()
        answers.append(answer)
        time.sleep(0.02)
    return tuple(answers)
