"""The simulated fleet as a source of events."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..._generated.models import VmState
from ...core.clock import Clock
from ...core.message import Message
from ..source import Publish
from .chances import OF_VM, Happening, of_host
from .hosts import Hosts
from .machines import Machines
from .state import AT_REST, SimulatedHost, SimulatedVm, fleet_state

_LONGEST_WAIT: Final = 5.0
_ENTERED: Final = {
    Happening.BOOT: VmState.STARTING,
    Happening.SHUT_DOWN: VmState.STOPPING,
    Happening.SUSPEND: VmState.SUSPENDING,
    Happening.PAUSE: VmState.PAUSED,
}


class SimulatedFleet:
    """Hosts and the VMs on them, as state machines.

    VMs boot, run, crash, pause, are suspended, snapshotted, changed, moved and
    removed; hosts come and go, lose and regain their health, their event
    stream or their life. What happens to a VM is told on ``pdfm`` and, right
    after that, on ``orchestrator`` with its host's ID; a host's condition on
    ``system`` and ``orchestrator``. Whoever hears all of it from the start
    can keep an inventory that equals ``state()`` after each step.

    The VMs of a host rest while it is unhealthy or offline, or its event
    stream is disconnected.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        hosts: int = 3,
        vms_per_host: int = 3,
        rate: float = 2.0,
        host_share: float = 0.15,
        chances: Mapping[str, float] | None = None,
    ) -> None:
        """Set the fleet up.

        Args:
            seed: decides everything that happens, and in which order.
            hosts: number of hosts at the start; it stays between 1 and twice that.
            vms_per_host: number of VMs on each at the start; it deploys no
                more while it has twice that.
            rate: how many things happen in a second, on average.
            host_share: how many of them happen to hosts, from 0 to 1.
            chances: by the name of a ``Happening``, a factor for how often it
                happens; 0 for never.

        Raises:
            ValueError: a number is out of its range, or a name is none.
        """
        if min(hosts, vms_per_host) < 1 or not 0 < rate < float("inf"):
            raise ValueError("a fleet needs at least one host, one VM on each, and a positive rate")
        if not 0 <= host_share <= 1:
            raise ValueError(f"host_share must be between 0 and 1, got {host_share}")
        self._factors = _checked_factors(chances or {})
        self._seed = seed
        self._rate = rate
        self._host_share = host_share
        self._most_hosts = 2 * hosts
        self._most_vms = 2 * vms_per_host
        self._start_anew()
        self._sizes = (hosts, vms_per_host)

    def run(self, publish: Publish, clock: Clock) -> Iterator[float]:
        """Tell what there is at first, then let one thing happen at a time; for ever. Each run is new."""
        self._start_anew()
        for event in self._set_up(clock):
            publish(event)
        while True:
            yield min(self._random.expovariate(self._rate), _LONGEST_WAIT)
            for event in self._happen(clock):
                publish(event)

    def state(self) -> dict[str, Any]:
        """All that a subscriber can know by now, as plain data, by host ID."""
        return fleet_state(self.hosts)

    def _start_anew(self) -> None:
        self._random = random.Random(self._seed)  # noqa: S311 - a simulation that repeats, not a secret
        self._machines = Machines(self._random)
        self._hosts = Hosts(self._random, self._machines)
        self.hosts: dict[str, SimulatedHost] = {}
        """By ID; empty until it runs."""

    def _set_up(self, clock: Clock) -> Iterator[Message]:
        hosts, vms = self._sizes
        for _ in range(hosts):
            host = self._hosts.new()
            yield from self._add_host(host)
            yield from self._hosts.deploy(host)
            yield from self._hosts.connect(host)
            for _ in range(vms):
                vm = self._machines.new()
                yield from self._machines.add(host, vm)
                if self._random.random() < 0.5:
                    yield from self._machines.become(host, vm, VmState.STARTING, clock)
                    yield from self._machines.settle(host, vm, clock)

    def _happen(self, clock: Clock) -> Iterator[Message]:
        heard = [host for host in self.hosts.values() if host.is_heard and host.vms]
        if not heard or self._random.random() < self._host_share:
            host = self._random.choice(list(self.hosts.values()))
            happening = self._draw(of_host(host))
            return iter(()) if happening is None else self._happen_to_host(happening, host, clock)
        host = self._random.choice(heard)
        vm = self._random.choice(list(host.vms.values()))
        happening = self._draw(OF_VM[vm.state])
        return iter(()) if happening is None else self._happen_to_vm(happening, host, vm, clock)

    def _draw(self, chances: Mapping[Happening, float]) -> Happening | None:
        weights = [chance * self._factors.get(happening, 1.0) for happening, chance in chances.items()]
        return self._random.choices(list(chances), weights)[0] if any(weights) else None

    def _happen_to_vm(
        self, happening: Happening, host: SimulatedHost, vm: SimulatedVm, clock: Clock
    ) -> Iterator[Message]:
        machines = self._machines
        match happening:
            case Happening.SETTLE:
                return machines.settle(host, vm, clock)
            case Happening.RESUME:
                paused = vm.state is VmState.PAUSED
                return machines.become(host, vm, VmState.RUNNING if paused else VmState.RESUMING, clock)
            case Happening.CRASH:
                return machines.crash(host, vm, clock)
            case Happening.UPTIME:
                return machines.report_uptime(host, vm, clock)
            case Happening.SNAPSHOT:
                return machines.take_snapshot(host, vm, clock)
            case Happening.REVERT:
                return machines.revert(host, vm)
            case Happening.DELETE_SNAPSHOT:
                return machines.delete_snapshot(host, vm)
            case Happening.RECONFIGURE:
                return machines.reconfigure(host, vm)
            case Happening.MIGRATE:
                return self._migrate(host, [vm])
            case Happening.REMOVE_VM:
                return machines.remove(host, vm)
            case _:
                return machines.become(host, vm, _ENTERED[happening], clock)

    def _happen_to_host(self, happening: Happening, host: SimulatedHost, clock: Clock) -> Iterator[Message]:
        hosts = self._hosts
        match happening:
            case Happening.LOSE_HOST:
                return hosts.lose(host, clock)
            case Happening.RETURN_HOST:
                return hosts.come_back(host, clock)
            case Happening.ADD_HOST:
                return self._add_host(hosts.new()) if len(self.hosts) < self._most_hosts else iter(())
            case Happening.REMOVE_HOST:
                return self._remove_host(host)
            case Happening.DEPLOY_VM:
                has_room = len(host.vms) < self._most_vms
                return self._machines.add(host, self._machines.new()) if has_room else iter(())
            case _:
                simple = {
                    Happening.DEPLOY_HOST: hosts.deploy,
                    Happening.CONNECT: hosts.connect,
                    Happening.DEGRADE_STREAM: hosts.degrade_stream,
                    Happening.DISCONNECT: hosts.disconnect,
                    Happening.DEGRADE: hosts.degrade,
                    Happening.LOSE_HEALTH: hosts.lose_health,
                    Happening.RECOVER: hosts.recover,
                    Happening.STATS: hosts.report_stats,
                }
                return simple[happening](host)

    def _add_host(self, host: SimulatedHost) -> Iterator[Message]:
        self.hosts[host.id] = host
        return self._hosts.add(host)

    def _remove_host(self, host: SimulatedHost) -> Iterator[Message]:
        """Move what rests on a host elsewhere and let it go; one with work on it, or the last one, stays."""
        others = any(other.is_heard for other in self.hosts.values() if other is not host)
        if others and all(vm.state in AT_REST for vm in host.vms.values()):
            yield from self._migrate(host, list(host.vms.values()))
            del self.hosts[host.id]
            yield from self._hosts.remove(host)

    def _migrate(self, host: SimulatedHost, vms: list[SimulatedVm]) -> Iterator[Message]:
        targets = [other for other in self.hosts.values() if other is not host and other.is_heard]
        for vm in vms if targets else ():
            yield from self._machines.migrate(vm, host, self._random.choice(targets))


def _checked_factors(chances: Mapping[str, float]) -> Mapping[Happening, float]:
    factors: dict[Happening, float] = {}
    for name, factor in chances.items():
        if name not in set(Happening):
            raise ValueError(f"nothing is called {name!r}: there is {', '.join(Happening)}")
        if not 0 <= factor < float("inf"):
            raise ValueError(f"the factor of {name} must be 0 or more, got {factor}")
        factors[Happening(name)] = factor
    return factors
