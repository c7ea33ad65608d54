"""Where events come from: the simulated fleet, and what the hub does with any source."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any

import pytest
from tests.mockserver.core_harness import CoreHub
from tests.mockserver.raw_peer import RawPeer
from tests.mockserver.settings import until

from eventshub_mockserver import (
    HubConfig,
    HubServer,
    Ids,
    ManualClock,
    Publish,
    Published,
    SimulatedFleet,
    messages,
    models,
)
from eventshub_mockserver.core.clock import Clock
from eventshub_mockserver.core.message import Message


def stream_of(seed: int, steps: int = 400) -> list[dict[str, Any]]:
    """What a subscriber to everything gets of a fleet."""
    core = CoreHub(ids=Ids(random.Random(1)))
    peer = core.connect("pdfm,orchestrator,system")
    events: list[dict[str, Any]] = []
    for wait in islice(SimulatedFleet(seed=seed).run(core.hub.publish_message, core.clock), steps):
        core.clock.advance(wait)
        events += peer.reads()
    return events


def test_one_seed_is_one_stream() -> None:
    assert json.dumps(stream_of(5)) == json.dumps(stream_of(5))
    assert json.dumps(stream_of(5)) != json.dumps(stream_of(6))


def test_something_of_everything_happens() -> None:
    assert {event["message"] for event in stream_of(1)} == {
        "VM_STATE_CHANGED",
        "HOST_VM_STATE_CHANGED",
        "VM_UPTIME_CHANGED",
        "HOST_VM_UPTIME_CHANGED",
        "MAC_VMS_RUNNING_NOW",
        "HOST_MAC_VMS_RUNNING_NOW",
        "HOST_STATE_CHANGED",
        "HOST_HEALTH_UPDATE",
    }


def test_what_is_told_is_what_is_so() -> None:
    fleet = SimulatedFleet(seed=3, hosts=2, vms_per_host=3)
    host_of = {vm.id: host.id for host in fleet.hosts for vm in host.vms}
    told: dict[str, str] = {vm.id: vm.state for host in fleet.hosts for vm in host.vms}
    told |= {host.id: host.state for host in fleet.hosts}
    core = CoreHub()
    peer = core.connect("pdfm,orchestrator,system")
    for wait in islice(fleet.run(core.hub.publish_message, core.clock), 1000):
        core.clock.advance(wait)
        events = peer.reads()
        for cause, effect in pairwise(events):
            body = cause["body"]
            if cause["message"] in ("VM_STATE_CHANGED", "HOST_STATE_CHANGED"):
                subject = body.get("vm_id") or body["host_id"]
                assert told[subject] == body["previous_state"] != body["current_state"]
                told[subject] = body["current_state"]
            if cause["event_type"] == "pdfm":
                assert effect["message"] == f"HOST_{cause['message']}"
                assert effect["body"]["event"] == body
                assert effect["body"]["host_id"] == host_of.get(body.get("vm_id"), effect["body"]["host_id"])
        for host in fleet.hosts:
            assert told[host.id] == host.state
            assert all(told[vm.id] == vm.state for vm in host.vms)


def unheard(message: Message, *, client_id: str | None = None) -> Published:
    del message, client_id
    return Published("id", 0)


def test_the_rate_is_kept() -> None:
    waits = list(islice(SimulatedFleet(rate=4).run(unheard, ManualClock()), 4000))
    assert 0.2 < sum(waits) / len(waits) < 0.3
    assert max(waits) <= 5


@pytest.mark.parametrize("options", [{"hosts": 0}, {"vms_per_host": 0}, {"rate": 0}, {"rate": -1}])
def test_an_impossible_fleet_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least one host"):
        SimulatedFleet(**options)


class Once:
    """Publishes one event for everyone and ends."""

    def run(self, publish: Publish, clock: Clock) -> Iterator[float]:
        yield 0.01
        publish(messages.Shutdown(body=models.ShutdownBody(reason=f"{clock.time():.0f}")))


class Broken:
    """Publishes what the spec does not allow."""

    def run(self, publish: Publish, clock: Clock) -> Iterator[float]:
        yield clock.monotonic() * 0
        publish(messages.VmRemoved(body=models.VmRemovedBody(vm_id="")))


async def test_sources_run_with_the_hub_and_a_broken_one_harms_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    published: list[Message] = []

    class Endless:
        def run(self, publish: Publish, clock: Clock) -> Iterator[float]:
            while clock.monotonic() >= 0:
                yield 0.01
                message = messages.VmRemoved(body=models.VmRemovedBody(vm_id="vm"))
                assert isinstance(publish(message), Published)
                published.append(message)

    async with HubServer(HubConfig(sources=(Broken(), Once(), Endless()))) as hub:
        peer = await RawPeer.subscribe(hub.url, hub.token, "pdfm")
        messages_seen = {(await peer.read_event())["message"] for _ in range(5)}
        assert "VM_REMOVED" in messages_seen
        await peer.end()
    assert "Broken" in caplog.text
    count = len(published)
    await asyncio.sleep(0.05)
    assert len(published) == count
    await until(lambda: len(asyncio.all_tasks()) == 1)
