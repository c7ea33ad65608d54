"""An application's client, as far as scenarios care: subscribes, and comes back when it is cut off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException

from eventshub_mockserver import HubServer
from eventshub_mockserver.core.clock import Clock
from eventshub_mockserver.net.clock import sleep

ALL = "pdfm,system,orchestrator,health"
UNAUTHORIZED = 401


class Client:
    """Keeps a connection; a credential that is refused is not tried again (protocol END-2)."""

    def __init__(self, hub: HubServer, clock: Clock, tokens: Sequence[str] = (), pause: float = 1.0) -> None:
        self._hub = hub
        self._clock = clock
        self._tokens = list(tokens) or [hub.token]
        self._pause = pause
        self.frames: list[str] = []
        self.closes: list[int] = []
        self.refusals: list[int] = []

    @property
    def events(self) -> list[dict[str, Any]]:
        """Welcomes among them."""
        return [json.loads(frame) for frame in self.frames]

    async def run(self) -> None:
        """Stay connected for ever."""
        while self._tokens:
            headers = {"Authorization": f"Bearer {self._tokens[0]}"}
            url = f"{self._hub.ws_url}/v1/ws/subscribe?event_types={ALL}"
            try:
                async with connect(url, additional_headers=headers, ping_interval=None, proxy=None) as socket:
                    async for frame in socket:
                        assert isinstance(frame, str)
                        self.frames.append(frame)
                self.closes.append(socket.close_code or 1006)
            except InvalidStatus as error:
                self.refusals.append(error.response.status_code)
                if error.response.status_code == UNAUTHORIZED:
                    self._tokens.pop(0)
            except (OSError, WebSocketException):
                self.closes.append(1006)
            await sleep(self._clock, self._pause)


@asynccontextmanager
async def client_of(hub: HubServer, clock: Clock, *tokens: str, pause: float = 1.0) -> AsyncGenerator[Client]:
    """A client that runs meanwhile."""
    client = Client(hub, clock, tokens, pause)
    task = asyncio.create_task(client.run())
    try:
        yield client
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
