"""The faults that were added: which there are, where each may strike, how often it has."""

from __future__ import annotations

import random
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import Final

from ..core.connection import Connection
from ..core.entry import Kind
from ..core.hub import Hub
from ..core.interference import Step
from .entry import FaultError
from .rule import FaultRule

MOST_FAULTS: Final = 1000
Names = Callable[[], tuple[str | None, str | None]]
"""Gives a message's channel and name; called only when it matters."""


class UnknownFaultError(LookupError):
    """No fault has this number, or it has been removed."""


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault that was added, at one moment."""

    number: int
    rule: FaultRule
    struck: int
    """How often it has struck."""

    @property
    def is_spent(self) -> bool:
        """Whether it has struck as often as it may. What lasts goes on until the fault is removed."""
        return self.rule.times is not None and self.struck >= self.rule.times


class SetFault:
    """A fault that was added, as it changes."""

    def __init__(self, number: int, rule: FaultRule) -> None:
        self.number = number
        self.rule = rule
        self.struck = 0
        self.undo: dict[int, Callable[[], None]] = {}
        """What is to be done when it is removed, by an arbitrary key."""
        self._random = random.Random(rule.seed)  # noqa: S311 - chances, to be had again, and no secrets

    def strikes(self, connection: str | None, credential: str | None, names: Names) -> bool:
        """Whether it strikes now; if so, it is counted."""
        rule = self.rule
        if rule.times is not None and self.struck >= rule.times:
            return False
        if rule.connection not in (None, connection) or rule.credential not in (None, credential):
            return False
        wanted = (rule.text("channel"), rule.text("message"))
        if wanted != (None, None):
            pairs = zip(wanted, names(), strict=True)
            if any(want is not None and want != name for want, name in pairs):
                return False
        if rule.probability < 1.0 and self._random.random() >= rule.probability:
            return False
        self.struck += 1
        return True


class FaultLedger:
    """Keeps the faults in the order in which they were added; all that match strike, in that order."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._faults: dict[int, SetFault] = {}
        self._by_step: dict[Step, list[SetFault]] = {step: [] for step in Step}
        self._number = 0
        self._key = 0
        self._waiting: dict[Connection, dict[int, Callable[[], None]]] = {}

    def enter(self, rule: FaultRule) -> SetFault:
        """Add a fault under the next number.

        Raises:
            FaultError: there are ``MOST_FAULTS``.
        """
        if len(self._faults) >= MOST_FAULTS:
            raise FaultError(f"there are {MOST_FAULTS} faults already, spent ones too: remove some before")
        self._number += 1
        fault = SetFault(self._number, rule)
        self._faults[fault.number] = fault
        self._by_step[rule.step].append(fault)
        return fault

    def strike_out(self, number: int) -> None:
        """Remove a fault, and undo what it has done that lasts.

        Raises:
            UnknownFaultError: there is none with this number.
        """
        if number not in self._faults:
            raise UnknownFaultError(f"no fault has the number {int(number)}")
        fault = self._faults.pop(number)
        self._by_step[fault.rule.step].remove(fault)
        for undo in list(fault.undo.values()):
            undo()

    @property
    def numbers(self) -> list[int]:
        """The numbers of all faults."""
        return list(self._faults)

    def active(self) -> list[ActiveFault]:
        """All faults, as they are now."""
        return [ActiveFault(fault.number, fault.rule, fault.struck) for fault in self._faults.values()]

    def has(self, *steps: Step) -> bool:
        """Whether any fault may strike at one of these steps."""
        return any(self._by_step[step] for step in steps)

    def striking(
        self,
        step: Step,
        connection: Connection | None = None,
        credential: str | None = None,
        names: Names = lambda: (None, None),
        *,
        spared: Container[str] = (),
    ) -> Iterator[SetFault]:
        """The faults that strike now, each counted and noted in the journal; none with a spared ID."""
        for fault in tuple(self._by_step[step]):
            if fault.rule.fault not in spared and self.strikes(fault, step, connection, credential, names):
                yield fault

    def strikes(
        self,
        fault: SetFault,
        step: Step,
        connection: Connection | None = None,
        credential: str | None = None,
        names: Names = lambda: (None, None),
    ) -> bool:
        """Whether this fault strikes now; if so, it is counted and noted in the journal."""
        client_id = None if connection is None else connection.id
        name = credential if connection is None else connection.principal.name
        if not fault.strikes(client_id, name, names):
            return False
        if self._hub.recorder is not None:
            channel, message = names()
            whose = {} if credential is None else {"principal": credential}
            self._hub.recorder.note(
                Kind.FAULT,
                connection,
                **whose,
                fault=fault.rule.fault,
                fault_number=fault.number,
                channel=channel,
                message=message,
                detail=f"at the step {step}",
            )
        return True

    def until_removed(
        self,
        fault: SetFault,
        seconds: float,
        action: Callable[[], None],
        connection: Connection | None = None,
    ) -> Callable[[], None]:
        """Do something once: after ``seconds`` of the hub's clock, or when the fault is removed before.

        Returns:
            Lets it not be done; harmless when it has been. The end of ``connection`` does that as well.
        """
        self._key += 1
        key = self._key

        def take_back() -> bool:
            timer.cancel()
            if connection is not None:
                waiting = self._waiting.get(connection, {})
                waiting.pop(key, None)
                if not waiting:
                    self._waiting.pop(connection, None)
            return fault.undo.pop(key, None) is not None

        def act() -> None:
            if take_back():
                action()

        def forget() -> None:
            take_back()

        timer = self._hub.clock.call_later(seconds, act)
        fault.undo[key] = act
        if connection is not None:
            self._waiting.setdefault(connection, {})[key] = forget
        return forget

    def closed(self, connection: Connection) -> None:
        """Forget what waits for a connection that has ended."""
        for forget in list(self._waiting.get(connection, {}).values()):
            forget()
