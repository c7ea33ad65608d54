"""The simulated fleet, seen by a subscriber who believes what is told and nothing else."""

from __future__ import annotations

import json
import random
from itertools import islice
from typing import Any

import pytest
from tests.mockserver.core_harness import CoreHub
from tests.mockserver.sources.inventory import FleetInventory, VmInventory

from eventshub_mockserver import Ids, ManualClock, Published, SimulatedFleet
from eventshub_mockserver.core.message import Message
from eventshub_mockserver.sources.fleet.chances import Happening

EVERYTHING = "pdfm,orchestrator,system"


def stream_of(seed: int, steps: int = 400, **options: Any) -> str:
    """What a subscriber to everything gets of a fleet, byte for byte."""
    core = CoreHub(ids=Ids(random.Random(1)))
    peer = core.connect(EVERYTHING)
    wire: list[str] = []
    for wait in islice(SimulatedFleet(seed=seed, **options).run(core.hub.publish_message, core.clock), steps):
        core.clock.advance(wait)
        wire += [json.dumps(event) for event in peer.reads()]
    return "\n".join(wire)


def test_one_seed_is_one_stream() -> None:
    assert stream_of(5) == stream_of(5)
    assert stream_of(5) != stream_of(6)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [(1, 1), (3, 3), (8, 2)])
def test_an_inventory_kept_from_events_is_the_fleet(seed: int, size: tuple[int, int]) -> None:
    hosts, vms = size
    fleet = SimulatedFleet(seed=seed, hosts=hosts, vms_per_host=vms)
    core = CoreHub()
    everything, only_vms = core.connect(EVERYTHING), core.connect("pdfm")
    inventory, vm_inventory = FleetInventory(), VmInventory()
    for wait in islice(fleet.run(core.hub.publish_message, core.clock), 1200):
        events = everything.reads()
        for cause, effect in zip(events, [*events[1:], {}], strict=False):
            if cause["event_type"] == "pdfm":
                assert effect["message"] == f"HOST_{cause['message']}"
                assert effect["body"]["event"] == cause["body"]
            else:
                inventory.take(cause)
        for event in only_vms.reads():
            vm_inventory.take(event["message"], event["body"])
        state = fleet.state()
        assert inventory.hosts == state
        assert vm_inventory.vms == {id_: vm for host in state.values() for id_, vm in host["vms"].items()}
        assert 1 <= len(state) <= 2 * hosts
        core.clock.advance(wait)


def test_something_of_everything_happens() -> None:
    told = {json.loads(line)["message"] for line in stream_of(1, 3000).splitlines()}
    own = {
        "VM_STATE_CHANGED",
        "VM_ADDED",
        "VM_UPDATED",
        "VM_REMOVED",
        "VM_UPTIME_CHANGED",
        "VM_SNAPSHOTS_UPDATED",
        "MAC_VMS_RUNNING_NOW",
    }
    assert told == own | {f"HOST_{name}" for name in own} | {
        "HOST_STATE_CHANGED",
        "HOST_HEALTH_UPDATE",
        "HOST_WEBSOCKET_CONNECTED",
        "HOST_WEBSOCKET_DEGRADED",
        "HOST_WEBSOCKET_DISCONNECTED",
        "HOST_ADDED",
        "HOST_DEPLOYED",
        "HOST_REMOVED",
        "HOST_STATS_UPDATE",
        "HOST_LOGS_UPDATE",
    }


def test_what_shall_not_happen_does_not() -> None:
    calm = {str(happening): 0.0 for happening in Happening} | {"boot": 1.0, "settle": 1.0}
    events = [json.loads(line) for line in stream_of(1, 800, chances=calm, host_share=0.0).splitlines()]
    states = [e["body"]["current_state"] for e in events if e["message"] == "VM_STATE_CHANGED"]
    assert set(states) == {"starting", "running"}


def unheard(message: Message, *, client_id: str | None = None) -> Published:
    del message, client_id
    return Published("id", 0)


def test_the_rate_is_kept() -> None:
    waits = list(islice(SimulatedFleet(rate=4).run(unheard, ManualClock()), 4000))
    assert 0.2 < sum(waits) / len(waits) < 0.3
    assert max(waits) <= 5


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"hosts": 0}, "at least one host"),
        ({"vms_per_host": 0}, "at least one host"),
        ({"rate": 0}, "positive rate"),
        ({"rate": -1}, "positive rate"),
        ({"rate": float("nan")}, "positive rate"),
        ({"host_share": 1.5}, "host_share"),
        ({"chances": {"explode": 1}}, "'explode': there is boot, "),
        ({"chances": {"boot": -1}}, "factor of boot"),
    ],
)
def test_an_impossible_fleet_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        SimulatedFleet(**options)
