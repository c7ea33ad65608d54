"""What a fleet consists of, told again to somebody who was not there when it was told.

The protocol has no snapshot, and so the hub tells nobody by itself. This
repeats events for one client alone (protocol EVT-3).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from ..._generated import messages, models
from ..._generated.models import HostState
from ..._generated.protocol import PROTOCOL
from ...core.hub import UnknownClientError
from ...core.message import Message
from ..source import Change, Cue
from ..stage import Stage
from .fleet import SimulatedFleet
from .state import SimulatedHost
from .telling import host_health_updated, host_state_changed, stream_changed, told_twice

_CHANNELS: Final = {message: values[0] for values, message in PROTOCOL.events.items()}
_MOST_BEHIND: Final = 1.0
"""Seconds of delay that are made up for."""


def inventory(fleet: SimulatedFleet) -> Iterator[Message]:
    """All that there is, as the events that would tell it to somebody who knows nothing yet."""
    for host in fleet.hosts.values():
        yield from _host(host)
        for vm in host.vms.values():
            yield from told_twice(host.id, models.VmAddedBody(vm_id=vm.id, new_vm=vm.as_told()))
            if vm.snapshots.by_id:
                snapshots = vm.snapshots.as_told()
                yield from told_twice(
                    host.id, models.VmSnapshotsUpdatedBody(vm_id=vm.id, snapshots=snapshots)
                )
            if vm.uptime is not None:
                yield from told_twice(host.id, models.VmUptimeChangedBody(vm_id=vm.id, uptime=vm.uptime))
        if host.mac_vms_running:
            running = models.MacVmsRunningNowBody(mac_vms_running=host.mac_vms_running)
            yield from told_twice(host.id, running)


def tell_inventory(fleet: SimulatedFleet, stage: Stage, client_id: str) -> int:
    """Tell one client what there is, on the channels that it has, and say in how many events.

    Raises:
        UnknownClientError: no live connection has the client ID.
    """
    channels = next((guest.subscriptions for guest in stage.guests if guest.id == client_id), None)
    if channels is None:
        raise UnknownClientError(f"no connection has the client ID {client_id!r}")
    told = [event for event in inventory(fleet) if _CHANNELS[type(event)] in channels]
    for event in told:
        stage.publish_message(event, client_id=client_id)
    return len(told)


class FleetForNewcomers:
    """A simulated fleet that tells whoever connects later what there is, right after the welcome."""

    needs_journal: ClassVar[bool] = True

    def __init__(self, fleet: SimulatedFleet) -> None:
        """Let this fleet run."""
        self.fleet = fleet

    def perform(self, stage: Stage) -> Iterator[Cue]:
        """See ``StageSource``."""
        clock = stage.clock
        known = {guest.id for guest in stage.guests}
        due = clock.monotonic()
        for wait in self.fleet.run(stage.publish_message, clock):
            due = max(due, clock.monotonic() - _MOST_BEHIND) + wait
            while (left := due - clock.monotonic()) > 0:
                yield Change(within=left)
                here = {guest.id for guest in stage.guests}
                for client_id in sorted(here - known):
                    tell_inventory(self.fleet, stage, client_id)
                known = here


def _host(host: SimulatedHost) -> Iterator[Message]:
    body = models.HostAddedBody(host_id=host.id, host=host.address, description=host.description)
    yield messages.HostAdded(body=body)
    if host.is_deployed:
        deployed = models.HostDeployedBody(host_id=host.id, host=host.address, message="agent installed")
        yield messages.HostDeployed(body=deployed)
    if host.stream is not None:
        yield stream_changed(host.id, host.stream)
    if host.state is not HostState.UNKNOWN:
        yield host_state_changed(host.id, HostState.UNKNOWN, host.state)
    if host.health is not None:
        yield host_health_updated(host.id, host.health)
