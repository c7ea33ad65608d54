"""Hubs on real sockets."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from tests.mockserver.control_client import ControlClient
from tests.mockserver.raw_peer import RawPeer
from tests.mockserver.settings import CONTROL, CREDENTIALS, READER

from eventshub_mockserver import HubConfig, HubServer, Limits

StartHub = Callable[..., Awaitable[HubServer]]
Dial = Callable[[HubServer], Awaitable[RawPeer]]
Subscribe = Callable[..., Awaitable[RawPeer]]
Control = Callable[[HubServer], Awaitable[ControlClient]]


@pytest.fixture
async def stack() -> AsyncGenerator[AsyncExitStack]:
    async with AsyncExitStack() as exits:
        yield exits


@pytest.fixture
def start_hub(stack: AsyncExitStack) -> StartHub:
    """Start a hub with these limits and options; short waits unless told otherwise."""

    async def start(limits: dict[str, Any] | None = None, **options: Any) -> HubServer:
        waits: dict[str, Any] = {"close_timeout": 0.3, "drain_timeout": 0.3, **(limits or {})}
        chosen: dict[str, Any] = {"credentials": CREDENTIALS, "control_token": CONTROL, **options}
        config = HubConfig(limits=Limits(**waits), **chosen)
        return await stack.enter_async_context(HubServer(config))

    return start


@pytest.fixture
async def hub(start_hub: StartHub) -> HubServer:
    """A hub that lets any number in from one address."""
    return await start_hub(connections_per_address=None)


@pytest.fixture
def dial(stack: AsyncExitStack) -> Dial:
    """Open a TCP connection to a hub."""

    async def connect(server: HubServer) -> RawPeer:
        peer = await RawPeer.dial(server.url)
        stack.push_async_callback(peer.end)
        return peer

    return connect


@pytest.fixture
def subscribe(stack: AsyncExitStack) -> Subscribe:
    """Connect a raw peer to a hub."""

    async def connect(
        server: HubServer, event_types: str = "", token: str = READER, **options: Any
    ) -> RawPeer:
        peer = await RawPeer.subscribe(server.url, token, event_types, **options)
        stack.push_async_callback(peer.end)
        return peer

    return connect


@pytest.fixture
async def rest(hub: HubServer, stack: AsyncExitStack) -> httpx.AsyncClient:
    """A REST client with a reader's token."""
    headers = {"Authorization": f"Bearer {READER}"}
    return await stack.enter_async_context(httpx.AsyncClient(base_url=hub.url, headers=headers))


@pytest.fixture
def control_of(stack: AsyncExitStack) -> Control:
    """A client for the control surface of a hub."""

    async def client(server: HubServer) -> ControlClient:
        assert server.control_url is not None
        headers = {"Authorization": f"Bearer {CONTROL}"}
        http = httpx.AsyncClient(base_url=server.control_url, headers=headers, timeout=20)
        return ControlClient(await stack.enter_async_context(http))

    return client


@pytest.fixture
async def control(hub: HubServer, control_of: Control) -> ControlClient:
    return await control_of(hub)
