"""A hub that listens: starts, stops, keeps time."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from collections.abc import Callable, Hashable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Self, overload

from aiohttp import web
from msgspec import UNSET

from ..config import HubConfig
from ..core.connection import Ending
from ..core.credentials import ApiKey, Authenticator, Token
from ..core.hub import Hub, Published
from ..core.inspection import describe_connection
from ..core.journal import Journal
from ..core.message import Message
from ..core.recorder import Recorder
from ..faults.injector import FaultInjector
from ..sources.runner import SourceRunner, needs_journal
from ..sources.stage import ScenarioFailure, Stage
from .application import build_application
from .awaited import awaited
from .caller import CallerCheck
from .clock import sleep
from .control import PREFIX
from .door import TlsListener, check_rule
from .listening import base_url, listen
from .operations import Operations
from .request_faults import RequestFaults
from .signing_keys import SigningKeySource
from .virtual_clock import Activity, VirtualClock

_RESET_PATIENCE = 0.1
_LOG = logging.getLogger("eventshub_mockserver")


class HubServer:
    """An Events Hub on a port of this machine, as an asynchronous context manager.

    All methods are to be called in the event loop in which it was started;
    for other threads there is ``serve_in_thread``.
    """

    def __init__(self, config: HubConfig | None = None, *, listener: socket.socket | None = None) -> None:
        """Set the hub up.

        Args:
            config: how it is to be run.
            listener: a socket that listens already, to be used instead of the configured address; it stays
                open when the hub stops.
        """
        config = config or HubConfig()
        if not config.credentials and config.jwt is None:
            config = replace(config, credentials=(Token("default", secrets.token_urlsafe(24)),))
        self.config = config
        signed_tokens = self._keys = None
        if config.jwt is not None:
            # PyJWT, and what it stands on, take long to import.
            from ..core.signed_tokens import SignedTokens

            signed_tokens = SignedTokens(config.jwt)
            if config.jwt.keys is not None:
                self._keys = SigningKeySource(signed_tokens, config.clock)
        self._authenticator = Authenticator(config.credentials, config.spoken, signed_tokens)
        self._hub = Hub(
            config.limits,
            dialect=config.spoken,
            has_journal=config.has_journal or any(needs_journal(source) for source in config.sources),
            wake=self._wake,
            takes_bursts=True,
            clock=config.clock,
            ids=config.ids,
        )
        self.faults = FaultInjector(self._hub)
        """What the hub is to do wrong."""
        self._stage = Stage(self._hub, self.faults, self._authenticator, config.credentials)
        self.sources = SourceRunner(self._hub, self._stage, self._soon)
        """What publishes events of its own accord."""
        self.faults.checks.append(partial(check_rule, has_tls=config.tls is not None))
        for rule in config.faults:
            check_rule(rule, has_tls=config.tls is not None)
        self._caller = CallerCheck(config, self._authenticator)
        self._operations = Operations(self._hub, self._caller, self.faults)
        self._request_faults = RequestFaults(self.faults, self._caller)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | TlsListener | None = None
        self._timekeeper: asyncio.Task[None] | None = None
        self._port = config.port
        self._given_listener = listener
        self._observed = ExitStack()
        self._resetting = asyncio.Lock()

    async def start(self) -> None:
        """Listen, and let the sources run.

        Raises:
            OSError: the address cannot be listened on, for example because the port is in use; or the file
                with the keys of signed tokens cannot be read.
            SigningKeysError: that file holds no keys.
        """
        self._loop = asyncio.get_running_loop()
        limits = self.config.limits
        if self._keys is not None:
            await self._keys.start()
        application = build_application(
            self.config,
            self._hub,
            self._operations,
            self._request_faults,
            self._caller,
            self._keys,
            self._control_routes(),
        )
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=limits.close_timeout)
        await self._runner.setup()
        try:
            self._listener = await listen(self.config, self._runner, self.faults, self._given_listener)
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._listener.sockets[0].getsockname()[1]
        if isinstance(self.config.clock, VirtualClock) and self._hub.recorder is not None:
            self._observed.enter_context(self.config.clock.observing(self._activity, self._loop))
        self._timekeeper = asyncio.create_task(self._keep_time())
        self._begin()
        _LOG.info("listening url=%s control=%s", self.url, "on" if self.control_url else "off")

    async def stop(self, reason: str = "the hub is shutting down") -> None:
        """Tell everybody, let queues empty for a bounded time, close everything (protocol END-1)."""
        if self._runner is None or self._listener is None or self._timekeeper is None:
            return
        self.faults.clear()
        self._hub.shut_down(reason)
        self.sources.stop()
        await self._wait_until_closed(self.config.limits.drain_timeout)
        for connection in list(self._hub.roster.by_id.values()):
            self._hub.end(connection, Ending(1001, reason, is_abrupt=True))
        await self._wait_until_closed(self.config.limits.close_timeout)
        self._listener.close()
        for open_socket in self._operations.sockets.values():
            open_socket.abort()
        self._timekeeper.cancel()
        await asyncio.gather(self._timekeeper, return_exceptions=True)
        await self._runner.cleanup()
        if self._keys is not None:
            await self._keys.stop()
        self._runner = self._listener = None
        self._observed.close()
        _LOG.info("stopped")

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._port

    @property
    def url(self) -> str:
        """Base URL of the REST side, without a final slash."""
        return base_url(self.config, self._port, "http")

    @property
    def ws_url(self) -> str:
        """Base URL of the stream, without a final slash; clients add the path."""
        return base_url(self.config, self._port, "ws")

    @property
    def control_url(self) -> str | None:
        """Base URL of the control surface; ``None`` when there is none."""
        return None if self.config.control_token is None else self.url + PREFIX

    @property
    def token(self) -> str:
        """A bearer token that works: the first of the configuration, or the one that the hub made.

        Raises:
            LookupError: no token was configured, only other credentials.
        """
        for credential in self.config.credentials:
            if isinstance(credential, Token):
                return credential.secret
        raise LookupError("this hub has no token in its configuration")

    @property
    def connections(self) -> list[dict[str, Any]]:
        """Every live connection, as ``/v1/ws/clients`` shows it."""
        return [describe_connection(c) for c in self._hub.roster.by_id.values()]

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
        """Publish an event: an instance of its class, or its channel, name and body.

        Args:
            event: the event, or the channel.
            message: the event's name, when ``event`` is a channel.
            body: the event's data as plain JSON; absent when left out.
            client_id: the one connection it is for; everybody subscribed otherwise.
            unchecked: send by name what the spec does not allow.

        Raises:
            UnknownEventError: the spec has no such event.
            InvalidEventError: the spec does not allow what is in it.
            UnknownClientError: no connection has the client ID.
        """
        if isinstance(event, Message):
            return self._hub.publish_message(event, client_id=client_id)
        return self._hub.publish(event, message, body, client_id=client_id, unchecked=unchecked)

    def revoke(self, principal_name: str) -> None:
        """Stop accepting a principal's credentials and close its connections with 1008 (protocol AUTH-7)."""
        self._authenticator.revoke(principal_name)
        self._hub.revoke(principal_name)

    def replace_credentials(self, credentials: tuple[Token | ApiKey, ...]) -> None:
        """Accept these alone from now on; what is gone or changed is revoked, sockets and all (AUTH-7)."""
        # Judged as a whole before anything is done.
        self.config = replace(self.config, credentials=credentials)
        self._stage.reconfigure(credentials)

    def read_keys_again(self) -> None:
        """Fetch the keys of signed tokens anew, if there are any."""
        if self._keys is not None:
            self._keys.refresh()

    @property
    def always_subscribed(self) -> tuple[str, ...]:
        """The channels that every connection has (protocol CONN-2)."""
        return self._hub.protocol.always_subscribed

    @property
    def scenario_failures(self) -> tuple[ScenarioFailure, ...]:
        """What scenarios expected and did not get, and what kept them from going on."""
        return tuple(self._stage.failures)

    @property
    def uptime(self) -> float:
        """Seconds since the start, by the hub's clock."""
        return self._hub.uptime

    @property
    def journal(self) -> Journal:
        """Everything that was said so far.

        Raises:
            LookupError: the hub was configured without a journal.
        """
        return self.recorder.journal()

    def close_connections(
        self, code: int = 1001, reason: str = "closed by the test", *, client_id: str | None = None
    ) -> int:
        """Close connections, each after what waits for it, and say how many.

        Args:
            code: the close code, one that may go over the wire.
            reason: the close frame's text.
            client_id: the one connection that is meant; all when left out.

        Raises:
            ValueError: the code may not go over the wire (RFC 6455, section 7.4).
            UnknownClientError: no connection has the client ID.
        """
        return self._stage.close(code, reason, client_id=client_id)

    async def reset(self, seed: int | None = None) -> None:
        """Become as after the start: no connections, credentials and faults as configured, an empty journal.

        Connections end with 1001, without regard to what waits for them.
        Sources stop; those that were configured begin anew. The numbers of
        journal entries go on, and so do IDs, unless there is a seed for them.
        """
        async with self._resetting:
            await self.clear_away()
            if seed is not None:
                self.config.ids.reseed(seed)
            self._begin()

    async def clear_away(self) -> None:
        """End all that goes on: connections, sources and faults; and forget what was said."""
        self.faults.clear()
        self.sources.stop()
        self._stage.failures.clear()
        for connection in list(self._hub.roster.by_id.values()):
            self._hub.end(connection, Ending(1001, "the hub was reset", is_abrupt=True))
        await self._wait_until_closed(_RESET_PATIENCE)
        for open_socket in self._operations.sockets.values():
            open_socket.abort()
        await self._wait_until_closed(self.config.limits.close_timeout)
        self._authenticator.reset(self.config.credentials)
        if self._hub.recorder is not None:
            self._hub.recorder.clear()

    @property
    def awaited(self) -> frozenset[Hashable]:
        """What is certain to come soon unless a peer has gone silent; may be asked in any thread."""
        server = None if self._runner is None else self._runner.server
        return awaited(self._hub, () if server is None else list(server.connections))

    def tick(self) -> None:
        """Do what has become due since the last time; the hub itself does so every second at least."""
        self._hub.tick()

    @property
    def recorder(self) -> Recorder:
        """Writes the journal.

        Raises:
            LookupError: the hub was configured without a journal.
        """
        if self._hub.recorder is None:
            raise LookupError("this hub has no journal: configure it with HubConfig(journal=True)")
        return self._hub.recorder

    async def _keep_time(self) -> None:
        limits = self.config.limits
        shortest = min(limits.ping_interval, limits.pong_timeout, limits.stall_timeout)
        period = min(1.0, shortest / 10)
        while True:
            await sleep(self._hub.clock, period)
            self._hub.tick()

    async def _wait_until_closed(self, seconds: float) -> None:
        self._operations.flush()
        if waiting := [open_socket.closed.awaited() for open_socket in self._operations.sockets.values()]:
            await asyncio.wait(waiting, timeout=seconds)

    def _begin(self) -> None:
        for rule in self.config.faults:
            self.faults.add(rule)
        for source in self.config.sources:
            self.sources.start(source)

    def _activity(self) -> Activity:
        return Activity(self.recorder.last_number, self.awaited)

    def _control_routes(self) -> list[web.RouteDef]:
        if self.config.control_token is None:
            return []
        from .control.controlled import ControlledHub  # loaded where it is asked for: most tests do without
        from .control.surface import ControlSurface

        controlled = ControlledHub(self._hub, self._stage, self.faults, self.sources, self.reset)
        return ControlSurface(controlled, self.config.control_token).routes()

    def _soon(self, action: Callable[[], None]) -> None:
        if self._loop is not None:
            self._loop.call_soon(action)

    def _wake(self) -> None:
        if self._loop is None:
            return
        self._operations.woken()
        if interval := self._hub.dialect.flush_interval:
            # From the first of what goes out together: whatever the rhythm of events is, none waits longer.
            self._hub.clock.call_later(interval, self._operations.flush)
        else:
            # What is queued in one turn of the loop goes out together at the end of it.
            self._loop.call_soon(self._operations.flush)
