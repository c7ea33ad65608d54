"""Sources that are worked through the control surface of a hub that runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.mockserver.control_client import ControlClient
from tests.mockserver.core_harness import VM
from tests.mockserver.net.conftest import Subscribe
from tests.mockserver.settings import until

from eventshub_mockserver import HubServer


async def test_sources_are_started_listed_and_stopped(
    control: ControlClient, hub: HubServer, subscribe: Subscribe
) -> None:
    peer = await subscribe(hub, "pdfm,orchestrator")
    started = await control.post("/sources", 201, source="simulation", hosts=1, vms_per_host=1, rate=0.001)
    assert started == {"number": 1, "source": "simulation", "name": ""}
    assert (await peer.read_event())["message"] == "HOST_ADDED"
    (host,) = (await control.get("/fleet")).values()
    assert len(host["vms"]) == 1
    examples = await control.post("/sources", 201, source="examples", drawn=0, interval=3600)
    assert [one["number"] for one in (await control.get("/sources"))["running"]] == [1, examples["number"]]
    assert await control.delete("/sources/1") == {"removed": 1}
    assert (await control.delete("/sources/1", 404)).startswith("number: ")
    assert await control.delete("/sources") == {"removed": 1}
    assert await control.get("/sources") == {"running": [], "failures": []}
    assert "riot" in await control.post("/sources", 400, source="simulation", chances={"riot": 1})
    await control.post("/fleet/tell", 409, client_id=hub.connections[0]["id"])


async def test_scenarios_come_from_the_library_or_as_text(
    control: ControlClient, hub: HubServer, subscribe: Subscribe
) -> None:
    peer = await subscribe(hub, "pdfm")
    publish = "publish: {channel: pdfm, message: VM_REMOVED, body: {vm_id: '${vm}'}}"
    text = f"variables: {{vm: vm-0}}\nsteps:\n  - {publish}\n"
    started = await control.post("/sources", 201, source="scenario", yaml=text, variables={"vm": "vm-9"})
    assert started["name"] == "scenario"
    assert (await peer.read_event())["body"] == {"vm_id": "vm-9"}
    named = await control.post("/sources", 201, source="scenario", name="vm-flapping", seed=1)
    assert named["name"] == "vm-flapping"
    expectation = "steps:\n  - expect: {command: {channel: health, message: ping}, within: 0}\n"
    await control.post("/sources", 201, source="scenario", yaml=expectation)
    page = await control.get("/journal", kind="scenario", wait=10)
    assert page["entries"]
    await until(lambda: len(hub.scenario_failures) == 1)
    (failure,) = (await control.get("/sources"))["failures"]
    assert failure["place"] == "scenario.yaml:2:5"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"source": "scenario"}, "name, yaml: give exactly one"),
        ({"source": "scenario", "name": "/etc/passwd"}, "name: there is no scenario"),
        ({"source": "scenario", "name": "secret.yaml"}, "name: there is no scenario"),
        ({"source": "scenario", "yaml": "steps:\n  - dance: 1"}, "scenario.yaml:2:5: there is no 'dance'"),
        (
            {"source": "scenario", "yaml": "steps: [{include: {scenario: /etc/passwd.yaml}}]"},
            "scenario.yaml:1:20: passwd.yaml is not of the library",
        ),
        (
            {"source": "scenario", "yaml": "steps: [{include: {scenario: ../config.yaml}}]"},
            "scenario.yaml:1:20: config.yaml is not of the library",
        ),
        ({"source": "replay", "recording": "{}\nnonsense"}, "recording:1: this is no line of a recording"),
    ],
)
async def test_a_source_that_cannot_be_made_is_explained(
    control: ControlClient, body: dict[str, Any], says: str
) -> None:
    assert says in await control.post("/sources", 400, **body)


async def test_a_text_may_include_a_part_of_the_library(control: ControlClient) -> None:
    text = "steps: [{include: {scenario: vm-flapping}}]"
    await control.post("/sources", 201, source="scenario", yaml=text)


async def test_a_recording_is_replayed(control: ControlClient, hub: HubServer, subscribe: Subscribe) -> None:
    peer = await subscribe(hub, "pdfm")
    frames = [{"event_type": "pdfm", "message": "VM_STATE_CHANGED", "body": VM}] * 2
    lines = [json.dumps({"elapsed": 3600.0 * index, "frame": frame}) for index, frame in enumerate(frames)]
    await control.post("/sources", 201, source="replay", recording="\n".join(lines), speed="max")
    assert [(await peer.read_event())["body"] for _ in range(2)] == [VM, VM]


async def test_a_latecomer_is_told_what_there_is(
    control: ControlClient, hub: HubServer, subscribe: Subscribe
) -> None:
    await control.post("/sources", 201, source="simulation", hosts=2, vms_per_host=2, rate=0.001)
    peer = await subscribe(hub, "pdfm")
    (connection,) = await control.get("/connections")
    told = (await control.post("/fleet/tell", client_id=connection["id"]))["events"]
    events = [await peer.read_event() for _ in range(told)]
    assert {event["client_id"] for event in events} == {connection["id"]}
    added = {event["body"]["vm_id"] for event in events if event["message"] == "VM_ADDED"}
    fleet = await control.get("/fleet")
    assert added == {vm for host in fleet.values() for vm in host["vms"]}
    await control.post("/fleet/tell", 404, client_id="nobody")
