"""What happens to simulated VMs: each function changes the state, then gives the events that tell it."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from typing import Final

from ..._generated import messages, models
from ..._generated.models import VmState
from ...core.clock import Clock, rfc3339
from ...core.message import Message
from .state import MAC, SYSTEMS, SimulatedHost, SimulatedVm
from .telling import told_twice

SETTLED: Final = {
    VmState.STARTING: VmState.RUNNING,
    VmState.STOPPING: VmState.STOPPED,
    VmState.SUSPENDING: VmState.SUSPENDED,
    VmState.RESUMING: VmState.RUNNING,
    VmState.UNKNOWN: VmState.STOPPED,
}
"""What becomes of a state that does not last."""
_MOST_SNAPSHOTS: Final = 8
_MEMORIES: Final = (2048, 4096, 8192, 16384)
_CPUS: Final = (1, 2, 4, 8)


class Machines:
    """Does things to VMs, drawing what has to be drawn."""

    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._made = 0

    def identifier(self) -> str:
        """A new UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def new(self) -> SimulatedVm:
        """A VM that is on no host yet."""
        system = SYSTEMS[self._made % len(SYSTEMS)]
        self._made += 1
        return SimulatedVm(
            self.identifier(),
            f"{system}-{self._made}",
            system,
            self._random.choice(_CPUS),
            self._random.choice(_MEMORIES),
        )

    def add(self, host: SimulatedHost, vm: SimulatedVm) -> Iterator[Message]:
        """Put a VM on a host; its snapshots, if any, are told as well."""
        host.vms[vm.id] = vm
        yield from told_twice(host.id, models.VmAddedBody(vm_id=vm.id, new_vm=vm.as_told()))
        if vm.snapshots.by_id:
            yield from self._tell_snapshots(host, vm)

    def remove(self, host: SimulatedHost, vm: SimulatedVm) -> Iterator[Message]:
        """Take a VM at rest off its host."""
        del host.vms[vm.id]
        yield from told_twice(host.id, models.VmRemovedBody(vm_id=vm.id))

    def migrate(self, vm: SimulatedVm, source: SimulatedHost, target: SimulatedHost) -> Iterator[Message]:
        """Move a VM at rest: it goes from one host before it comes to the other."""
        yield from self.remove(source, vm)
        yield from self.add(target, vm)

    def become(self, host: SimulatedHost, vm: SimulatedVm, state: VmState, clock: Clock) -> Iterator[Message]:
        """Bring a VM into another state."""
        previous, vm.state = vm.state, state
        if state is VmState.RUNNING and previous is not VmState.PAUSED:
            vm.running_since = clock.monotonic()
        elif state not in (VmState.RUNNING, VmState.PAUSED):
            vm.running_since = vm.uptime = None
        body = models.VmStateChangedBody(vm_id=vm.id, previous_state=previous, current_state=state)
        yield from told_twice(host.id, body)
        if vm.system == MAC and VmState.RUNNING in (previous, state):
            running = models.MacVmsRunningNowBody(mac_vms_running=host.mac_vms_running)
            yield from told_twice(host.id, running)

    def settle(self, host: SimulatedHost, vm: SimulatedVm, clock: Clock) -> Iterator[Message]:
        """End a state that does not last."""
        return self.become(host, vm, SETTLED[vm.state], clock)

    def crash(self, host: SimulatedHost, vm: SimulatedVm, clock: Clock) -> Iterator[Message]:
        """Stop a VM all at once; the host's log says so."""
        yield from self.become(host, vm, VmState.STOPPED, clock)
        log = {"level": "error", "message": f"VM {vm.name} ({vm.id}) stopped unexpectedly"}
        yield messages.HostLogsUpdate(body=models.HostLogsUpdateBody(host_id=host.id, log=log))

    def report_uptime(self, host: SimulatedHost, vm: SimulatedVm, clock: Clock) -> Iterator[Message]:
        """Tell how long a VM has been running, in seconds."""
        vm.uptime = str(int(clock.monotonic() - (vm.running_since or 0.0)))
        yield from told_twice(host.id, models.VmUptimeChangedBody(vm_id=vm.id, uptime=vm.uptime))

    def reconfigure(self, host: SimulatedHost, vm: SimulatedVm) -> Iterator[Message]:
        """Give a stopped VM other hardware."""
        vm.cpus = self._random.choice([count for count in _CPUS if count != vm.cpus])
        vm.memory = self._random.choice(_MEMORIES)
        yield from told_twice(host.id, models.VmUpdatedBody(vm_id=vm.id, new_vm=vm.as_told()))

    def take_snapshot(self, host: SimulatedHost, vm: SimulatedVm, clock: Clock) -> Iterator[Message]:
        """Save a moment, if there is room."""
        if len(vm.snapshots.by_id) < _MOST_SNAPSHOTS:
            state = "poweroff" if vm.state is VmState.STOPPED else "poweron"
            vm.snapshots.take(self.identifier(), date=rfc3339(clock.time()), state=state)
            yield from self._tell_snapshots(host, vm)

    def revert(self, host: SimulatedHost, vm: SimulatedVm) -> Iterator[Message]:
        """Let a stopped VM continue from another snapshot, if it has one."""
        others = [snapshot for snapshot in vm.snapshots.by_id if snapshot != vm.snapshots.current]
        if others:
            vm.snapshots.revert(self._random.choice(others))
            yield from self._tell_snapshots(host, vm)

    def delete_snapshot(self, host: SimulatedHost, vm: SimulatedVm) -> Iterator[Message]:
        """Remove a snapshot, if there is one."""
        if vm.snapshots.by_id:
            vm.snapshots.delete(self._random.choice(list(vm.snapshots.by_id)))
            yield from self._tell_snapshots(host, vm)

    def _tell_snapshots(self, host: SimulatedHost, vm: SimulatedVm) -> Iterator[Message]:
        body = models.VmSnapshotsUpdatedBody(vm_id=vm.id, snapshots=vm.snapshots.as_told())
        yield from told_twice(host.id, body)
