"""What a simulated fleet consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from ..._generated.models import HostHealth, HostState, VmState
from .snapshots import SnapshotTree

MAC: Final = "macosx"
SYSTEMS: Final = (MAC, "ubuntu", "win-11")

AT_REST: Final = frozenset({VmState.STOPPED, VmState.SUSPENDED})
"""States that the loss of a host does not change, and in which a VM can be moved."""


@dataclass(slots=True)
class SimulatedVm:
    """A VM as the fleet knows it."""

    id: str
    name: str
    system: str
    cpus: int
    memory: int
    """In MB."""
    state: VmState = VmState.STOPPED
    running_since: float | None = None
    """On the monotonic clock; ``None`` unless it runs or is paused."""
    uptime: str | None = None
    """As last told since it began to run; ``None`` before that."""
    snapshots: SnapshotTree = field(default_factory=SnapshotTree)

    def as_told(self) -> dict[str, Any]:
        """What a host tells of it when it comes or its settings change."""
        return {
            "ID": self.id,
            "Name": self.name,
            "State": self.state.value,
            "OS": self.system,
            "Hardware": {"cpu": {"cpus": self.cpus}, "memory": {"size": f"{self.memory}Mb"}},
        }


@dataclass(slots=True)
class SimulatedHost:
    """A host as the fleet knows it."""

    id: str
    address: str
    description: str
    is_deployed: bool = False
    """Whether the agent is installed on it."""
    state: HostState = HostState.UNKNOWN
    health: HostHealth | None = None
    """``None`` until it is first told."""
    stream: str | None = None
    """The event stream from the host: connected, degraded or disconnected; ``None`` before the first."""
    vms: dict[str, SimulatedVm] = field(default_factory=dict[str, SimulatedVm])

    @property
    def is_heard(self) -> bool:
        """Whether what happens to its VMs can be told."""
        return self.state in (HostState.HEALTHY, HostState.DEGRADED) and self.stream in (
            "connected",
            "degraded",
        )

    @property
    def mac_vms_running(self) -> tuple[str, ...]:
        """IDs of the macOS VMs that run on it."""
        return tuple(vm.id for vm in self.vms.values() if vm.system == MAC and vm.state is VmState.RUNNING)


def fleet_state(hosts: Mapping[str, SimulatedHost]) -> dict[str, Any]:
    """All that a subscriber can know of a fleet, as plain data such as JSON gives."""
    state = {
        host.id: {
            "address": host.address,
            "description": host.description,
            "is_deployed": host.is_deployed,
            "state": host.state.value,
            "health": None if host.health is None else host.health.value,
            "stream": host.stream,
            "mac_vms_running": list(host.mac_vms_running),
            "vms": {
                vm.id: {
                    "name": vm.name,
                    "os": vm.system,
                    "cpus": vm.cpus,
                    "memory": vm.memory,
                    "state": vm.state.value,
                    "uptime": vm.uptime,
                    "snapshots": vm.snapshots.as_told() or (),
                }
                for vm in host.vms.values()
            },
        }
        for host in hosts.values()
    }
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(state))
    return plain
