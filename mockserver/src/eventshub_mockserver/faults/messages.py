"""Carries out the faults of messages: comes between the hub and its queues."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

import msgspec

from ..core.connection import Connection, Impairment
from ..core.frames import payload_of
from ..core.hub import Hub
from ..core.interference import Step
from ..core.outbox import Frame
from .connections import ConnectionFaults
from .ledger import FaultLedger, SetFault
from .parcel import Parcel
from .tampering import TAMPERING


class Lane:
    """What is on its way to one connection and is not in its queue yet."""

    def __init__(self) -> None:
        self.waiting: deque[Parcel] = deque()
        """Those that keep their order: the first holds up the others."""
        self.due: set[Parcel] = set()
        """Those of them that need not wait for their own sake."""
        self.late: set[Parcel] = set()
        """Those that hold up nobody."""
        self.overtaken: dict[Parcel, int] = {}
        """Those that let others pass, and how many they have yet to let pass."""

    def __len__(self) -> int:
        return len(self.waiting) + len(self.late) + len(self.overtaken)


class MessageFaults:
    """Lets through what no fault strikes, and does to the rest what its faults say."""

    def __init__(self, hub: Hub, ledger: FaultLedger, connections: ConnectionFaults) -> None:
        self._hub = hub
        self._ledger = ledger
        self._connections = connections
        self._lanes: dict[Connection, Lane] = {}

    def deliver(self, connection: Connection, frame: Frame, step: Step) -> None:
        """See ``Interference``."""
        parcel = Parcel(connection, frame, step)
        names = _once(partial(self._names, frame))
        lane = self._lanes.get(connection)
        # One message at a time lets others pass; otherwise none would be left to do so.
        spared = ("reorder",) if lane is not None and lane.overtaken else ()
        for fault in self._ledger.striking(step, connection, names=names, spared=spared):
            if fault.rule.fault == "silence":
                self._connections.impair(fault, connection, Impairment(is_mute=True))
                return
            TAMPERING[fault.rule.fault](parcel, fault, self._hub)
        lane = self._lanes.get(parcel.connection)
        if parcel.delay is None and parcel.lateness is None and not (lane and lane.waiting):
            self._let_go(parcel)
            return
        if lane is None:
            lane = self._lanes[parcel.connection] = Lane()
        if len(lane) >= self._hub.limits.queue_size:
            parcel.connection.outbox.evicted += 1
            return
        if parcel.lateness is not None:
            fault, seconds = parcel.lateness
            lane.late.add(parcel)
            arrive = partial(self._arrive, lane, parcel)
            self._ledger.until_removed(fault, seconds, arrive, parcel.connection)
        else:
            self._line_up(lane, parcel)

    def closed(self, connection: Connection) -> None:
        """Forget what is on its way to a connection that has ended."""
        self._lanes.pop(connection, None)

    def pong(self, connection: Connection, send: Callable[[], None]) -> None:
        """See ``Interference``."""
        seconds = 0.0
        latest: SetFault | None = None
        for fault in self._ledger.striking(Step.PONG, connection):
            if fault.rule.fault == "drop-pong":
                return
            seconds, latest = seconds + fault.rule.number("seconds"), fault
        if latest is None:
            send()
        else:
            self._ledger.until_removed(latest, seconds, send, connection)

    def _line_up(self, lane: Lane, parcel: Parcel) -> None:
        lane.waiting.append(parcel)
        if parcel.delay is None:
            lane.due.add(parcel)
        else:
            fault, seconds = parcel.delay
            self._ledger.until_removed(
                fault, seconds, partial(self._move_up, lane, parcel), parcel.connection
            )

    def _move_up(self, lane: Lane, parcel: Parcel) -> None:
        lane.due.add(parcel)
        while lane.waiting and lane.waiting[0] in lane.due:
            first = lane.waiting.popleft()
            lane.due.remove(first)
            self._let_go(first)
        self._tidy(parcel.connection)

    def _arrive(self, lane: Lane, parcel: Parcel) -> None:
        lane.late.discard(parcel)
        self._let_go(parcel)
        self._tidy(parcel.connection)

    def _let_go(self, parcel: Parcel) -> None:
        """Send a message, or let others pass it, and count it for those that wait for just that."""
        connection = parcel.connection
        if parcel.overtaken_by is not None and parcel.copies:
            fault, distance, seconds = parcel.overtaken_by
            lane = self._lanes.setdefault(connection, Lane())
            lane.overtaken[parcel] = distance
            self._ledger.until_removed(fault, seconds, partial(self._give_way_no_more, parcel), connection)
            return
        self._send(parcel)
        lane_or_none = self._lanes.get(connection)
        if lane_or_none is None or not parcel.copies:
            return
        for other in list(lane_or_none.overtaken):
            lane_or_none.overtaken[other] -= 1
            if lane_or_none.overtaken[other] <= 0:
                self._give_way_no_more(other)

    def _give_way_no_more(self, parcel: Parcel) -> None:
        lane = self._lanes.get(parcel.connection)
        if lane is not None and lane.overtaken.pop(parcel, None) is not None:
            self._send(parcel)
            self._tidy(parcel.connection)

    def _send(self, parcel: Parcel) -> None:
        connection, hub = parcel.connection, self._hub
        if connection.id not in hub.roster.by_id:
            return
        frame = parcel.frame()
        # It may have been unsubscribed from while the message was held back (protocol UNSUB-6).
        is_wanted = (
            frame.is_targeted
            or frame.channel in connection.subscriptions
            or frame.channel not in hub.protocol.channels
        )
        for _ in range(parcel.copies if is_wanted else 0):
            hub.enqueue(connection, frame)
        if parcel.is_evicted:
            connection.outbox.evict_all()
        if parcel.ending is not None:
            hub.cut(connection, parcel.ending)

    def _tidy(self, connection: Connection) -> None:
        lane = self._lanes.get(connection)
        if lane is not None and not len(lane):
            del self._lanes[connection]

    def _names(self, frame: Frame) -> tuple[str | None, str | None]:
        content = msgspec.json.decode(payload_of(frame.wire))
        channel, message = (content.get(keys[0]) for keys in self._hub.protocol.discriminators)
        return channel, message if isinstance(message, str) else None


def _once(action: Callable[[], tuple[str | None, str | None]]) -> Callable[[], tuple[str | None, str | None]]:
    found: list[tuple[str | None, str | None]] = []

    def get() -> tuple[str | None, str | None]:
        if not found:
            found.append(action())
        return found[0]

    return get
