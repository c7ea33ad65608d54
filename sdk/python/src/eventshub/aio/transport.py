"""The one seam between the asyncio client and a socket."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Mapping
from importlib.util import find_spec
from typing import Literal, Protocol, TypeAlias, cast

from .._net.options import ConnectionOptions
from ..exceptions import ConnectionLostError


class FrameSink(Protocol):
    """What a transport tells, in the order in which it happens. Called by the event loop; must not raise."""

    def frame_received(self, raw: bytes) -> None:
        """A whole frame of text or data came in."""
        ...

    def connection_lost(self, error: ConnectionLostError) -> None:
        """The connection has ended, whoever ended it; the last call."""
        ...


class Transport(Protocol):
    """An open WebSocket, whole frames in both directions; it reads nothing until ``start``."""

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
        """Hand a frame to the network: of text, unless it is a ``BinaryFrame``.

        Nothing happens when the connection has ended.
        """
        ...

    async def close(self, code: int = 1000) -> None:
        """End the connection with a closing handshake, or without one if the peer is too slow.

        When cancelled, the connection is cut.
        """
        ...

    def abort(self) -> None:
        """Cut the connection."""
        ...


OpenTransport: TypeAlias = Callable[[str, Mapping[str, str], ConnectionOptions], Awaitable[Transport]]


async def open_transport(url: str, headers: Mapping[str, str], options: ConnectionOptions) -> Transport:
    """Connect to a stream.

    Raises:
        HubUnreachableError: no connection came about.
        StatusError: the hub refused the upgrade; the subclass says why.
        ProtocolError: what answered is no hub.
    """
    # Loaded at the first connect: importing the package stays cheap.
    module = importlib.import_module(f".{chosen_library(options)}_transport", __package__)
    open_websocket = cast("OpenTransport", module.open_websocket)
    return await open_websocket(url, headers, options)


def chosen_library(options: ConnectionOptions) -> Literal["websockets", "picows"]:
    """Which library moves the bytes.

    Raises:
        ImportError: the one asked for is not installed.
    """
    if options.transport != "auto":
        if find_spec(options.transport) is None:
            raise ImportError(
                f"transport={options.transport!r} is not installed: it comes with eventshub[fast]",
                name=options.transport,
            )
        return options.transport
    return "websockets" if find_spec("picows") is None else "picows"
