"""A simulated fleet and those who come when everything has been told."""

from __future__ import annotations

from typing import Any

import pytest
from tests.mockserver.sources.inventory import FleetInventory, VmInventory
from tests.mockserver.sources.stage_harness import StagedHub

from eventshub_mockserver import FleetForNewcomers, SimulatedFleet, UnknownClientError
from eventshub_mockserver.sources.fleet import tell_inventory

EVERYTHING = "pdfm,orchestrator,system"


@pytest.mark.parametrize("seed", range(3))
def test_a_newcomer_can_keep_the_inventory_as_well(seed: int) -> None:
    hub = StagedHub()
    fleet = SimulatedFleet(seed=seed, rate=5)
    hub.run(FleetForNewcomers(fleet), seconds=120)
    late, only_vms = hub.connect(EVERYTHING), hub.connect("pdfm")
    hub.clock.advance(0)
    inventory, vm_inventory, seen = FleetInventory(), VmInventory(), 0
    for _ in range(100):
        events = late.reads()
        seen += len(events)
        for event in events:
            if event["event_type"] != "pdfm":
                inventory.take(event)
        for event in only_vms.reads():
            assert event["event_type"] == "pdfm"
            vm_inventory.take(event["message"], event["body"])
        state = fleet.state()
        assert inventory.hosts == state
        assert vm_inventory.vms == {id_: vm for host in state.values() for id_, vm in host["vms"].items()}
        hub.clock.advance(1)
    assert seen > 100


def test_only_newcomers_are_told_and_only_once() -> None:
    hub = StagedHub()
    first = hub.connect(EVERYTHING)
    hub.run(FleetForNewcomers(SimulatedFleet(rate=0.001)), seconds=1)
    assert not any("client_id" in event for event in first.reads())
    late = hub.connect("orchestrator")
    hub.clock.advance(1)
    told = late.reads()
    assert {event["client_id"] for event in told} == {late.connection.id}
    assert [event["body"]["host_id"] for event in told if event["message"] == "HOST_ADDED"] == [
        "host-1",
        "host-2",
        "host-3",
    ]
    hub.connect("pdfm")
    hub.clock.advance(1)
    assert (late.reads(), first.reads()) == ([], [])


def test_the_fleet_as_it_comes_tells_newcomers_nothing() -> None:
    hub = StagedHub()
    hub.run(SimulatedFleet(rate=0.001), seconds=1)
    late = hub.connect(EVERYTHING)
    hub.clock.advance(1)
    assert late.reads() == []


def test_what_happens_is_the_same_with_newcomers_or_without() -> None:
    streams: list[list[Any]] = []
    for is_telling in (False, True):
        hub, fleet = StagedHub(), SimulatedFleet(seed=9)
        peer = hub.connect(EVERYTHING)
        hub.run(FleetForNewcomers(fleet) if is_telling else fleet)
        for _ in range(60):
            hub.connect("pdfm")
            hub.clock.advance(1)
        streams.append([(event["timestamp"], event["message"], event["body"]) for event in peer.reads()])
    assert streams[0] == streams[1]


def test_nobody_can_be_told_who_is_not_there() -> None:
    hub = StagedHub()
    with pytest.raises(UnknownClientError, match="nobody"):
        tell_inventory(SimulatedFleet(), hub.stage, "nobody")
