"""One address for many tests, and a new hub behind it for each."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from ..config import HubConfig
from ..core.credentials import Token
from ..core.limits import Limits
from ..net.server import HubServer
from ..net.thread import loop_in_thread
from .hub import HubForTests
from .options import HubOptions

_SHORT_WAITS: Final = Limits(close_timeout=0.5, drain_timeout=0.5)


class HubSession:
    """An address on which one hub after another listens."""

    def __init__(self, config: HubConfig, listener: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self._config = config
        self._listener = listener
        self._loop = loop

    @contextmanager
    def hub(self, options: HubOptions | None = None, folder: Path | None = None) -> Generator[HubForTests]:
        """Run a hub for the length of a ``with`` block.

        Args:
            options: what is different from the session's configuration.
            folder: where files of scenarios are looked for first.

        Raises:
            FaultError: a fault is not as the catalogue wants it.
            ScenarioError: a scenario is not found or not valid.
        """
        config = (options or HubOptions()).applied_to(self._config, folder or Path())
        self._turn_away()
        server = HubServer(config, listener=self._listener)
        asyncio.run_coroutine_threadsafe(server.start(), self._loop).result()
        try:
            yield HubForTests(server, self._loop)
        finally:
            asyncio.run_coroutine_threadsafe(_end(server), self._loop).result()

    def _turn_away(self) -> None:
        """Drop who has come since the last hub has gone: the next test is not theirs."""
        self._listener.settimeout(0)
        while True:
            try:
                waiting, _ = self._listener.accept()
            except BlockingIOError:
                return
            waiting.close()


@contextmanager
def hub_session(config: HubConfig | None = None) -> Generator[HubSession]:
    """Hold an address for the length of a ``with`` block, and a thread in which its hubs run.

    Without a configuration the hubs' waits for slow peers are short.

    Raises:
        OSError: the address cannot be listened on.
    """
    config = config or HubConfig(limits=_SHORT_WAITS)
    if not config.credentials:
        config = replace(config, credentials=(Token("default", secrets.token_urlsafe(24)),))
    family, _, _, _, address = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0]
    with socket.create_server(address[:2], family=family) as listener, loop_in_thread() as loop:
        yield HubSession(config, listener, loop)


@contextmanager
def serve_for_tests(config: HubConfig | None = None) -> Generator[HubForTests]:
    """Run a hub with a journal in a thread for the length of a ``with`` block.

    Without a configuration its waits for slow peers are short. Nothing is
    judged at the end: see ``HubForTests.verify``.

    Raises:
        OSError: the address cannot be listened on.
    """
    with hub_session(config) as session, session.hub() as hub:
        yield hub


async def _end(server: HubServer) -> None:
    await server.clear_away()
    await server.stop()
