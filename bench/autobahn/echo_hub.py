"""The hub's transport with nothing behind it but an echo.

Server, sockets and queues are the hub's own; only the largest message is what the suite needs, and there is
no welcome.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from unittest.mock import patch

from aiohttp import WSMessage, WSMsgType, web

from eventshub_mockserver import HubConfig, HubServer, Limits, Token
from eventshub_mockserver.core.connection import Connection
from eventshub_mockserver.core.frames import binary_frame, text_frame
from eventshub_mockserver.core.hub import Hub
from eventshub_mockserver.core.outbox import Frame
from eventshub_mockserver.net import operations
from eventshub_mockserver.net.socket import HubWebSocket, Socket

LARGEST_MESSAGE = 16 * 1024 * 1024
TOKEN = "autobahn"


class EchoSocket(Socket):
    """Sends messages back in place of handing them to the hub."""

    __slots__ = ()

    def __init__(
        self, hub: Hub, connection: Connection, request: web.Request, websocket: HubWebSocket
    ) -> None:
        super().__init__(hub, connection, request, websocket)
        connection.outbox.clear()

    def _take(self, message: WSMessage) -> bool | None:
        if message.type is WSMsgType.TEXT:
            self._echo(text_frame(message.data.encode()))
        elif message.type is WSMsgType.BINARY:
            self._echo(binary_frame(message.data))
        else:
            return super()._take(message)
        return None

    def _echo(self, wire: bytes) -> None:
        self._hub.enqueue(self._connection, Frame("global", wire, is_targeted=True))


@asynccontextmanager
async def echo_hub() -> AsyncGenerator[str]:
    """Serve at the URL."""
    config = HubConfig(
        credentials=(Token("autobahn", TOKEN),),
        connections_per_address=None,
        limits=Limits(message_size=LARGEST_MESSAGE),
    )
    with patch.object(operations, "Socket", EchoSocket):
        async with HubServer(config) as hub:
            yield f"{hub.ws_url}/v1/ws/subscribe?access_token={TOKEN}"
