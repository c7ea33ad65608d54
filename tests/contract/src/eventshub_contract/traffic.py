"""Counts what went over the wire in a run: by message, by direction, by status."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from .bundle import Bundle, Endpoint, Json


class Covered(NamedTuple):
    """How often an element of the documents was met."""

    name: str
    direction: str
    """``hub-to-client``, ``client-to-hub`` or ``response``."""
    met: int


class Traffic:
    """What was met so far. Safe to write to from several threads."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._lock = threading.Lock()
        self._messages: Counter[str] = Counter()
        self._responses: Counter[tuple[str, str]] = Counter()

    def welcome(self) -> None:
        """A first frame went to a client."""
        self._count(self._bundle.welcome.name)

    def frame(self, frame: Mapping[str, Json]) -> None:
        """A later frame went to a client."""
        message = self._bundle.message_of(frame)
        if message is not None:
            self._count(message.name)

    def command(self, frame: Mapping[str, Json]) -> None:
        """A frame went to the hub."""
        message = self._bundle.command_of(frame)
        if message is not None:
            self._count(message.name)

    def response(self, endpoint: Endpoint | None, status: int) -> None:
        """A request was answered."""
        if endpoint is not None:
            with self._lock:
                self._responses[endpoint.operation_id, str(status)] += 1

    def answered(self, method: str, path: str, status: int) -> None:
        """A request for a path was answered, whatever prefix it has."""
        found = (each for each in self._bundle.rest if path.endswith(each.path))
        self.response(next((each for each in found if each.method.upper() == method), None), status)

    def element(self, name: str) -> None:
        """A message was met in a document."""
        self._count(name)

    def messages(self) -> list[Covered]:
        """Every message of the documents, met or not."""
        return [
            Covered(message.name, message.direction, self._messages[message.name])
            for message in self._bundle.messages
        ]

    def responses(self) -> list[Covered]:
        """Every status of every endpoint of the documents, met or not."""
        return [
            Covered(
                f"{endpoint.method.upper()} {endpoint.path} {status}",
                "response",
                self._responses[endpoint.operation_id, status],
            )
            for endpoint in self._bundle.rest
            for status in endpoint.responses
        ]

    def _count(self, name: str) -> None:
        with self._lock:
            self._messages[name] += 1
