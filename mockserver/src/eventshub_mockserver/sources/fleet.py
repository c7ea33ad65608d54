"""A small simulated fleet: hosts, the VMs on them, and the events that they cause."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .._generated import messages, models
from .._generated.models import HostHealth, HostState, VmState
from ..core.clock import Clock
from ..core.message import Message
from .source import Publish

_NEXT: Final = {
    VmState.STOPPED: (VmState.STARTING,),
    VmState.STARTING: (VmState.RUNNING,),
    VmState.RUNNING: (VmState.STOPPING, VmState.SUSPENDING, VmState.PAUSED),
    VmState.STOPPING: (VmState.STOPPED,),
    VmState.SUSPENDING: (VmState.SUSPENDED,),
    VmState.SUSPENDED: (VmState.RESUMING,),
    VmState.RESUMING: (VmState.RUNNING,),
    VmState.PAUSED: (VmState.RUNNING,),
}
_SYSTEMS: Final = ("macosx", "ubuntu", "win-11")
_HEALTH_CHANGES: Final = 0.08
_UPTIMES: Final = 0.2
_LONGEST_WAIT: Final = 5.0


@dataclass(slots=True)
class SimulatedVm:
    """A VM as the fleet knows it."""

    id: str
    system: str
    state: VmState
    running_since: float | None = None


@dataclass(slots=True)
class SimulatedHost:
    """A host as the fleet knows it."""

    id: str
    vms: list[SimulatedVm]
    state: HostState = HostState.HEALTHY


class SimulatedFleet:
    """Hosts that gain and lose their health, and VMs that start, stop, suspend and resume.

    What happens to a VM is told on ``pdfm`` and, by its host, on
    ``orchestrator``; what happens to a host on ``system`` and
    ``orchestrator``. The state told is always the fleet's own, in ``hosts``.
    The VMs of a host that is not healthy rest.
    """

    def __init__(self, *, seed: int = 0, hosts: int = 3, vms_per_host: int = 3, rate: float = 2.0) -> None:
        """Set the fleet up.

        Args:
            seed: decides everything that happens, and in which order.
            hosts: number of hosts.
            vms_per_host: number of VMs on each.
            rate: how many things happen in a second, on average.

        Raises:
            ValueError: a number is not positive.
        """
        if min(hosts, vms_per_host) < 1 or rate <= 0:
            raise ValueError("a fleet needs at least one host, one VM on each, and a positive rate")
        self._random = random.Random(seed)  # noqa: S311 - a simulation that repeats, not a secret
        self._rate = rate
        self.hosts = [self._new_host(number, vms_per_host) for number in range(1, hosts + 1)]

    def run(self, publish: Publish, clock: Clock) -> Iterator[float]:
        """Let one thing happen, with all the events that follow from it, then wait; for ever."""
        while True:
            yield min(self._random.expovariate(self._rate), _LONGEST_WAIT)
            host = self._random.choice(self.hosts)
            for event in self._happen(host, clock.monotonic()):
                publish(event)

    def _happen(self, host: SimulatedHost, now: float) -> Iterator[Message]:
        if host.state is not HostState.HEALTHY or self._random.random() < _HEALTH_CHANGES:
            return self._change_health(host)
        vm = self._random.choice(host.vms)
        if vm.running_since is not None and self._random.random() < _UPTIMES:
            return self._report_uptime(host, vm, now - vm.running_since)
        return self._change_state(host, vm, now)

    def _change_health(self, host: SimulatedHost) -> Iterator[Message]:
        is_healthy = host.state is HostState.HEALTHY
        previous, host.state = host.state, HostState.UNHEALTHY if is_healthy else HostState.HEALTHY
        yield messages.HostStateChanged(
            body=models.HostStateChangedBody(
                host_id=host.id, previous_state=previous, current_state=host.state
            )
        )
        health = HostHealth.UNHEALTHY if is_healthy else HostHealth.HEALTHY
        yield messages.HostHealthUpdate(body=models.HostHealthUpdateBody(host_id=host.id, state=health))

    def _report_uptime(self, host: SimulatedHost, vm: SimulatedVm, uptime: float) -> Iterator[Message]:
        told = models.VmUptimeChangedBody(vm_id=vm.id, uptime=str(int(uptime)))
        yield messages.VmUptimeChanged(body=told)
        yield messages.HostVmUptimeChanged(body=models.HostVmUptimeChangedBody(host_id=host.id, event=told))

    def _change_state(self, host: SimulatedHost, vm: SimulatedVm, now: float) -> Iterator[Message]:
        previous, vm.state = vm.state, self._random.choice(_NEXT[vm.state])
        if vm.state is VmState.RUNNING:
            vm.running_since = vm.running_since if previous is VmState.PAUSED else now
        elif vm.state is not VmState.PAUSED:
            vm.running_since = None
        told = models.VmStateChangedBody(vm_id=vm.id, previous_state=previous, current_state=vm.state)
        yield messages.VmStateChanged(body=told)
        yield messages.HostVmStateChanged(body=models.HostVmStateChangedBody(host_id=host.id, event=told))
        if vm.system == "macosx" and VmState.RUNNING in (previous, vm.state):
            running = [v.id for v in host.vms if v.system == "macosx" and v.state is VmState.RUNNING]
            mac_vms = models.MacVmsRunningNowBody(mac_vms_running=tuple(running))
            yield messages.MacVmsRunningNow(body=mac_vms)
            yield messages.HostMacVmsRunningNow(
                body=models.HostMacVmsRunningNowBody(host_id=host.id, event=mac_vms)
            )

    def _new_host(self, number: int, vms: int) -> SimulatedHost:
        host = SimulatedHost(f"host-{number}", [])
        for index in range(vms):
            vm_id = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
            state = self._random.choice((VmState.STOPPED, VmState.RUNNING, VmState.SUSPENDED))
            host.vms.append(SimulatedVm(vm_id, _SYSTEMS[index % len(_SYSTEMS)], state))
        return host
