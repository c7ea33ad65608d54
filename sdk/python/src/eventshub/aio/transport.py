"""The one seam between the asyncio client and a socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .._net.options import ConnectionOptions
from ..exceptions import ConnectionLostError


class FrameSink(Protocol):
    """What a transport tells, in the order in which it happens. Called by the event loop; must not raise."""

    def frame_received(self, raw: bytes) -> None:
        """A whole text frame came in."""
        ...

    def connection_lost(self, error: ConnectionLostError) -> None:
        """The connection has ended, whoever ended it; the last call."""
        ...


class Transport(Protocol):
    """An open WebSocket, whole text frames in both directions; it reads nothing until ``start``."""

    def start(self, sink: FrameSink) -> None:
        """Begin to read. What has come in already is delivered at once."""
        ...

    def pause_reading(self) -> None:
        """Read no more from the socket; what one read has brought already is still delivered."""
        ...

    def resume_reading(self) -> None:
        """Read on."""
        ...

    async def send(self, frame: bytes) -> None:
        """Hand a text frame to the network; nothing happens when the connection has ended."""
        ...

    async def close(self, code: int = 1000) -> None:
        """End the connection with a closing handshake, or without one if the peer is too slow.

        When cancelled, the connection is cut.
        """
        ...

    def abort(self) -> None:
        """Cut the connection."""
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
