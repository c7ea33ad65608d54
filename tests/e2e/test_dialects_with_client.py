"""Our client against both dialects of the hub, as an application uses it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from eventshub import (
    AsyncEventsHub,
    AuthenticationError,
    ConnectionLostError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    VmStateChanged,
)
from eventshub_mockserver import HubConfig, HubServer, Token

READER, CLAIMLESS = "token-of-a-reader", "token-without-claims"
CREDENTIALS = (Token("reader", READER), Token("claimless", CLAIMLESS, frozenset()))
VM_RUNS = {"vm_id": "vm-1", "previous_state": "stopped", "current_state": "running"}
NOBODY = "4d0c8a52-6f1b-4c8e-9a37-b2e5d10f7c64"


@pytest.fixture(params=["guide", "service"])
async def hub(request: pytest.FixtureRequest) -> AsyncGenerator[HubServer]:
    config = HubConfig(dialect=request.param, credentials=CREDENTIALS, connections_per_address=None)
    async with HubServer(config) as server:
        yield server


async def test_a_conversation_is_the_same_in_both(hub: HubServer) -> None:
    async with AsyncEventsHub(hub.url, token=READER) as client, client.subscribe("pdfm", "health") as events:
        assert set(events.channels) == {"pdfm", "health", "global"}
        hub.publish("pdfm", "VM_STATE_CHANGED", VM_RUNS)
        assert isinstance(await anext(events), VmStateChanged)
        assert (await events.ping()).total_seconds() < 5
        await events.unsubscribe("pdfm")
        assert set(events.channels) == {"health", "global"}
        assert hub.connections[0]["event_subscriptions"] == ["health", "global"]


async def test_refusals_are_errors_that_are_final(hub: HubServer) -> None:
    with pytest.raises(AuthenticationError, match="not valid"):
        await AsyncEventsHub(hub.url, token="wrong").stats()
    with pytest.raises((AuthenticationError, PermissionDeniedError), match="READ_ONLY"):
        async with AsyncEventsHub(hub.url, token=CLAIMLESS).subscribe():
            pass
    with pytest.raises((NotFoundError, InvalidRequestError), match="no such connection"):
        await AsyncEventsHub(hub.url, token=READER).unsubscribe(NOBODY, "pdfm")


async def test_the_end_of_a_hub_is_a_lost_connection(hub: HubServer) -> None:
    client = AsyncEventsHub(hub.url, token=READER, reconnect=None)
    async with client.subscribe() as events:
        await hub.stop()
        with pytest.raises(ConnectionLostError):
            _ = [event async for event in events]
