"""Opens the address on which a hub is found."""

from __future__ import annotations

import asyncio
import socket
from functools import partial
from typing import Final

from aiohttp import web

from ..config import HubConfig
from ..faults.injector import FaultInjector
from .door import Door
from .http_protocol import HubHttpProtocol

_BACKLOG: Final = 1024


async def listen(
    config: HubConfig, runner: web.AppRunner, faults: FaultInjector, listener: socket.socket | None
) -> asyncio.Server:
    """Serve what a runner has been set up with.

    Args:
        config: the address, and what a request may weigh.
        runner: the application.
        faults: those that come before HTTP.
        listener: a socket that listens already, instead of the configured address; it stays open.

    Raises:
        OSError: the address cannot be listened on.
    """
    loop = asyncio.get_running_loop()
    limits = config.limits
    if runner.server is None:
        raise RuntimeError("the runner was not set up")
    http = partial(
        HubHttpProtocol,
        runner.server,
        loop,
        access_log=None,
        keepalive_timeout=limits.request_timeout,
        max_line_size=limits.header_size,
        max_field_size=limits.header_size,
        max_headers=limits.headers,
        lingering_time=limits.close_timeout,
    )
    door = Door(http, config.tls, faults, limits.request_timeout)
    if listener is not None:
        return await loop.create_server(door, sock=listener.dup(), backlog=_BACKLOG)
    # One address, and so one port, even where a name stands for several.
    found = await loop.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    opened = socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    return await loop.create_server(door, sock=opened, backlog=_BACKLOG)
