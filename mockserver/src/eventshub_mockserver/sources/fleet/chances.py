"""What may happen in a simulated fleet, and how likely each of it is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ..._generated.models import HostState, VmState
from .state import SimulatedHost


class Happening(StrEnum):
    """One thing that happens, with everything that follows from it."""

    BOOT = "boot"
    SHUT_DOWN = "shut-down"
    SUSPEND = "suspend"
    RESUME = "resume"
    PAUSE = "pause"
    CRASH = "crash"
    """A VM is stopped all at once, or its boot fails."""
    SETTLE = "settle"
    """What was about to start, stop, suspend or resume has done so."""
    UPTIME = "uptime"
    SNAPSHOT = "snapshot"
    REVERT = "revert"
    DELETE_SNAPSHOT = "delete-snapshot"
    RECONFIGURE = "reconfigure"
    MIGRATE = "migrate"
    DEPLOY_VM = "deploy-vm"
    REMOVE_VM = "remove-vm"
    ADD_HOST = "add-host"
    DEPLOY_HOST = "deploy-host"
    REMOVE_HOST = "remove-host"
    CONNECT = "connect"
    DEGRADE_STREAM = "degrade-stream"
    DISCONNECT = "disconnect"
    DEGRADE = "degrade"
    LOSE_HEALTH = "lose-health"
    RECOVER = "recover"
    LOSE_HOST = "lose-host"
    RETURN_HOST = "return-host"
    STATS = "stats"


_SETTLING: Final = {Happening.SETTLE: 1.0}
OF_VM: Final[Mapping[VmState, Mapping[Happening, float]]] = {
    VmState.STOPPED: {
        Happening.BOOT: 6.0,
        Happening.SNAPSHOT: 1.0,
        Happening.REVERT: 1.0,
        Happening.DELETE_SNAPSHOT: 0.5,
        Happening.RECONFIGURE: 1.0,
        Happening.MIGRATE: 1.0,
        Happening.REMOVE_VM: 0.4,
    },
    VmState.STARTING: {Happening.SETTLE: 20.0, Happening.CRASH: 1.0},
    VmState.RUNNING: {
        Happening.UPTIME: 6.0,
        Happening.SHUT_DOWN: 2.0,
        Happening.SUSPEND: 2.0,
        Happening.PAUSE: 1.0,
        Happening.SNAPSHOT: 1.0,
        Happening.DELETE_SNAPSHOT: 0.5,
        Happening.CRASH: 0.5,
    },
    VmState.PAUSED: {Happening.RESUME: 8.0, Happening.CRASH: 0.5},
    VmState.STOPPING: _SETTLING,
    VmState.SUSPENDING: _SETTLING,
    VmState.RESUMING: _SETTLING,
    VmState.SUSPENDED: {Happening.RESUME: 5.0, Happening.MIGRATE: 1.0},
    VmState.UNKNOWN: _SETTLING,
}
"""The chances of what may happen to a VM in each state, relative to one another."""

_SOUND: Final[Mapping[Happening, float]] = {
    Happening.STATS: 4.0,
    Happening.DEPLOY_VM: 2.0,
    Happening.DEGRADE: 1.0,
    Happening.LOSE_HEALTH: 1.0,
    Happening.LOSE_HOST: 0.5,
    Happening.REMOVE_HOST: 0.5,
    Happening.ADD_HOST: 0.5,
}
_STREAM: Final[Mapping[str | None, Mapping[Happening, float]]] = {
    "connected": {Happening.DEGRADE_STREAM: 1.0, Happening.DISCONNECT: 0.5},
    "degraded": {Happening.CONNECT: 3.0, Happening.DISCONNECT: 1.0},
}


def of_host(host: SimulatedHost) -> Mapping[Happening, float]:
    """The chances of what may happen to a host, relative to one another."""
    if not host.is_deployed:
        return {Happening.DEPLOY_HOST: 1.0}
    if host.state is HostState.OFFLINE:
        return {Happening.RETURN_HOST: 1.0}
    if host.state is HostState.UNHEALTHY:
        return {Happening.RECOVER: 3.0, Happening.LOSE_HOST: 0.5}
    if host.stream not in _STREAM:
        return {Happening.CONNECT: 1.0}
    chances = {**_SOUND, **_STREAM[host.stream]}
    if host.state is HostState.DEGRADED:
        chances[Happening.DEGRADE] = 0.0
        chances[Happening.RECOVER] = 4.0
    return chances
