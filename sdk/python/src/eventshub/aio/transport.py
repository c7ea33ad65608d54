"""The one seam between the asyncio client and a socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .._net.options import ConnectionOptions


class Transport(Protocol):
    """An open WebSocket: whole text frames in both directions."""

    async def receive(self) -> bytes:
        """The next frame. May be cancelled without losing one.

        Raises:
            ConnectionLostError: the connection has ended.
        """
        ...

    async def send(self, frame: bytes) -> None:
        """Hand a text frame to the network.

        Raises:
            ConnectionLostError: the connection has ended.
        """
        ...

    async def close(self, code: int = 1000) -> None:
        """End the connection with a closing handshake, or without one if the peer is too slow."""
        ...

    async def abort(self) -> None:
        """End the connection at once."""
        ...


async def open_transport(url: str, headers: Mapping[str, str], options: ConnectionOptions) -> Transport:
    """Connect to a stream.

    Raises:
        HubUnreachableError: no connection came about.
        StatusError: the hub refused the upgrade; the subclass says why.
        ProtocolError: what answered is no hub.
    """
    # Loaded at the first connect: importing the package stays cheap.
    from .websockets_transport import open_websocket

    return await open_websocket(url, headers, options)
