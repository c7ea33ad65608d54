"""What a hub is to do wrong: the one place where faults are added and removed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from ..core.connection import Connection
from ..core.hub import Hub
from ..core.interference import Step
from .connections import ConnectionFaults
from .entry import Value
from .ledger import ActiveFault, FaultLedger
from .messages import MessageFaults
from .rule import FaultRule, parse_fault

_OF_MESSAGES = (Step.WELCOME, Step.EVENT, Step.REPLY, Step.PONG)


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


class FaultInjector:
    """What a hub is to do wrong. Nothing, until something is added.

    Faults are asked in the order in which they were added, and all that match strike.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.ledger = FaultLedger(hub)
        """For those who carry faults out: which of them strike now."""
        self.checks: list[Callable[[FaultRule], object]] = []
        """Raise ``FaultError`` for a rule that this hub cannot carry out."""
        self._connections = ConnectionFaults(hub, self.ledger)
        self._messages = MessageFaults(hub, self.ledger, self._connections)

    def add(self, fault: str | Mapping[str, Any] | FaultRule, /, **parameters: Value) -> FaultNumber:
        """Commit a fault from now on.

        Args:
            fault: a rule, or its description as ``parse_fault`` reads it.
            parameters: more of the description, ``_`` for ``-``.

        Returns:
            The fault's number; as a context manager it removes the fault.

        Raises:
            FaultError: the fault is not as the catalogue wants it, or there are too many.
        """
        rule = _rule(fault, parameters)
        for check in self.checks:
            check(rule)
        added = self.ledger.enter(rule)
        self._interfere_where_needed()
        if added.rule.step is Step.OPEN:
            self._connections.strike_open_ones(added)
        return FaultNumber(added.number, lambda: self.discard(added.number))

    def remove(self, number: int) -> None:
        """Commit a fault no more. What it holds back goes on its way, what it has stopped goes on.

        Raises:
            UnknownFaultError: no fault has this number.
        """
        self.ledger.strike_out(number)
        self._interfere_where_needed()

    def discard(self, number: int) -> None:
        """Like ``remove``; harmless when that has been done."""
        if number in self.ledger.numbers:
            self.remove(number)

    def clear(self) -> None:
        """Remove all faults."""
        for number in self.ledger.numbers:
            self.remove(number)

    def active(self) -> list[ActiveFault]:
        """All faults that were added and not removed, those that are spent as well."""
        return self.ledger.active()

    def opened(self, connection: Connection) -> None:
        """Strike a connection whose welcome is on its way."""
        self._connections.opened(connection)

    def closed(self, connection: Connection) -> None:
        """Forget a connection that has ended: nothing waits for it any more, however long a fault lasts."""
        self.ledger.closed(connection)
        self._messages.closed(connection)
        self._connections.closed(connection)

    def _interfere_where_needed(self) -> None:
        self._hub.interference = self._messages if self.ledger.has(*_OF_MESSAGES) else None


def _rule(fault: str | Mapping[str, Any] | FaultRule, parameters: Mapping[str, Value]) -> FaultRule:
    if isinstance(fault, FaultRule):
        return fault if not parameters else parse_fault({**fault.as_dict(), **_in_kebab_case(parameters)})
    if isinstance(fault, str):
        return parse_fault(fault) if not parameters else parse_fault({"fault": fault, **parameters})
    return parse_fault({**_in_kebab_case(fault), **_in_kebab_case(parameters)})


def _in_kebab_case(description: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in description.items()}
