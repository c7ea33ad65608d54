"""Faults of replies to commands, as a bare socket sees them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.mockserver.fault_peers import nothing_comes, publish, read_vm
from tests.mockserver.raw_peer import RawPeer

from eventshub_mockserver import HubServer, ManualClock


def ping(peer: RawPeer, ref_id: str) -> None:
    peer.say({"type": "health", "message": "ping", "id": ref_id})


@pytest.mark.parametrize(("given", "seen"), [({}, "no-such-command"), ({"ref_id": "mine"}, "mine")])
async def test_wrong_ref_id(hub: HubServer, subscribe: Any, given: dict[str, Any], seen: str) -> None:
    peer = await subscribe(hub, "health")
    hub.faults.add("wrong-ref-id", times=1, **given)
    ping(peer, "p-1")
    assert (await peer.read_event())["ref_id"] == seen
    ping(peer, "p-2")
    assert (await peer.read_event())["ref_id"] == "p-2"


async def test_late_reply_is_overtaken(start_hub: Any, subscribe: Any) -> None:
    clock = ManualClock()
    hub = await start_hub(clock=clock)
    peer = await subscribe(hub, "health,pdfm")
    hub.faults.add("late-reply", seconds=60, times=1)
    ping(peer, "p-1")
    ping(peer, "p-2")
    assert (await peer.read_event())["ref_id"] == "p-2"
    publish(hub)
    assert await read_vm(peer) == "vm-1"
    clock.advance(29)
    hub.publish("health", "ping")
    assert (await peer.read_event())["message"] == "ping"
    hub.faults.clear()
    assert (await peer.read_event())["ref_id"] == "p-1"


async def test_delay_of_a_reply_holds_up_what_follows(start_hub: Any, subscribe: Any) -> None:
    clock = ManualClock()
    hub = await start_hub(clock=clock)
    peer = await subscribe(hub, "health,pdfm")
    hub.faults.add("delay", step="reply", seconds=20)
    ping(peer, "p-1")
    ping(peer, "p-2")
    await nothing_comes(peer)
    publish(hub)
    clock.advance(20)
    assert (await peer.read_event())["ref_id"] == "p-1"
    assert (await peer.read_event())["ref_id"] == "p-2"
    assert await read_vm(peer) == "vm-1"


async def test_missing_reply_drops_the_json_pong(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "health,system")
    hub.faults.add("missing-reply", message="pong")
    ping(peer, "p-1")
    peer.say({"type": "system", "message": "client-id", "id": "c-1"})
    assert (await peer.read_event())["ref_id"] == "c-1"


async def test_missing_reply_drops_an_error_as_well(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "health")
    hub.faults.add("missing-reply", message="error")
    peer.say({"type": "health", "message": "no such thing", "id": "e-1"})
    ping(peer, "p-1")
    assert (await peer.read_event())["ref_id"] == "p-1"


async def test_foreign_reply_names_another_connection(hub: HubServer, subscribe: Any) -> None:
    asker, other = await subscribe(hub, "health"), await subscribe(hub, "health")
    own, foreign = [entry["id"] for entry in hub.connections]
    hub.faults.add("foreign-reply", connection=own)
    ping(asker, "p-1")
    reply = await asker.read_event()
    assert (reply["client_id"], reply["ref_id"]) == (foreign, "p-1")
    ping(other, "p-2")
    assert (await other.read_event())["client_id"] == foreign


async def test_foreign_reply_makes_a_client_up_if_there_is_no_other(hub: HubServer, subscribe: Any) -> None:
    asker = await subscribe(hub, "health")
    hub.faults.add("foreign-reply")
    ping(asker, "p-1")
    assert (await asker.read_event())["client_id"] != hub.connections[0]["id"]


async def test_foreign_reply_goes_to_another_connection(hub: HubServer, subscribe: Any) -> None:
    asker, other = await subscribe(hub, "health"), await subscribe(hub, "health")
    own = hub.connections[0]["id"]
    hub.faults.add("foreign-reply", route="other", times=1)
    ping(asker, "p-1")
    reply = await other.read_event()
    assert (reply["client_id"], reply["ref_id"]) == (own, "p-1")
    ping(asker, "p-2")
    assert (await asker.read_event())["ref_id"] == "p-2"


async def test_foreign_reply_to_another_is_lost_where_there_is_none(hub: HubServer, subscribe: Any) -> None:
    asker = await subscribe(hub, "health")
    hub.faults.add("foreign-reply", route="other", times=1)
    ping(asker, "p-1")
    ping(asker, "p-2")
    assert (await asker.read_event())["ref_id"] == "p-2"
