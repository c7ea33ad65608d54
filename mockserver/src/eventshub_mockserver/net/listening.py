"""Opens the socket on which a hub is found."""

from __future__ import annotations

import asyncio
import socket
from functools import partial

from aiohttp import web

from ..config import HubConfig
from ..faults.injector import FaultInjector
from .door import Door, TlsListener
from .http_protocol import HubHttpProtocol

_BACKLOG = 1024


async def listen(
    config: HubConfig, runner: web.AppRunner, faults: FaultInjector, given: socket.socket | None
) -> asyncio.Server | TlsListener:
    """Listen as configured, or on a socket that listens already, which stays open when the hub stops.

    Raises:
        OSError: the address cannot be listened on.
    """
    loop = asyncio.get_running_loop()
    limits = config.limits
    if runner.server is None:
        raise RuntimeError("the runner was not set up")
    factory = partial(
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
    if given is not None:
        listener = given.dup()
    else:
        # One address, and so one port, even where a name stands for several.
        found = await loop.getaddrinfo(
            config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _, _, _, address = found[0]
        listener = socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    door = Door(factory, config.tls, faults)
    if config.tls is not None:
        return TlsListener(listener, door, limits.request_timeout)
    return await loop.create_server(door, sock=listener, backlog=_BACKLOG)
