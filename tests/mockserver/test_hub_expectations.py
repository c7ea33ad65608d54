"""Expectations of the conversation, met and unmet by real clients."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

import httpx
import pytest
from tests.mockserver.core_harness import VM
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from eventshub_mockserver import (
    HubForTests,
    InvalidEventError,
    Kind,
    UnknownClientError,
    messages,
    models,
    serve_for_tests,
)

PING = json.dumps({"event_type": "health", "message": "ping"})


@pytest.fixture(scope="module")
def running() -> Iterator[HubForTests]:
    with serve_for_tests() as hub:
        yield hub


@pytest.fixture
def hub(running: HubForTests) -> HubForTests:
    running.reset()
    return running


def address(hub: HubForTests, channels: str) -> str:
    return f"{hub.ws_url}/v1/ws/subscribe?event_types={channels}&access_token={hub.token}"


@contextmanager
def dial(hub: HubForTests, channels: str = "pdfm,health") -> Generator[ClientConnection]:
    with connect(address(hub, channels)) as client:
        client.recv()
        yield client


def unsubscribe(hub: HubForTests, client_id: str, *channels: str) -> None:
    httpx.post(
        f"{hub.url}/v1/ws/unsubscribe",
        json={"client_id": client_id, "event_types": channels},
        headers={"Authorization": f"Bearer {hub.token}"},
    ).raise_for_status()


@contextmanager
def soon(action: Callable[[], object], seconds: float = 0.1) -> Generator[None]:
    """Let something happen in another thread while the block waits for it."""
    timer = threading.Timer(seconds, action)
    timer.start()
    try:
        yield
    finally:
        timer.join()


def test_a_subscription_gives_the_client_id_to_publish_to(hub: HubForTests) -> None:
    with dial(hub, "pdfm") as client:
        client_id = hub.assert_subscribed({"pdfm"})
        assert client_id == hub.assert_subscribed({"pdfm", "global"})
        hub.publish_to(client_id, "system", "SYSTEM_ERROR", {"error": "disk full"}, unchecked=True)
        assert json.loads(client.recv())["body"] == {"error": "disk full"}
        hub.publish_to(client_id, messages.VmRemoved(body=models.VmRemovedBody(vm_id="vm-1")))
        assert json.loads(client.recv())["client_id"] == client_id


def test_publishing_is_checked(hub: HubForTests) -> None:
    with pytest.raises(InvalidEventError):
        hub.publish("pdfm", "VM_STATE_CHANGED", {})
    with pytest.raises(UnknownClientError):
        hub.publish_to("nobody", "pdfm", "VM_STATE_CHANGED", VM)


@pytest.mark.parametrize("channels", [{"health"}, {"pdfm", "health", "system"}, set[str]()])
def test_a_subscription_must_be_exactly_the_expected_one(hub: HubForTests, channels: set[str]) -> None:
    with dial(hub, "pdfm,health"), pytest.raises(AssertionError, match="expected a connection subscribed to"):
        hub.assert_subscribed(channels, timeout=0.05)


def test_a_slip_of_the_pen_is_told(hub: HubForTests) -> None:
    with pytest.raises(TypeError, match=r"channels must be a set such as \{'pdfm'\}, got 'pdfm'"):
        hub.assert_subscribed("pdfm")
    with pytest.raises(AssertionError, match="pdfm, pfdm \\(the spec has no channel pfdm\\)"):
        hub.assert_subscribed({"pdfm", "pfdm"}, timeout=0)
    with pytest.raises(AssertionError, match="health/pnig from a client, which the spec does not have"):
        hub.expect_command("health", "pnig", timeout=0)
    with pytest.raises(LookupError, match="no credential has the name 'defualt': there are default"):
        hub.revoke("defualt")


def test_what_comes_while_it_is_expected_counts_and_what_came_before_too(hub: HubForTests) -> None:
    with dial(hub) as client:
        client.send(PING)
        assert hub.expect_command("health", "ping").data == json.loads(PING)
        with soon(lambda: client.send(PING)):
            hub.expect_command("health", "ping")


def test_an_entry_meets_one_expectation_only(hub: HubForTests) -> None:
    with dial(hub) as client:
        client.send(PING)
        hub.expect_command("health", "ping")
        with pytest.raises(AssertionError, match="health/ping"):
            hub.expect_command("health", "ping", timeout=0.05)


def test_an_unmet_expectation_shows_the_timeline(hub: HubForTests) -> None:
    with dial(hub) as client:
        client.send(PING)
        client.recv()
        with pytest.raises(AssertionError) as failure:
            hub.expect_unsubscribe("pdfm", timeout=0.05)
    first, *timeline = str(failure.value).splitlines()
    assert first == "expected a request that unsubscribes from pdfm: it did not come in 0.05 s"
    assert [line.split()[1] for line in timeline[1:]] == ["handshake", "sent", "received", "sent"]
    assert hub.token not in str(failure.value)


def test_an_unsubscribe_request_must_remove_exactly_the_expected_channels(hub: HubForTests) -> None:
    with dial(hub, "pdfm,health,system"):
        client_id = hub.assert_subscribed({"pdfm", "health", "system"})
        unsubscribe(hub, client_id, "pdfm", "health")
        with pytest.raises(AssertionError):
            hub.expect_unsubscribe("pdfm", timeout=0.05)
        assert hub.expect_unsubscribe("health", "pdfm").connection == client_id
        hub.assert_subscribed({"system"})


def reconnect_after(hub: HubForTests, seconds: float) -> Callable[[], None]:
    """A client that waits for its connection to be closed, then for ``seconds``, and connects again."""

    def run() -> None:
        with dial(hub) as client:
            hub.close_connections()
            with pytest.raises(ConnectionClosed):
                client.recv()
        time.sleep(seconds)  # the delay of a client is what is tested here
        with dial(hub):
            pass

    return run


def test_a_reconnection_in_time_is_met(hub: HubForTests) -> None:
    with soon(reconnect_after(hub, 0.1), 0):
        entry = hub.expect_reconnect(within=2.0, min_delay=0.05)
    assert entry.status == 101


@pytest.mark.parametrize(
    ("within", "min_delay", "says"), [(0.05, 0.0, "passed|too late"), (5.0, 4.0, "too early")]
)
def test_a_reconnection_too_late_or_too_early_is_not(
    hub: HubForTests, within: float, min_delay: float, says: str
) -> None:
    started = time.monotonic()
    with soon(reconnect_after(hub, 0.2), 0), pytest.raises(AssertionError, match=says):
        hub.expect_reconnect(within=within, min_delay=min_delay)
    assert time.monotonic() - started < 3, "it fails as soon as it is known"


def test_a_reconnection_without_an_end_is_not_met(hub: HubForTests) -> None:
    with dial(hub), pytest.raises(AssertionError, match="did not come in"):
        hub.expect_reconnect(within=0.02, timeout=0.03)


def test_a_condition_may_be_about_the_journal_or_about_anything(hub: HubForTests) -> None:
    seen: list[int] = []
    with dial(hub) as client:
        with soon(lambda: client.send(PING)):
            hub.wait_for(lambda journal: len(journal.received()) == 1)
        with soon(lambda: seen.append(1)):
            hub.wait_for(lambda _: seen == [1])
        with pytest.raises(AssertionError, match="the condition to hold"):
            hub.wait_for(lambda _: False, timeout=0.02)
        with pytest.raises(ZeroDivisionError):
            hub.wait_for(lambda _: 1 / 0)


def test_two_may_wait_at_once(hub: HubForTests) -> None:
    with dial(hub) as client:
        found: list[object] = []
        expecting = soon(lambda: found.append(hub.expect_command("health", "ping")), 0)
        with expecting, soon(lambda: client.send(PING)):
            hub.wait_for(lambda journal: len(journal.received()) == 1)
        assert len(found) == 1


async def test_in_an_event_loop_the_test_and_its_client_go_on_while_it_waits(hub: HubForTests) -> None:
    async def application() -> None:
        async with connect_async(address(hub, "pdfm,health")) as client:
            await client.send(PING)
            async for _ in client:
                pass

    task = asyncio.create_task(application())
    client_id = await hub.aio.assert_subscribed({"pdfm", "health"})
    await hub.aio.expect_command("health", "ping")
    await asyncio.to_thread(unsubscribe, hub, client_id, "pdfm")
    await hub.aio.expect_unsubscribe("pdfm")
    await hub.aio.wait_for(lambda journal: len(journal.sent("health", "pong")) == 1)
    with pytest.raises(AssertionError, match=r"pdfm/no-such[\s\S]*handshake"):
        await hub.aio.expect_command("pdfm", "no-such", timeout=0.02)
    hub.close_connections()
    await task
    async with connect_async(address(hub, "health")):
        await hub.aio.expect_reconnect(within=5)


async def test_waiting_that_would_block_the_event_loop_is_refused_at_once(hub: HubForTests) -> None:
    with pytest.raises(RuntimeError, match=r"await events_hub\.aio"):
        hub.expect_command("health", "ping")
    async with connect_async(address(hub, "pdfm")):
        await hub.aio.assert_subscribed({"pdfm"})
        hub.assert_subscribed({"pdfm"})


async def test_a_cancelled_wait_ends(hub: HubForTests) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await hub.aio.expect_command("health", "ping", timeout=30)
    assert hub.connections == []


def test_a_message_that_is_answered_with_an_error_is_expected_by_its_text(hub: HubForTests) -> None:
    with dial(hub) as client:
        client.send(json.dumps({"event_type": "health", "message": "dance"}))
        with pytest.raises(AssertionError, match=r"answered with an error like 'not JSON'[\s\S]*rejected"):
            hub.expect_error("not JSON", timeout=0.05)
        entry = hub.expect_error(r"unknown command on \w+")
        assert (entry.kind, entry.channel, entry.connection) == (
            Kind.REJECTED,
            "health",
            hub.connections[0]["id"],
        )
        with pytest.raises(AssertionError):
            hub.expect_error(timeout=0.05)


def test_a_refusal_is_expected_by_its_status(hub: HubForTests) -> None:
    assert httpx.get(f"{hub.url}/v1/ws/clients").status_code == 401
    with pytest.raises(AssertionError, match="a request that is answered 409: it did not come"):
        hub.expect_refusal(409, timeout=0.05)
    entry = hub.expect_refusal(401)
    assert entry.request is not None
    assert (entry.request.method, entry.request.path) == ("GET", "/v1/ws/clients")


async def test_errors_and_refusals_are_awaited_too(hub: HubForTests) -> None:
    async with connect_async(address(hub, "health")) as client:
        await client.send("{")
        assert (await hub.aio.expect_error("not JSON")).kind is Kind.REJECTED
    async with httpx.AsyncClient() as rest:
        await rest.get(f"{hub.url}/nowhere")
    assert (await hub.aio.expect_refusal(404)).detail == "GET /nowhere"


def test_what_is_declared_for_later_is_met_at_the_end_or_told(hub: HubForTests) -> None:
    with dial(hub, "health,pdfm") as client:
        client_id = hub.assert_subscribed({"health", "pdfm"})
        hub.later.expect_command("health", "ping")
        hub.later.expect_unsubscribe("pdfm")
        hub.later.expect_error("JSON")
        hub.later.expect_refusal(404)
        client.send(PING)
        client.send("{")
        unsubscribe(hub, client_id, "pdfm")
        httpx.get(f"{hub.url}/nowhere")
        hub.verify()
    hub.later.expect_reconnect(within=1, timeout=0.01)
    hub.later.expect_scenario_end("storm", timeout=0.01)
    httpx.get(f"{hub.url}/elsewhere")
    with pytest.raises(AssertionError) as failure:
        hub.verify()
    told = str(failure.value)
    assert "expected a connection to end and a new one within 1 s of that: it did not come in 0.01 s" in told
    assert "expected the end of the scenario storm: it did not come in 0.01 s" in told
    assert "404 GET /elsewhere" in told
    assert "handshake" in told, "the timeline is there"
