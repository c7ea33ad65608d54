"""What happens to simulated hosts: each method changes the state, then gives the events that tell it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

from ..._generated import messages, models
from ..._generated.models import HostHealth, HostState, VmState
from ...core.clock import Clock
from ...core.message import Message
from .machines import Machines
from .state import AT_REST, SimulatedHost
from .telling import host_health_updated, host_state_changed, stream_changed

_LOST_BY_ITS_HOST: Final = frozenset(VmState) - AT_REST - {VmState.UNKNOWN}


class Hosts:
    """Does things to hosts, drawing what has to be drawn."""

    def __init__(self, source: random.Random, machines: Machines) -> None:
        self._random = source
        self._machines = machines
        self._made = 0

    def new(self) -> SimulatedHost:
        """A host that nobody looks after yet."""
        self._made += 1
        address = f"mac-{self._made:02d}.fleet.example"
        return SimulatedHost(f"host-{self._made}", address, f"rack {1 + self._made % 4}")

    def add(self, host: SimulatedHost) -> Iterator[Message]:
        """The orchestrator looks after the host from now on."""
        body = models.HostAddedBody(host_id=host.id, host=host.address, description=host.description)
        yield messages.HostAdded(body=body)

    def deploy(self, host: SimulatedHost) -> Iterator[Message]:
        """The agent is installed on it."""
        host.is_deployed = True
        body = models.HostDeployedBody(host_id=host.id, host=host.address, message="agent installed")
        yield messages.HostDeployed(body=body)

    def connect(self, host: SimulatedHost) -> Iterator[Message]:
        """Its event stream is whole; a host that is heard for the first time turns out to be healthy."""
        yield self._stream(host, "connected")
        if host.state is HostState.UNKNOWN:
            yield from self.recover(host)

    def degrade_stream(self, host: SimulatedHost) -> Iterator[Message]:
        """Its event stream works badly."""
        yield self._stream(host, "degraded")

    def disconnect(self, host: SimulatedHost) -> Iterator[Message]:
        """Its event stream is lost, and so nothing is heard of its VMs; the host goes on."""
        yield self._stream(host, "disconnected")

    def degrade(self, host: SimulatedHost) -> Iterator[Message]:
        """It is in trouble, but answers its health checks."""
        yield self._state(host, HostState.DEGRADED)

    def lose_health(self, host: SimulatedHost) -> Iterator[Message]:
        """It fails its health checks."""
        yield self._state(host, HostState.UNHEALTHY)
        yield self._health(host, HostHealth.UNHEALTHY)

    def recover(self, host: SimulatedHost) -> Iterator[Message]:
        """It is healthy."""
        yield self._state(host, HostState.HEALTHY)
        if host.health is not HostHealth.HEALTHY:
            yield self._health(host, HostHealth.HEALTHY)

    def lose(self, host: SimulatedHost, clock: Clock) -> Iterator[Message]:
        """It dies: of what was alive on it nobody knows anything."""
        yield self._state(host, HostState.OFFLINE)
        if host.stream != "disconnected":
            yield self._stream(host, "disconnected")
        if host.health is not HostHealth.UNHEALTHY:
            yield self._health(host, HostHealth.UNHEALTHY)
        for vm in list(host.vms.values()):
            if vm.state in _LOST_BY_ITS_HOST:
                yield from self._machines.become(host, vm, VmState.UNKNOWN, clock)

    def come_back(self, host: SimulatedHost, clock: Clock) -> Iterator[Message]:
        """It is there again, and what was alive on it is found stopped."""
        yield self._stream(host, "connected")
        yield from self.recover(host)
        for vm in list(host.vms.values()):
            if vm.state is VmState.UNKNOWN:
                yield from self._machines.settle(host, vm, clock)

    def report_stats(self, host: SimulatedHost) -> Iterator[Message]:
        """Tell measurements that agree with what runs on it."""
        running = [vm for vm in host.vms.values() if vm.state is VmState.RUNNING]
        stats = {
            "vms": len(host.vms),
            "vms_running": len(running),
            "cpus_used": sum(vm.cpus for vm in running),
            "memory_used_mb": sum(vm.memory for vm in running),
            "cpu_percent": round(self._random.uniform(1, 5) + 10 * len(running), 1),
        }
        yield messages.HostStatsUpdate(body=models.HostStatsUpdateBody(host_id=host.id, stats=stats))

    def remove(self, host: SimulatedHost) -> Iterator[Message]:
        """The orchestrator looks after it no longer; it has no VMs left."""
        yield self._stream(host, "disconnected")
        yield messages.HostRemoved(body=models.HostRemovedBody(host_id=host.id, host=host.address))

    def _state(self, host: SimulatedHost, state: HostState) -> Message:
        previous, host.state = host.state, state
        return host_state_changed(host.id, previous, state)

    def _health(self, host: SimulatedHost, health: HostHealth) -> Message:
        host.health = health
        return host_health_updated(host.id, health)

    def _stream(self, host: SimulatedHost, stream: str) -> Message:
        host.stream = stream
        return stream_changed(host.id, stream)
