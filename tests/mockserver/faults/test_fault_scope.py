"""For whom a fault is, how often it strikes, and what is told of it."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest
from tests.mockserver.core_harness import VM, CoreHub
from tests.mockserver.fault_peers import publish, read_vm, strikes, upgrade
from tests.mockserver.raw_peer import PING
from tests.mockserver.settings import OTHER, READER, until

from eventshub_mockserver import (
    ActiveFault,
    FaultError,
    FaultRule,
    HubConfig,
    HubServer,
    Token,
    UnknownFaultError,
    serve_for_tests,
    serve_in_thread,
)
from eventshub_mockserver.core.connection import Connection
from eventshub_mockserver.faults.injector import FaultInjector


async def test_a_fault_of_one_connection(hub: HubServer, subscribe: Any) -> None:
    meant, other = await subscribe(hub, "pdfm"), await subscribe(hub, "pdfm")
    hub.faults.add("skip", connection=hub.connections[0]["id"], message="VM_STATE_CHANGED")
    publish(hub)
    hub.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-9"})
    assert await read_vm(meant) == "vm-9"
    assert await read_vm(other) == "vm-1"


async def test_nothing_of_a_connection_is_kept_when_it_has_gone(hub: HubServer, subscribe: Any) -> None:
    hub.faults.add("bandwidth", rate=1e6)
    hub.faults.add("close", after=86_400)
    hub.faults.add("delay", step="pong", seconds=3600)
    hub.faults.add("delay", channel="pdfm", seconds=3600)
    peer = await subscribe(hub, "pdfm")
    client_id = hub.connections[0]["id"]
    publish(hub)
    peer.send(PING)
    await until(lambda: len(strikes(hub)) == 4)
    assert alive(client_id)
    peer.close()
    await until(lambda: not hub.connections)
    await until(lambda: not alive(client_id))


def alive(client_id: str) -> list[Connection]:
    """What is left in memory of a connection."""
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, Connection) and one.id == client_id]


async def test_a_fault_of_one_credential(hub: HubServer, subscribe: Any) -> None:
    meant, other = await subscribe(hub, "pdfm", token=OTHER), await subscribe(hub, "pdfm", token=READER)
    hub.faults.add("duplicate", credential="other", times=1)
    publish(hub)
    publish(hub, "vm-2")
    assert [await read_vm(meant) for _ in range(3)] == ["vm-1", "vm-1", "vm-2"]
    assert [await read_vm(other) for _ in range(2)] == ["vm-1", "vm-2"]


def skipped(seed: int, probability: float = 0.5) -> list[int]:
    """Which of 200 events a seeded fault keeps from a subscriber."""
    core = CoreHub()
    faults = FaultInjector(core.hub)
    peer = core.connect("pdfm")
    faults.add("skip", probability=probability, seed=seed)
    for number in range(200):
        core.hub.publish("pdfm", "VM_STATE_CHANGED", {**VM, "vm_id": str(number)})
    (active,) = faults.active()
    came = {int(event["body"]["vm_id"]) for event in peer.reads()}
    missing = [number for number in range(200) if number not in came]
    assert active.struck == len(missing)
    return missing


def test_a_seeded_probability_strikes_the_same_again() -> None:
    assert skipped(7) == skipped(7) != skipped(8)
    assert 60 < len(skipped(7)) < 140
    assert (len(skipped(7, 0.0)), len(skipped(7, 1.0))) == (0, 200)


async def test_what_is_active_and_how_often_it_has_struck(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    rule = FaultRule("skip", {"channel": "pdfm"}, times=2)
    first, second = hub.faults.add(rule), hub.faults.add({"fault": "duplicate", "copies": 3})
    assert (first, second) == (1, 2)
    for number in range(3):
        publish(hub, f"vm-{number}")
    assert [await read_vm(peer) for _ in range(4)] == ["vm-2"] * 4
    spent, active = hub.faults.active()
    assert (spent, spent.is_spent) == (ActiveFault(1, rule, 2), True)
    assert (active.number, active.struck, active.is_spent) == (2, 3, False)
    hub.faults.remove(1)
    with pytest.raises(UnknownFaultError, match="1"):
        hub.faults.remove(1)
    hub.faults.clear()
    assert hub.faults.active() == []
    assert hub.faults.add("skip") == 3, "numbers go on"


async def test_as_a_context_manager_it_is_removed_at_the_end(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    with hub.faults.add("skip") as number:
        assert [active.number for active in hub.faults.active()] == [number]
        publish(hub, "vm-1")
    publish(hub, "vm-2")
    assert await read_vm(peer) == "vm-2"
    with hub.faults.add("skip"):
        hub.faults.clear()


async def test_a_wrong_fault_changes_nothing(hub: HubServer) -> None:
    with pytest.raises(FaultError, match="status"):
        hub.faults.add("refuse", status=1000)
    assert hub.faults.active() == []


async def test_each_strike_is_in_the_journal(start_hub: Any, subscribe: Any, dial: Any) -> None:
    hub = await start_hub(journal=True, connections_per_address=None)
    peer = await subscribe(hub, "pdfm", token=OTHER)
    hub.faults.add("refuse", credential="reader")
    hub.faults.add("skip")
    hub.faults.add("fragment")
    await upgrade(await dial(hub))
    publish(hub)
    assert strikes(hub) == [("refuse", 1, "reader"), ("skip", 2, "other"), ("fragment", 3, "other")]
    _, skip, _ = hub.journal.select(*{entry.kind for entry in hub.journal if entry.fault})
    assert (skip.connection, skip.channel, skip.message) == (
        hub.connections[0]["id"],
        "pdfm",
        "VM_STATE_CHANGED",
    )
    assert "skip #2" in str(skip)
    lines = [json.loads(line) for line in hub.journal.json_lines().splitlines()]
    assert [line["fault_number"] for line in lines if line["kind"] == "fault"] == [1, 2, 3]
    assert "s3cret" not in hub.journal.json_lines()
    hub.faults.clear()
    publish(hub)
    assert await read_vm(peer) == "vm-1"


async def test_the_journal_shows_what_a_fault_has_made_of_a_message(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub(journal=True)
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("fragment", pieces=3, times=1)
    publish(hub)
    publish(hub)
    hub.faults.add("invalid-utf8", times=1)
    publish(hub)
    while len(hub.journal.sent("pdfm")) < 2:
        await peer.reader.read(100)
    whole, broken = hub.journal.sent()[1], hub.journal.sent()[-1]
    assert whole.data["body"] == {**VM, "vm_id": "vm-1"}
    assert (broken.data, "\\xff" in (broken.text or "")) == (None, True)


def test_from_another_thread() -> None:
    with serve_in_thread(HubConfig(credentials=(Token("ci", "s3cret"),))) as hub:
        with hub.faults.add("refuse", status=503, times=2) as number:
            (active,) = hub.faults.active()
            assert (active.number, active.rule.as_dict()) == (number, {"fault": "refuse", "times": 2})
        assert hub.faults.active() == []
        hub.faults.remove(hub.faults.add("skip"))
        hub.faults.add("skip")
        hub.faults.clear()
        assert hub.faults.active() == []
        with pytest.raises(UnknownFaultError):
            hub.faults.remove(1)
        with pytest.raises(FaultError):
            hub.faults.add("no-such-fault")


def test_a_reset_brings_the_faults_of_the_configuration_back() -> None:
    with serve_for_tests(HubConfig(faults=(FaultRule("skip", times=1),))) as hub:
        hub.faults.add("duplicate")
        hub.reset()
        assert [active.rule for active in hub.faults.active()] == [FaultRule("skip", times=1)]


def test_without_faults_nothing_comes_between() -> None:
    core = CoreHub()
    faults = FaultInjector(core.hub)
    assert core.hub.interference is None
    faults.add("refuse")
    assert core.hub.interference is None, "a fault of requests costs messages nothing"
    with faults.add("skip"):
        peer = core.connect("pdfm")
        core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
        assert peer.reads() == []
    core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    assert len(peer.reads()) == 1
