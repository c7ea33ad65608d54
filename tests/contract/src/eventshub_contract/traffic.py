"""Which elements of the documents a run met, and in which cases."""

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
    """``hub-to-client``, ``client-to-hub``, ``response`` or ``operation``."""
    met: int
    cases: tuple[str, ...]
    """In which cases, or documents."""


class Traffic:
    """What was met so far. Safe to write to from several threads."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._lock = threading.Lock()
        self._met: dict[str, Counter[str]] = {}

    def of(self, case: str) -> CaseTraffic:
        """What one case, or one document, meets."""
        return CaseTraffic(self, case)

    def count(self, element: str, case: str) -> None:
        """An element was met."""
        with self._lock:
            self._met.setdefault(element, Counter())[case] += 1

    def messages(self) -> list[Covered]:
        """Every message of the documents, met or not."""
        return [self._covered(message.name, message.direction) for message in self.bundle.messages]

    def responses(self) -> list[Covered]:
        """Every status of every endpoint of the documents, met or not."""
        return [
            self._covered(_status(endpoint, status), "response")
            for endpoint in self.bundle.rest
            for status in endpoint.responses
        ]

    def operations(self) -> list[Covered]:
        """Every command and every endpoint of the documents, met or not."""
        of_commands = [
            self._covered(operation.name, "operation", (operation.request,))
            for operation in self.bundle.operations
        ]
        of_endpoints = [
            self._covered(
                endpoint.operation_id,
                "operation",
                tuple(_status(endpoint, status) for status in endpoint.responses),
            )
            for endpoint in self.bundle.rest
        ]
        return [*of_commands, *of_endpoints]

    def everything(self) -> list[Covered]:
        """All elements of the documents, met or not."""
        return [*self.messages(), *self.operations(), *self.responses()]

    def _covered(self, name: str, direction: str, elements: tuple[str, ...] = ()) -> Covered:
        with self._lock:
            met: Counter[str] = Counter()
            for element in elements or (name,):
                met.update(self._met.get(element, {}))
        return Covered(name, direction, met.total(), tuple(sorted(met)))


class CaseTraffic:
    """What one case, or one document, meets."""

    def __init__(self, traffic: Traffic, case: str) -> None:
        self._traffic = traffic
        self._bundle = traffic.bundle
        self._case = case

    def welcome(self) -> None:
        """A first frame went to a client."""
        self.element(self._bundle.welcome.name)

    def frame(self, frame: Mapping[str, Json]) -> None:
        """A later frame went to a client."""
        message = self._bundle.message_of(frame)
        if message is not None:
            self.element(message.name)

    def command(self, frame: Mapping[str, Json]) -> None:
        """A frame went to the hub."""
        message = self._bundle.command_of(frame)
        if message is not None:
            self.element(message.name)

    def response(self, endpoint: Endpoint | None, status: int) -> None:
        """A request was answered."""
        if endpoint is not None:
            self.element(_status(endpoint, str(status)))

    def answered(self, method: str, path: str, status: int) -> None:
        """A request for a path was answered, whatever prefix it has."""
        found = (each for each in self._bundle.rest if path.endswith(each.path))
        self.response(next((each for each in found if each.method.upper() == method), None), status)

    def element(self, name: str) -> None:
        """An element of the documents was met."""
        self._traffic.count(name, self._case)


def _status(endpoint: Endpoint, status: str) -> str:
    return f"{endpoint.method.upper()} {endpoint.path} {status}"
