"""Carries out the faults of a connection as a whole: how it ends, what its socket does not do."""

from __future__ import annotations

from functools import partial
from typing import Final

from ..core.connection import Connection, Ending, Impairment, Manner
from ..core.hub import Hub
from ..core.interference import Step
from .ledger import FaultLedger, SetFault
from .rule import FaultRule

_ABNORMAL: Final = 1006


class ConnectionFaults:
    """Ends connections and impairs them.

    An impairment lasts until its fault is removed, or its time is over.
    """

    def __init__(self, hub: Hub, ledger: FaultLedger) -> None:
        self._hub = hub
        self._ledger = ledger
        self._impairments: dict[Connection, dict[int, Impairment]] = {}

    def strike_open_ones(self, fault: SetFault) -> None:
        """Strike all that have got their welcome; those that wait for it are struck when they have."""
        for connection in list(self._hub.roster.by_id.values()):
            if connection.outbox.sent and self._ledger.strikes(fault, Step.OPEN, connection):
                self._strike(fault, connection)

    def opened(self, connection: Connection) -> None:
        """Strike a connection that has just got its welcome, unless another fault has ended it."""
        if connection.id not in self._hub.roster.by_id:
            return
        for fault in self._ledger.striking(Step.OPEN, connection):
            self._strike(fault, connection)

    def closed(self, connection: Connection) -> None:
        """Forget what a connection that has ended was not to do."""
        self._impairments.pop(connection, None)

    def impair(self, fault: SetFault, connection: Connection, impairment: Impairment) -> None:
        """Impair a connection, besides what other faults do to it."""
        self._impairments.setdefault(connection, {})[fault.number] = impairment
        self._update(connection)
        lasts = fault.rule.number("seconds")
        self._ledger.until_removed(fault, lasts, partial(self._restore, fault.number, connection), connection)

    def _strike(self, fault: SetFault, connection: Connection) -> None:
        after = fault.rule.number("after")
        if after == 0:
            self._act(fault, connection)
            return

        def act() -> None:
            if fault.number in self._ledger.numbers:
                self._act(fault, connection)

        self._ledger.until_removed(fault, after, act, connection)

    def _act(self, fault: SetFault, connection: Connection) -> None:
        if connection.id not in self._hub.roster.by_id:
            return
        impairment = _impairment_of(fault.rule)
        if impairment is not None:
            self.impair(fault, connection, impairment)
            return
        ending = ending_of(fault.rule)
        if ending.manner is Manner.CLOSE:
            self._hub.end(connection, ending)
        else:
            self._hub.cut(connection, ending)

    def _restore(self, number: int, connection: Connection) -> None:
        self._impairments.get(connection, {}).pop(number, None)
        self._update(connection)

    def _update(self, connection: Connection) -> None:
        several = self._impairments.get(connection, {}).values()
        if not several:
            self._impairments.pop(connection, None)
            self._hub.impair(connection, None)
            return
        rates = [each.rate for each in several if each.rate is not None]
        together = Impairment(
            is_mute=any(each.is_mute for each in several),
            is_deaf=any(each.is_deaf for each in several),
            rate=min(rates, default=None),
        )
        self._hub.impair(connection, together)


def ending_of(rule: FaultRule) -> Ending:
    """How a rule that ends connections ends them."""
    reason = f"the fault {rule.fault}"
    if rule.fault == "close":
        code = int(rule.number("code"))
        manner = Manner.DROP if code == _ABNORMAL else Manner.CLOSE
        return Ending(code, rule.text("reason") or "", manner=manner)
    is_drop = rule.parameters.get("end") == "drop"
    return Ending(_ABNORMAL, reason, manner=Manner.DROP if is_drop else Manner.RESET)


def _impairment_of(rule: FaultRule) -> Impairment | None:
    match rule.fault:
        case "half-open":
            return Impairment(is_mute=True, is_deaf=True)
        case "stall-reading":
            return Impairment(is_deaf=True)
        case "bandwidth":
            return Impairment(rate=rule.number("rate"))
        case _:
            return None
