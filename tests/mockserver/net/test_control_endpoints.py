"""What each call of the control surface does to a hub that runs."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest
from tests.mockserver.control_client import ControlClient
from tests.mockserver.core_harness import VM
from tests.mockserver.net.conftest import Control, StartHub, Subscribe
from tests.mockserver.raw_peer import BINARY, PING, PONG, TEXT
from tests.mockserver.settings import CONTROL, OTHER, READER, until
from tests.mockserver.spec_oracle import checked_error

from eventshub_mockserver import FaultRule, HubServer, Kind, SimulatedFleet, VirtualClock
from eventshub_mockserver.net.control.table import ENDPOINTS

AUTHORIZED = {"Authorization": f"Bearer {CONTROL}"}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=[endpoint.name for endpoint in ENDPOINTS])
async def test_no_call_without_the_credential(hub: HubServer, endpoint: Any) -> None:
    path = f"{hub.control_url}{endpoint.path.replace('{number}', '1')}"
    async with httpx.AsyncClient() as http:
        for token in ("x", READER):
            answer = await http.request(endpoint.method, path, headers={"Authorization": f"Bearer {token}"})
            checked_error(401, answer.headers, answer.content)
            assert answer.status_code == 401


async def test_what_is_not_known_is_refused_by_its_name(control: ControlClient) -> None:
    assert await control.get("/clock", 400, zone="UTC") == "zone: there is no such field"
    assert await control.get("/journal", 400, limit=0) == "limit: expected `int` >= 1"
    assert await control.post("/clock/advance", 400) == "seconds: it is missing"
    assert await control.post("/reset", 400, seed="x") == "seed: expected `int`, got `str`"
    assert (await control.post("/sources", 400, source="rumour")).startswith("source: invalid value")
    assert (await control.post("/faults", 400, fault="refuse", status=900)) == "status: expected `int` <= 599"


async def test_connections_are_closed_with_a_code(
    control: ControlClient, hub: HubServer, subscribe: Subscribe
) -> None:
    one, other = await subscribe(hub), await subscribe(hub)
    first = (await control.get("/connections"))[0]["id"]
    assert await control.post("/connections/close", client_id=first, code=4001, reason="go") == {"closed": 1}
    assert (await one.read_close())[:2] == (4001, "go")
    one.close()
    await until(lambda: len(hub.connections) == 1)
    assert await control.post("/connections/close") == {"closed": 1}
    assert (await other.read_close())[0] == 1001
    assert "code: close code 1006" in await control.post("/connections/close", 400, code=1006)
    assert (await control.post("/connections/close", 404, client_id="x")).startswith("client_id: ")


async def test_a_credential_is_revoked_and_restored(
    control: ControlClient, hub: HubServer, subscribe: Subscribe
) -> None:
    mine, another = await subscribe(hub, "pdfm"), await subscribe(hub, token=OTHER)
    await control.post("/credentials/revoke", 204, name="other")
    assert (await another.read_close())[:2] == (1008, "the credential was revoked")
    another.close()
    await until(lambda: len(hub.connections) == 1)
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {OTHER}"}) as http:
        assert (await http.get(f"{hub.url}/v1/ws/stats")).status_code == 401
    await control.post("/credentials/revoke", 204, name="other")
    await control.post("/credentials/restore", 204, name="other")
    (await subscribe(hub, token=OTHER)).close()
    hub.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-1"})
    assert json.loads((await mine.read_frame())[1])["message"] == "VM_REMOVED"
    for call in ("revoke", "restore"):
        answer = await control.post(f"/credentials/{call}", 404, name="nobody")
        assert answer.startswith("name: the hub")
    assert OTHER not in hub.journal.json_lines()


async def test_raw_messages_and_bytes(control: ControlClient, hub: HubServer, subscribe: Subscribe) -> None:
    peer = await subscribe(hub)
    client_id = hub.connections[0]["id"]
    assert await control.post("/connections/send", client_id=client_id, text="{no") == {"bytes": 5}
    assert await peer.read_frame() == (TEXT, b"{no")
    binary = base64.b64encode(b"\x00\x01").decode()
    await control.post("/connections/send", client_id=client_id, binary=binary)
    assert await peer.read_frame() == (BINARY, b"\x00\x01")
    await control.post("/connections/send", client_id=client_id, wire=base64.b64encode(b"\xff\xff").decode())
    assert await peer.reader.readexactly(2) == b"\xff\xff"
    assert "{no" in [entry.text for entry in hub.journal.sent()]
    assert "exactly one" in await control.post("/connections/send", 400, client_id=client_id)
    assert "exactly one" in await control.post(
        "/connections/send", 400, client_id=client_id, text="", binary=binary
    )
    await control.post("/connections/send", 404, client_id="x", text="")


async def test_the_journal_is_asked_as_in_python(
    control: ControlClient, hub: HubServer, subscribe: Subscribe
) -> None:
    peer = await subscribe(hub, "pdfm,health")
    peer.say({"event_type": "health", "message": "ping", "id": "1"})
    await peer.read_event()
    for vm in ("vm-1", "vm-2"):
        hub.publish("pdfm", "VM_REMOVED", {"vm_id": vm})
        await peer.read_event()
    (received,) = (await control.get("/journal", kind="received"))["entries"]
    assert (received["channel"], received["principal"]) == ("health", "reader")
    assert json.loads(received["text"])["id"] == "1"
    both = await control.get("/journal", kind=["sent", "received"], channel="health")
    assert [entry["message"] for entry in both["entries"]] == ["ping", "pong"]
    for query, found in (
        ({"where": "$.body.vm_id"}, 2),
        ({"where": "$.body.vm_id", "equals": "vm-2"}, 1),
        ({"where": "$.body.vm_id", "equals": '"vm-2"'}, 1),
        ({"where": "$.body[?@ == 'vm-1']"}, 1),
        ({"where": "$.ref_id", "equals": "1"}, 0),
        ({"where": "$.ref_id", "equals": '"1"'}, 1),
        ({"status": 101}, 1),
        ({"connection": received["connection"], "kind": "handshake"}, 1),
        ({"principal": "other"}, 0),
    ):
        page = await control.get("/journal", **query)
        assert len(page["entries"]) == found, query
        assert (await control.get("/journal/counts", **query))["total"] == found
    counts = (await control.get("/journal/counts"))["counts"]
    assert (counts["sent"], counts["handshake"], counts["published"]) == (4, 1, 2)
    assert (await control.get("/journal", 400, where="$[")).startswith("where: ")
    assert (await control.get("/journal", 400, equals="x")).startswith("equals: ")


async def test_the_journal_is_read_in_pages(control: ControlClient, hub: HubServer) -> None:
    for number in range(5):
        hub.publish("pdfm", "VM_REMOVED", {"vm_id": f"vm-{number}"})
    seen: list[int] = []
    after = 0
    while page := await control.get("/journal", kind="published", limit=2, after=after):
        seen += [entry["number"] for entry in page["entries"]]
        after = page["last"]
        if not page["entries"]:
            break
    assert seen == [1, 2, 3, 4, 5]


async def test_the_journal_answers_as_soon_as_there_is_something(
    control: ControlClient, hub: HubServer, subscribe: Subscribe
) -> None:
    asked = asyncio.create_task(control.get("/journal", kind="handshake", status=101, wait=15))
    await until(lambda: len(hub.recorder.listeners) == 1)
    assert not asked.done()
    await subscribe(hub, "pdfm")
    async with asyncio.timeout(10):
        (entry,) = (await asked)["entries"]
    assert entry["channels"] == ["pdfm", "global"]
    assert (await control.get("/journal", kind="evicted", wait=0.01))["entries"] == []
    assert hub.recorder.listeners == []


async def test_every_call_is_in_the_journal_and_no_secret(control: ControlClient, hub: HubServer) -> None:
    await control.get("/clock")
    await control.post("/faults", 400, fault="nothing")
    calls = hub.journal.select(Kind.CONTROL)
    assert [(entry.detail, entry.status) for entry in calls] == [
        ("GET /control/clock", 200),
        ("POST /control/faults", 400),
    ]
    assert CONTROL not in await control.get("/journal/json-lines")


async def test_the_journal_is_exported_and_forgotten(
    control: ControlClient, hub: HubServer, subscribe: Subscribe
) -> None:
    await subscribe(hub)
    lines = [json.loads(line) for line in (await control.get("/journal/json-lines")).splitlines()]
    assert [line["kind"] for line in lines] == ["handshake", "sent"]
    (exchange, *_) = (await control.get("/journal/har"))["log"]["entries"]
    assert len(exchange["_webSocketMessages"]) == 1
    assert (await control.get("/journal/har", kind="received"))["log"]["entries"] == []
    await control.delete("/journal", 204)
    assert [entry.kind for entry in hub.journal] == [Kind.CONTROL]


async def test_faults_are_added_listed_and_removed(
    control: ControlClient, hub: HubServer, subscribe: Subscribe
) -> None:
    rule = {"fault": "skip", "channel": "pdfm", "times": 1}
    assert (await control.post("/faults", 201, **rule)) == {"number": 1}
    peer = await subscribe(hub, "pdfm")
    for vm in ("vm-1", "vm-2"):
        hub.publish("pdfm", "VM_REMOVED", {"vm_id": vm})
    assert (await peer.read_event())["body"] == {"vm_id": "vm-2"}
    assert await control.get("/faults") == [{"number": 1, "rule": rule, "struck": 1, "is_spent": True}]
    (entry,) = (await control.get("/journal", fault="skip"))["entries"]
    assert entry["fault_number"] == 1
    assert await control.delete("/faults/1") == {"removed": 1}
    assert (await control.delete("/faults/1", 404)).startswith("number: ")
    await control.post("/faults", 201, fault="refuse", **{"retry-after": 1})
    await control.post("/faults", 201, fault="drop-pong")
    assert await control.delete("/faults") == {"removed": 2}
    assert await control.get("/faults") == []
    text = await control.post("/faults", 409, fault="tls-certificate", file="none.pem", times=1)
    assert "no TLS" in text
    assert "connection" in await control.post("/faults", 400, fault="refuse", connection="x")


async def test_a_fault_that_strikes_the_surface_itself_has_an_end(control: ControlClient) -> None:
    assert (await control.post("/faults", 400, fault="tls-close")).startswith("times: it must be said")
    assert await control.get("/faults") == []
    await control.post("/faults", 201, fault="tls-close", times=1)


async def test_every_example_of_the_catalogue_can_be_posted(control: ControlClient) -> None:
    catalogue = await control.get("/fault-catalogue")
    for entry in catalogue:
        if "connect" not in entry["steps"]:
            await control.post("/faults", 201, **entry["example"])
    kinds = {parameter["type"] for entry in catalogue for parameter in entry["parameters"]}
    assert kinds == {"string", "integer", "number"}
    assert len(catalogue) > 25


async def test_time_passes_when_told_to(
    start_hub: StartHub, subscribe: Subscribe, control_of: Control
) -> None:
    server = await start_hub(clock=VirtualClock())
    control = await control_of(server)
    peer = await subscribe(server)
    before = await control.get("/clock")
    assert (before["elapsed"], before["virtual"]) == (0, True)

    async def answer_pings() -> int:
        for count in range(1, 100):
            opcode, payload = await peer.read_frame()
            assert opcode == PING
            peer.send(PONG, payload)
            if count == 4:
                return count
        return 0

    answered = asyncio.create_task(answer_pings())
    after = await control.post("/clock/advance", seconds=130)
    assert after["elapsed"] == 130
    assert await answered == 4
    assert len(server.connections) == 1
    await control.post("/clock/advance", 400, seconds=-1)


async def test_time_that_passes_by_itself_is_read_only(control: ControlClient) -> None:
    assert (await control.get("/clock"))["virtual"] is False
    assert "--virtual-time" in await control.post("/clock/advance", 409, seconds=1)


async def test_after_a_reset_everything_is_as_after_the_start(
    start_hub: StartHub, subscribe: Subscribe, control_of: Control
) -> None:
    fleet = SimulatedFleet(seed=3, hosts=1, vms_per_host=1, rate=0.001)
    server = await start_hub(
        faults=(FaultRule("refuse", {"step": "rest"}, times=1),),
        sources=(fleet,),
        connections_per_address=None,
    )
    control = await control_of(server)
    seen: list[list[Any]] = []
    for _ in range(2):
        await control.post("/faults", 201, fault="skip")
        await control.post("/sources", 201, source="examples", interval=3600)
        await control.post("/reset", 204, seed=5)
        assert [(fault["number"] > 0, fault["rule"]["fault"]) for fault in await control.get("/faults")] == [
            (True, "refuse")
        ]
        peer = await subscribe(server, "pdfm", OTHER)
        server.publish("pdfm", "VM_STATE_CHANGED", VM)
        event = await peer.read_event()
        page = await control.get("/journal")
        assert [one["source"] for one in (await control.get("/sources"))["running"]] == ["simulation"]
        published = [entry["message"] for entry in page["entries"] if entry["kind"] == "published"]
        seen.append([event["id"], server.connections[0]["id"], published])
    assert seen[0] == seen[1]
    assert "HOST_ADDED" in seen[0][2]


async def test_two_resets_at_once_begin_once(start_hub: StartHub, subscribe: Subscribe) -> None:
    server = await start_hub(sources=(SimulatedFleet(rate=0.001),), faults=(FaultRule("drop-pong"),))
    await subscribe(server, "pdfm")
    await asyncio.gather(server.reset(), server.reset())
    assert (len(server.sources.running), len(server.faults.active())) == (1, 1)


async def test_a_reset_without_a_body(control: ControlClient, hub: HubServer) -> None:
    async with httpx.AsyncClient(base_url=hub.url, headers=AUTHORIZED) as http:
        answer = await http.post("/control/reset")
        assert (answer.status_code, answer.content) == (204, b"")


async def test_a_hub_may_have_a_control_surface_and_no_journal(
    start_hub: StartHub, control_of: Control
) -> None:
    server = await start_hub(journal=False)
    control = await control_of(server)
    for path in ("/journal", "/journal/counts", "/journal/json-lines", "/journal/har"):
        assert "--no-journal" in await control.get(path, 409)
    await control.delete("/journal", 409)
    assert "journal" in await control.post("/sources", 409, source="scenario", name="event-storm")
    assert (await control.get("/clock"))["virtual"] is False


async def test_the_document_is_served_as_it_is_printed(control: ControlClient) -> None:
    document = await control.get("/openapi.json")
    assert document["openapi"] == "3.1.0"
    operations = [(path, method) for path, methods in document["paths"].items() for method in methods]
    assert sorted(operations) == sorted((f"/control{e.path}", e.method.lower()) for e in ENDPOINTS)


async def test_errors_are_the_houses_whatever_the_dialect(start_hub: StartHub, control_of: Control) -> None:
    server = await start_hub(dialect="service")
    control = await control_of(server)
    assert (await control.post("/clock/advance", 400)) == "seconds: it is missing"
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{server.control_url}/clock")
        assert (answer.status_code, answer.json()["code"]) == (401, 401)
