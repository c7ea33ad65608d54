"""One performance of a scenario: what it knows, and how it waits."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Generator
from typing import Any, Final

from ...core.journal import Entry, Kind
from ...faults.rule import FaultRule
from ..source import Change, Cue
from ..stage import ScenarioFailure, Stage
from .conditions import Condition, Match, TooEarlyError
from .document import Place
from .templates import TemplateError, Values

_WATCHED: Final = frozenset({Kind.RECEIVED, Kind.HANDSHAKE, Kind.CLOSED, Kind.UNSUBSCRIBED})
_MOST_WATCHED: Final = 10_000
_BREATH: Final = 64
"""Events that are published, and rounds of a repeat, in a row before the hub gets to do something else."""


class StoppedError(Exception):
    """The scenario cannot go on; why has been reported."""


class Play:
    """The state of a scenario while it runs."""

    def __init__(self, stage: Stage, values: Values, source: random.Random, name: str) -> None:
        self.stage = stage
        self.values = values
        self.random = source
        self.name = name
        self._fresh: deque[Entry] = deque(maxlen=_MOST_WATCHED)
        self._read = stage.last_number
        self._met_connections: set[str] = set()
        self._faults: list[int] = []
        self._done = 0

    def is_out_of_breath(self) -> bool:
        """Count an event, or a round; whether there were so many that the hub needs a moment for the rest."""
        self._done += 1
        return self._done % _BREATH == 0

    def render(self, value: Any, place: Place) -> Any:
        """Replace templates.

        Raises:
            StoppedError: a name stands for nothing yet.
        """
        try:
            return self.values.render(value)
        except TemplateError as error:
            raise self.stop(place, str(error)) from error

    def fail(self, place: Place, reason: str) -> None:
        """Report that something expected is not so, and go on."""
        self.stage.fail(ScenarioFailure(self.name, str(place), reason))

    def stop(self, place: Place, reason: str) -> StoppedError:
        """Report why the scenario cannot go on; to be raised."""
        self.fail(place, reason)
        return StoppedError(reason)

    def wait(self, condition: Condition, within: float | None) -> Generator[Cue, None, Match | None]:
        """Wait for a condition; gives ``Match``, or ``None`` when time is over.

        Raises:
            TooEarlyError: what was waited for came too early.
        """
        clock = self.stage.clock
        deadline = None if within is None else clock.monotonic() + within
        while True:
            match = self._look(condition)
            if match is not None:
                return match
            left = None if deadline is None else deadline - clock.monotonic()
            if left is not None and left <= 0:
                return None
            yield Change(left)

    def look_anew(self) -> None:
        """Let what has happened so far meet no condition any more."""
        self._refresh()
        self._fresh.clear()

    def commit(self, fault: FaultRule) -> None:
        """Commit a fault until ``clear_faults``."""
        self._faults.append(self.stage.faults.add(fault))

    def clear_faults(self) -> None:
        """Remove the faults of this scenario that are still there."""
        for number in self._faults:
            self.stage.faults.discard(number)
        self._faults.clear()

    def _look(self, condition: Condition) -> Match | None:
        self._refresh()
        try:
            match = condition.look(self.stage, list(self._fresh))
        except TooEarlyError:
            self._fresh.clear()
            raise
        if match is not None:
            for entry in match.entries:
                self._fresh.remove(entry)
            if match.client_id is not None:
                self._forget_handshake(match.client_id)
                self.values.bind(client_id=match.client_id)
            if match.principal is not None:
                self.values.bind(principal=match.principal)
        return match

    def _refresh(self) -> None:
        for entry in self.stage.entries_after(self._read):
            self._read = entry.number
            if entry.kind in _WATCHED and not self._is_of_met_connection(entry):
                self._fresh.append(entry)

    def _forget_handshake(self, client_id: str) -> None:
        """Let the handshake of a connection that has met a condition meet no other; it may yet be noted."""
        self._met_connections.add(client_id)
        for entry in [entry for entry in self._fresh if self._is_of_met_connection(entry)]:
            self._fresh.remove(entry)

    def _is_of_met_connection(self, entry: Entry) -> bool:
        return entry.kind is Kind.HANDSHAKE and entry.connection in self._met_connections
