"""The faults that a hub is to commit: adds them, counts them, says which strike."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from ..core.connection import Connection
from ..core.hub import Hub
from ..core.interference import Step
from ..core.journal import Kind
from .entry import Value
from .rule import FaultRule, parse_fault

Names = Callable[[], tuple[str | None, str | None]]
"""Gives a message's channel and name; called only when a rule asks for them."""


class UnknownFaultError(LookupError):
    """No fault has this number, or it has been removed."""


class FaultNumber(int):
    """The number of a fault that was added. As a context manager it removes the fault at the end."""

    remove: Callable[[], None]

    def __new__(cls, number: int, remove: Callable[[], None]) -> Self:
        """Keep ``remove`` for the end of a ``with`` block."""
        made = super().__new__(cls, number)
        made.remove = remove
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


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


class FaultInjector:
    """What a hub is to do wrong. Nothing, until something is added.

    Rules are asked in the order in which they were added, and all that match strike.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._faults: dict[int, SetFault] = {}
        self._by_step: dict[Step, list[SetFault]] = {step: [] for step in Step}
        self._number = 0
        self._key = 0

    def add(self, fault: str | Mapping[str, Any] | FaultRule, /, **parameters: Value) -> FaultNumber:
        """Commit a fault from now on.

        Args:
            fault: a rule, or its description as ``parse_fault`` reads it.
            parameters: more of the description, ``_`` for ``-``.

        Returns:
            The fault's number; as a context manager it removes the fault.

        Raises:
            FaultError: the fault is not as the catalogue wants it.
        """
        rule = made_rule(fault, parameters)
        self._number += 1
        added = SetFault(self._number, rule)
        self._faults[added.number] = added
        self._by_step[rule.step].append(added)
        return FaultNumber(added.number, lambda: self.discard(added.number))

    def remove(self, number: int) -> None:
        """Commit a fault no more. What it holds back goes on its way, what it has stopped goes on.

        Raises:
            UnknownFaultError: no fault has this number.
        """
        if number not in self._faults:
            raise UnknownFaultError(f"no fault has the number {int(number)}")
        removed = self._faults.pop(number)
        self._by_step[removed.rule.step].remove(removed)
        for undo in list(removed.undo.values()):
            undo()

    def discard(self, number: int) -> None:
        """Like ``remove``; harmless when that has been done."""
        if number in self._faults:
            self.remove(number)

    def clear(self) -> None:
        """Remove all faults."""
        for number in list(self._faults):
            self.remove(number)

    def active(self) -> list[ActiveFault]:
        """All faults that were added and not removed, those that are spent as well."""
        return [ActiveFault(fault.number, fault.rule, fault.struck) for fault in self._faults.values()]

    def has(self, step: Step) -> bool:
        """Whether any fault may strike there."""
        return bool(self._by_step[step])

    def striking(
        self,
        step: Step,
        connection: Connection | None = None,
        credential: str | None = None,
        names: Names = lambda: (None, None),
    ) -> Iterator[SetFault]:
        """The faults that strike now, each counted and noted in the journal."""
        client_id = None if connection is None else connection.id
        name = credential if connection is None else connection.principal.name
        for fault in tuple(self._by_step[step]):
            if fault.strikes(client_id, name, names):
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
                yield fault

    def until_removed(self, fault: SetFault, seconds: float, action: Callable[[], None]) -> None:
        """Do something once: after ``seconds`` of the hub's clock, or when the fault is removed before."""
        self._key += 1
        key = self._key

        def act() -> None:
            timer.cancel()
            if fault.undo.pop(key, None) is not None:
                action()

        fault.undo[key] = act
        timer = self._hub.clock.call_later(seconds, act)


def made_rule(fault: str | Mapping[str, Any] | FaultRule, parameters: Mapping[str, Value]) -> FaultRule:
    """A rule from whatever describes one.

    Raises:
        FaultError: it is not as the catalogue wants it.
    """
    if isinstance(fault, FaultRule) and not parameters:
        return fault
    described = fault.as_dict() if isinstance(fault, FaultRule) else fault
    if isinstance(described, str):
        described = parse_fault(described).as_dict() if ":" in described else {"fault": described}
    return parse_fault({**described, **{name.replace("_", "-"): v for name, v in parameters.items()}})
