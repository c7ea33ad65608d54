"""A hub in a thread of its own, for synchronous programs and tests."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, overload

from msgspec import UNSET

from ..config import HubConfig
from ..core.hub import Published
from ..core.journal import Journal
from ..core.message import Message
from ..faults.entry import Value
from ..faults.injector import FaultInjector, FaultNumber
from ..faults.ledger import ActiveFault
from ..faults.rule import FaultRule
from ..sources.source import Source, StageSource
from ..sources.stage import ScenarioFailure
from .server import HubServer

T = TypeVar("T")


class ThreadedHub:
    """A running hub, from another thread; every method returns when the hub has done it."""

    def __init__(self, server: HubServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self.faults = ThreadedFaults(server.faults, self._call)
        """What the hub is to do wrong; see ``FaultInjector``."""

    @property
    def port(self) -> int:
        """See ``HubServer.port``."""
        return self._server.port

    @property
    def url(self) -> str:
        """See ``HubServer.url``."""
        return self._server.url

    @property
    def ws_url(self) -> str:
        """See ``HubServer.ws_url``."""
        return self._server.ws_url

    @property
    def control_url(self) -> str | None:
        """See ``HubServer.control_url``."""
        return self._server.control_url

    @property
    def token(self) -> str:
        """See ``HubServer.token``."""
        return self._server.token

    @property
    def connections(self) -> list[dict[str, Any]]:
        """See ``HubServer.connections``."""
        return self._call(lambda: self._server.connections)

    @overload
    def publish(self, event: Message, /, *, client_id: str | None = None) -> Published: ...

    @overload
    def publish(
        self,
        event: str,
        message: str,
        body: object = UNSET,
        /,
        *,
        client_id: str | None = None,
        unchecked: bool = False,
    ) -> Published: ...

    def publish(
        self,
        event: Message | str,
        message: str = "",
        body: object = UNSET,
        /,
        *,
        client_id: str | None = None,
        unchecked: bool = False,
    ) -> Published:
        """See ``HubServer.publish``."""
        if isinstance(event, Message):
            return self._call(lambda: self._server.publish(event, client_id=client_id))
        return self._call(
            lambda: self._server.publish(event, message, body, client_id=client_id, unchecked=unchecked)
        )

    def revoke(self, principal_name: str) -> None:
        """See ``HubServer.revoke``."""
        self._call(lambda: self._server.revoke(principal_name))

    def start_source(self, source: Source | StageSource) -> None:
        """Let a source run from now on; see ``SourceRunner.start``."""
        self._call(lambda: self._server.sources.start(source))

    @property
    def scenario_failures(self) -> tuple[ScenarioFailure, ...]:
        """See ``HubServer.scenario_failures``."""
        return self._call(lambda: self._server.scenario_failures)

    @property
    def journal(self) -> Journal:
        """See ``HubServer.journal``."""
        return self._call(lambda: self._server.journal)

    def close_connections(
        self, code: int = 1001, reason: str = "closed by the test", *, client_id: str | None = None
    ) -> int:
        """See ``HubServer.close_connections``."""
        return self._call(lambda: self._server.close_connections(code, reason, client_id=client_id))

    def reset(self, seed: int | None = None) -> None:
        """See ``HubServer.reset``."""
        asyncio.run_coroutine_threadsafe(self._server.reset(seed), self._loop).result()

    def _call(self, action: Callable[[], T]) -> T:
        async def run() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()


class Call(Protocol):
    """Does something in a hub's thread."""

    def __call__(self, action: Callable[[], T], /) -> T:
        """Give or raise what the action does."""
        ...


class ThreadedFaults:
    """A hub's faults, from another thread."""

    def __init__(self, faults: FaultInjector, call: Call) -> None:
        self._faults = faults
        self._call = call

    def add(self, fault: str | Mapping[str, Any] | FaultRule, /, **parameters: Value) -> FaultNumber:
        """See ``FaultInjector.add``."""
        number = self._call(lambda: self._faults.add(fault, **parameters))
        return FaultNumber(number, lambda: self._call(lambda: self._faults.discard(number)))

    def remove(self, number: int) -> None:
        """See ``FaultInjector.remove``."""
        self._call(lambda: self._faults.remove(number))

    def clear(self) -> None:
        """See ``FaultInjector.clear``."""
        self._call(self._faults.clear)

    def active(self) -> list[ActiveFault]:
        """See ``FaultInjector.active``."""
        return self._call(self._faults.active)


@contextmanager
def serve_in_thread(config: HubConfig | None = None) -> Generator[ThreadedHub]:
    """Run a hub in a thread for the length of a ``with`` block; it is listening when the block begins.

    Raises:
        OSError: the address cannot be listened on.
    """
    with running_server(config) as (server, loop):
        yield ThreadedHub(server, loop)


@contextmanager
def running_server(
    config: HubConfig | None = None,
) -> Generator[tuple[HubServer, asyncio.AbstractEventLoop]]:
    """Run a hub in a thread, for whatever is to be wrapped around it, and give its loop with it.

    Raises:
        OSError: the address cannot be listened on.
    """
    server = HubServer(config)
    with loop_in_thread() as loop:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result()
        try:
            yield server, loop
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result()


@contextmanager
def loop_in_thread() -> Generator[asyncio.AbstractEventLoop]:
    """Run an event loop in a thread for the length of a ``with`` block."""
    running: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        stopping = asyncio.Event()
        running.set_result((asyncio.get_running_loop(), stopping))
        await stopping.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="events-hub")
    thread.start()
    loop, stopping = running.result()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
