"""The asyncio client and the hub, as an application uses them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest

from eventshub import (
    AsyncEventsHub,
    AuthenticationError,
    CommandError,
    ConnectionConflictError,
    ConnectionLostError,
    Heartbeat,
    HubUnreachableError,
    NotFoundError,
    PermissionDeniedError,
    Shutdown,
    Timeouts,
    VmAdded,
    VmState,
    VmStateChanged,
)
from eventshub_mockserver import READ_ONLY, ApiKey, HubConfig, HubServer, Token

READER, OTHER, CLAIMLESS = "token-of-a-reader", "token-of-another", "token-without-claims"
CREDENTIALS = (
    Token("reader", READER, frozenset({READ_ONLY})),
    Token("other", OTHER, frozenset({READ_ONLY})),
    Token("claimless", CLAIMLESS, frozenset()),
    ApiKey("key", "secret", frozenset({READ_ONLY})),
)
VM_RUNS: Any = {"vm_id": "vm-1", "previous_state": "stopped", "current_state": "running"}


@pytest.fixture
async def hub() -> AsyncGenerator[HubServer]:
    async with HubServer(HubConfig(credentials=CREDENTIALS, connections_per_address=None)) as server:
        yield server


@pytest.fixture
def client(hub: HubServer) -> AsyncEventsHub:
    return AsyncEventsHub(hub.url, token=READER)


async def test_events_come_typed_and_in_order(hub: HubServer, client: AsyncEventsHub) -> None:
    async with client.subscribe("pdfm") as events:
        assert set(events.channels) == {"pdfm", "global"}
        hub.publish("pdfm", "VM_STATE_CHANGED", VM_RUNS)
        vm = {"ID": "vm-2", "Name": "box", "State": "stopped", "Home path": "/vms/box"}
        hub.publish("pdfm", "VM_ADDED", {"vm_id": "vm-2", "new_vm": vm})
        changed, added = await anext(events), await anext(events)
    assert isinstance(changed, VmStateChanged)
    assert changed.body.current_state is VmState.RUNNING
    assert changed.timestamp.utcoffset() == timedelta(0)
    assert isinstance(added, VmAdded)
    assert added.body.new_vm["Home path"] == "/vms/box"
    assert added.body.new_vm.known.name == "box"
    assert changed.id != added.id


@pytest.mark.parametrize("prefix", ["", "/", "/api", "/api/"])
@pytest.mark.parametrize("scheme", ["http", "ws"])
async def test_any_form_of_the_base_url_works(hub: HubServer, scheme: str, prefix: str) -> None:
    url = hub.url.replace("http", scheme) + prefix
    async with AsyncEventsHub(url, token=READER).subscribe("pdfm", "health") as events:
        assert not (await events.unsubscribe("pdfm")).refused


async def test_api_key_works_for_stream_and_rest(hub: HubServer) -> None:
    async with AsyncEventsHub(hub.url, api_key=("key", "secret")).subscribe("pdfm") as events:
        await events.unsubscribe("pdfm")


async def test_unknown_channels_are_named(client: AsyncEventsHub) -> None:
    async with client.subscribe("PDFM", "nope") as events:
        assert events.channels_refused == ("nope",)


async def test_replies(client: AsyncEventsHub) -> None:
    async with client.subscribe("health", "system") as events:
        assert timedelta(0) < await events.ping() < timedelta(seconds=5)
        assert await events.client_id() == events.welcome.body.client_id
        answers = await asyncio.gather(*(events.client_id() for _ in range(20)))
        assert set(answers) == {events.welcome.body.client_id}


async def test_command_without_its_channel_is_refused(client: AsyncEventsHub) -> None:
    async with client.subscribe("pdfm") as events:
        with pytest.raises(CommandError, match="health") as caught:
            await events.ping()
        assert caught.value.operation == "ping"
        with pytest.raises(CommandError, match="system"):
            await events.client_id()


async def test_heartbeats_are_answered(hub: HubServer) -> None:
    client = AsyncEventsHub(hub.url, token=READER, heartbeat=Heartbeat(interval=0.02, timeout=5))
    async with client.subscribe("health", "pdfm") as events:
        await asyncio.sleep(0.1)
        hub.publish("pdfm", "VM_STATE_CHANGED", VM_RUNS)
        assert isinstance(await anext(events), VmStateChanged)


async def test_unsubscribed_channel_goes_quiet(hub: HubServer, client: AsyncEventsHub) -> None:
    async with client.subscribe("pdfm", "health") as events:
        result = await events.unsubscribe("pdfm", "orchestrator", "nope")
        assert result.unsubscribed == ("pdfm",)
        assert result.refused
        assert {refusal.event_type for refusal in result.refused} == {"orchestrator", "nope"}
        assert set(events.channels) == {"health", "global"}
        hub.publish("pdfm", "VM_STATE_CHANGED", VM_RUNS)
        hub.publish("global", "SHUTDOWN", {"reason": "test"})
        assert isinstance(await anext(events), Shutdown)
        assert await events.ping() > timedelta(0)


async def test_targeted_event_reaches_its_client_alone(hub: HubServer, client: AsyncEventsHub) -> None:
    async with client.subscribe() as one, client.subscribe("pdfm") as other:
        hub.publish("pdfm", "VM_STATE_CHANGED", VM_RUNS, client_id=one.welcome.body.client_id)
        hub.publish("global", "SHUTDOWN", {})
        first = await anext(one)
        assert isinstance(first, VmStateChanged)
        assert first.client_id == one.welcome.body.client_id
        assert isinstance(await anext(other), Shutdown)


async def test_end_of_the_hub_is_a_retryable_loss(hub: HubServer) -> None:
    async with AsyncEventsHub(hub.url, token=READER, reconnect=None).subscribe() as events:
        await hub.stop()
        assert isinstance(await anext(events), Shutdown)
        with pytest.raises(ConnectionLostError) as caught:
            await anext(events)
        assert caught.value.code_received == 1001
        assert caught.value.retryable


@pytest.mark.parametrize("token", ["wrong", READER + "x"])
async def test_refused_credential(hub: HubServer, token: str) -> None:
    client = AsyncEventsHub(hub.url, token=token)
    with pytest.raises(AuthenticationError) as caught:
        await client.subscribe("pdfm").__aenter__()
    assert caught.value.status == 401
    assert caught.value.text
    assert not caught.value.retryable
    assert token not in str(caught.value)
    with pytest.raises(AuthenticationError):
        await client.unsubscribe("b6928d12-c836-4efc-98f1-3220db691900", "pdfm")


async def test_credential_without_the_claim(hub: HubServer) -> None:
    with pytest.raises(PermissionDeniedError):
        await AsyncEventsHub(hub.url, token=CLAIMLESS).subscribe().__aenter__()


async def test_second_connection_from_one_address() -> None:
    async with HubServer(HubConfig(credentials=CREDENTIALS)) as hub:
        client = AsyncEventsHub(hub.url, token=READER)
        async with client.subscribe():
            with pytest.raises(ConnectionConflictError) as caught:
                await client.subscribe().__aenter__()
            assert caught.value.address == "127.0.0.1"
            assert caught.value.retryable
        async with client.subscribe():
            pass


async def test_connection_of_somebody_else_cannot_be_touched(hub: HubServer, client: AsyncEventsHub) -> None:
    async with client.subscribe("pdfm") as events:
        with pytest.raises(PermissionDeniedError):
            await AsyncEventsHub(hub.url, token=OTHER).unsubscribe(events.welcome.body.client_id, "pdfm")


async def test_connection_that_does_not_exist(client: AsyncEventsHub) -> None:
    with pytest.raises(NotFoundError):
        await client.unsubscribe("b6928d12-c836-4efc-98f1-3220db691900", "pdfm")


async def test_url_with_a_wrong_prefix(hub: HubServer) -> None:
    with pytest.raises(NotFoundError) as caught:
        await AsyncEventsHub(f"{hub.url}/wrong", token=READER).subscribe("pdfm").__aenter__()
    assert "/wrong/v1/ws/subscribe" in str(caught.value)


async def test_hub_that_is_not_there(hub: HubServer) -> None:
    url = hub.url
    await hub.stop()
    client = AsyncEventsHub(url, token=READER, timeouts=Timeouts(connect=2, rest=2))
    with pytest.raises(HubUnreachableError, match="nothing listens") as caught:
        await client.subscribe("pdfm").__aenter__()
    assert caught.value.reason == "refused"
    with pytest.raises(HubUnreachableError):
        await client.unsubscribe("b6928d12-c836-4efc-98f1-3220db691900", "pdfm")


async def test_inspection(client: AsyncEventsHub) -> None:
    async with client.subscribe("pdfm") as events:
        [connection] = await client.clients()
        assert connection.id == events.welcome.body.client_id
        stats = await client.stats()
        assert stats.total_clients == 1
