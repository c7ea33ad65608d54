"""Peers that are watched for a whole heartbeat deadline, beside all other cases because that takes long."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from .bundle import as_object, is_list
from .connection import Connection
from .hub import CLIENTS, Hub

ENOUGH_ADDRESSES: Final = 6
"""With fewer source addresses the peers are watched one after another, so that other cases find one free."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What became of a peer. Times are seconds since its handshake."""

    pings: tuple[float, ...]
    """When protocol pings arrived."""
    gone_after: float | None
    """When the hub ended the connection; None: it did not, within the time that it has."""
    free_after: float | None = None
    """When the address could be used again; None: not within the time that the hub has."""
    refusals: int = 0
    """How often the address was refused before."""
    is_listed: bool = False
    """Whether the hub still lists the peer when its address is free."""


def deadline(hub: Hub) -> float:
    """Seconds within which the hub must have given up a peer that does not answer, a grace included."""
    target = hub.target
    return target.pong_timeout + target.ping_interval + max(1.0, target.pong_timeout / 10)


def _watch_answering(hub: Hub) -> Observation:
    peer = hub.connect()
    gone_at = peer.wait_gone(deadline(hub))
    return _observation(peer, gone_at)


def _watch_silent(hub: Hub) -> Observation:
    peer = hub.connect(answer_pings=False)
    gone_at = peer.wait_gone(deadline(hub))
    return _observation(peer, gone_at)


def _watch_frozen(hub: Hub) -> Observation:
    peer = hub.connect(keep_reading=False)
    for _ in range((hub.target.connections_per_address or 1) - 1):
        hub.connect(source=peer.source)  # so that the peer's slot is the one that is missing
    refusals = 0
    while time.monotonic() - peer.opened_at < deadline(hub):
        answer, _ = hub.subscribe(source=peer.source)
        now = time.monotonic()
        if answer.status == 101:
            listed = hub.request("GET", CLIENTS).json
            entries = [as_object(entry) or {} for entry in listed] if is_list(listed) else []
            is_listed = any(entry.get("id") == peer.client_id for entry in entries)
            return Observation((), None, now - peer.opened_at, refusals, is_listed)
        refusals += 1
        time.sleep(min(0.5, hub.target.pong_timeout / 10))
    return Observation((), None, None, refusals)


def _observation(peer: Connection, gone_at: float | None) -> Observation:
    pings = tuple(at - peer.opened_at for at in peer.pings)
    return Observation(pings, None if gone_at is None else gone_at - peer.opened_at)


PEERS: Final[Mapping[str, Callable[[Hub], Observation]]] = {
    "answering_peer": _watch_answering,
    "silent_peer": _watch_silent,
    "frozen_peer": _watch_frozen,
}
"""What is watched, by the name of the fixture."""
