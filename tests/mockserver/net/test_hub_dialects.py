"""Every difference between the dialects, on the wire: both sides of each row of the table."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from tests.mockserver.core_harness import VM
from tests.mockserver.raw_peer import CLOSE, Answer, RawPeer
from tests.mockserver.settings import CLAIMLESS, OTHER, READER

from eventshub_mockserver import HubServer, Token, VirtualClock
from eventshub_mockserver.core.dialect import DIALECTS, DIFFERENCES

NOBODY = "4d0c8a52-6f1b-4c8e-9a37-b2e5d10f7c64"
BEARER = {"Authorization": f"Bearer {READER}"}


@dataclass(frozen=True)
class Bench:
    """What a case needs: ways to start a hub of its dialect, and to connect to it."""

    start: Callable[..., Awaitable[HubServer]]
    subscribe: Callable[..., Awaitable[RawPeer]]
    dial: Callable[[HubServer], Awaitable[RawPeer]]

    async def ask(self, hub: HubServer, token: str = READER) -> Answer:
        return await (await self.dial(hub)).upgrade("/v1/ws/subscribe", {"Authorization": f"Bearer {token}"})

    async def unsubscribe(self, hub: HubServer, client_id: str, *channels: str) -> Answer:
        body = json.dumps({"client_id": client_id, "event_types": channels}).encode()
        headers = {"Host": "hub", "Content-Type": "application/json", "Content-Length": str(len(body))}
        peer = await self.dial(hub)
        return await peer.request("POST /v1/ws/unsubscribe HTTP/1.1", {**headers, **BEARER}, body)


async def unauthorized_is_oauth(bench: Bench) -> bool:
    body = json.loads((await bench.ask(await bench.start(), "wrong")).body)
    if body.keys() == {"error", "error_description"}:
        assert body["error"] == "invalid_token"
        return True
    assert body["code"] == 401
    return False


async def missing_claim_status(bench: Bench) -> int:
    return (await bench.ask(await bench.start(), CLAIMLESS)).status


async def ends_with_credential(bench: Bench) -> bool:
    clock = VirtualClock()
    brief = Token("brief", READER, expires_at=clock.time() + 5)
    hub = await bench.start(
        credentials=(brief, Token("other", OTHER)), connections_per_address=None, clock=clock
    )
    expired, revoked = await bench.subscribe(hub, "pdfm"), await bench.subscribe(hub, "pdfm", token=OTHER)
    hub.revoke("other")
    await clock.advance_async(6)
    assert (await bench.ask(hub)).status == 401
    hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    await clock.advance_async(1)
    frames = [await peer.read_frame() for peer in (expired, revoked)]
    assert len({opcode for opcode, _ in frames}) == 1
    if frames[0][0] == CLOSE:
        assert [payload[:2] for _, payload in frames] == [b"\x03\xf0"] * 2
        return True
    return False


async def connections_per_address(bench: Bench) -> int | None:
    hub = await bench.start()
    await bench.subscribe(hub)
    return 1 if (await bench.ask(hub)).status == 409 else None


async def flush_interval(bench: Bench) -> float:
    hub = await bench.start(clock=(clock := VirtualClock()))
    peer = await bench.subscribe(hub, "pdfm")
    hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    waited = 0.0
    while True:
        for _ in range(3):  # long enough for what was written; time that passes is in the hub's hands
            await asyncio.sleep(0.01)
        if hub.connections[0]["queue_depth"] == 0:
            await peer.read_event()
            return round(waited, 3)
        await clock.advance_async(0.05)
        waited += 0.05


async def reads_aliases(bench: Bench) -> bool:
    peer = await bench.subscribe(await bench.start(), "health")
    peer.say({"event_type": "health", "message": "ping", "id": "1"})
    assert (await peer.read_event())["message"] == "pong"
    peer.say({"type": "health", "message": "ping", "id": "2"})
    answer = await peer.read_event()
    assert answer["ref_id"] == "2"
    return bool(answer["message"] == "pong")


async def commands_need_subscription(bench: Bench) -> bool:
    peer = await bench.subscribe(await bench.start(), "pdfm")
    peer.say({"event_type": "health", "message": "ping", "id": "1"})
    return bool((await peer.read_event())["message"] != "pong")


async def unsubscribe_is_detailed(bench: Bench) -> bool:
    hub = await bench.start()
    await bench.subscribe(hub, "pdfm,health")
    client_id = hub.connections[0]["id"]
    whole = await bench.unsubscribe(hub, client_id, "pdfm")
    part = await bench.unsubscribe(hub, client_id, "health", "nope")
    assert hub.connections[0]["event_subscriptions"] == ["global"]
    assert (whole.status, part.status) == (200, 200)
    told = json.loads(part.body)
    assert "nope" in told["message"]
    if whole.body == b"":
        assert told.keys() == {"code", "message"}
        return False
    assert json.loads(whole.body)["unsubscribed"] == ["pdfm"]
    return True


async def unknown_client_status(bench: Bench) -> int:
    return (await bench.unsubscribe(await bench.start(), NOBODY, "pdfm")).status


async def errors_have_diagnostics(bench: Bench) -> bool:
    peer = await bench.dial(await bench.start())
    answer = await peer.upgrade("/v1/ws/subscribe", {**BEARER, "Upgrade": ""})
    body = json.loads(answer.body)
    assert body["code"] == answer.status == 426
    if "diagnostics" in body:
        assert body["diagnostics"] == {"errors": [{"code": "426", "message": body["message"]}]}
        return True
    return False


async def says_goodbye(bench: Bench) -> bool:
    hub = await bench.start()
    peer = await bench.subscribe(hub)
    stopping = asyncio.create_task(hub.stop())
    try:
        code, _, (event,) = await peer.read_close()
    except asyncio.IncompleteReadError:
        return False
    else:
        assert (code, event["message"]) == (1001, "SHUTDOWN")
        return True
    finally:
        peer.close()
        await stopping


CASES = {
    name: case
    for name, case in globals().items()
    if inspect.iscoroutinefunction(case) and case.__module__ == __name__
}


def test_every_row_of_the_table_has_its_case() -> None:
    assert set(CASES) == {difference.attribute for difference in DIFFERENCES}


@pytest.mark.parametrize("dialect", ["guide", "service"])
@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda d: d.attribute)
async def test_each_dialect_does_what_the_table_says(
    difference: Any, dialect: str, start_hub: Any, subscribe: Any, dial: Any
) -> None:
    async def start(**options: Any) -> HubServer:
        return await start_hub(dialect=dialect, **options)  # type: ignore[no-any-return] # a fixture's

    seen = await CASES[difference.attribute](Bench(start, subscribe, dial))
    assert seen == getattr(DIALECTS[dialect], difference.attribute)


async def test_what_is_configured_counts_in_either_dialect(start_hub: Any, subscribe: Any, dial: Any) -> None:
    hub = await start_hub(
        dialect="service", connections_per_address=1, commands_need_subscription=True, flush_interval=0.0
    )
    bench = Bench(start_hub, subscribe, dial)
    peer = await subscribe(hub, "pdfm")
    assert (await bench.ask(hub)).status == 409
    peer.say({"event_type": "health", "message": "ping", "id": "1"})
    assert (await peer.read_event())["message"] == "error"
