"""Runs a hub as a process: until a signal, with a file that says when it is ready."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .core.credentials import ApiKey, Token
from .net.certificates import Certificates
from .net.server import HubServer
from .open_files import allow_connections
from .serving import Serving
from .sources.replay import Replay
from .sources.scenario import Scenario
from .sources.stage import ScenarioFailure
from .supervisor import notify

if TYPE_CHECKING:
    from collections.abc import Generator

_LOG = logging.getLogger("eventshub_mockserver")
_LOOK_AGAIN: Final = 5.0
"""Seconds between two looks at whether the certificate's files have changed."""


class ReadyFileError(Exception):
    """The ready file cannot be written."""


def run_until_signal(
    serving: Serving,
    ready_file: Path | None,
    announce: Callable[[HubServer], None],
    *,
    until_done: bool,
    read_credentials: Callable[[], tuple[Token | ApiKey, ...]],
    listener: socket.socket | None,
) -> tuple[ScenarioFailure, ...]:
    """Serve until SIGINT or SIGTERM, then shut down cleanly; a second signal ends the process at once.

    SIGHUP has the certificate, the credentials and the keys of signed tokens read again. systemd is
    told when the hub listens and when it ends.

    Args:
        serving: the hub.
        ready_file: written when the hub listens, removed when it ends.
        announce: called when the hub listens.
        until_done: end as well when all scenarios and replays have come to their end.
        read_credentials: gives those that count now; raises ``ValueError`` if that cannot be said.
        listener: a socket that listens already, to be used instead of the configured address.

    Returns:
        What scenarios and replays had to complain of.

    Raises:
        OSError: the address cannot be listened on.
        SigningKeysError: the file with the keys of signed tokens holds none.
        ReadyFileError: the ready file cannot be written.
    """
    allow_connections(serving.config.limits.connections)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_serve(serving, ready_file, announce, until_done, read_credentials, listener))


async def _serve(
    serving: Serving,
    ready_file: Path | None,
    announce: Callable[[HubServer], None],
    until_done: bool,
    read_credentials: Callable[[], tuple[Token | ApiKey, ...]],
    listener: socket.socket | None,
) -> tuple[ScenarioFailure, ...]:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        if stopping.is_set():
            if ready_file is not None:
                ready_file.unlink(missing_ok=True)
            os._exit(128 + number)
        _LOG.info("stopping signal=%s", number.name)
        notify("STOPPING=1")
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)

    def stop_when_done() -> None:
        if not any(isinstance(running.source, Scenario | Replay) for running in server.sources.running):
            stopping.set()

    async with HubServer(serving.config, listener=listener) as server:
        if until_done:
            server.sources.end_listeners.append(stop_when_done)

        def hang_up() -> None:
            if serving.certificates is not None:
                _read_again("certificate", serving.certificates.reload)
            _read_again("credentials", lambda: server.replace_credentials(read_credentials()))
            server.read_keys_again()

        loop.add_signal_handler(signal.SIGHUP, hang_up)
        with _announced(server, ready_file), _watched(serving.certificates):
            announce(server)
            notify("READY=1")
            await stopping.wait()
    return server.scenario_failures


def _read_again(what: str, read: Callable[[], object]) -> None:
    try:
        if read() is not False:
            _LOG.info("read again what=%s", what)
    except ValueError as error:
        # One line: what is wrong with a file is no fault of the hub's.
        _LOG.error("not read again, the old one stays what=%s error=%s", what, error)


@contextmanager
def _watched(certificates: Certificates | None) -> Generator[None]:
    """Have new handshakes get what the certificate's files hold soon after they change."""
    loop = asyncio.get_running_loop()
    watch: asyncio.TimerHandle | None = None

    def look() -> None:
        nonlocal watch
        if certificates is not None:
            _read_again("certificate", certificates.reload_if_changed)
            watch = loop.call_later(_LOOK_AGAIN, look)

    look()
    try:
        yield
    finally:
        if watch is not None:
            watch.cancel()


@contextmanager
def _announced(server: HubServer, ready_file: Path | None) -> Generator[None]:
    """Keep the ready file; it holds no secret."""
    if ready_file is None:
        yield
        return
    content = {"url": server.url, "ws_url": server.ws_url, "control_url": server.control_url}
    # Whoever waits for the file must never see half of it.
    partial = ready_file.with_name(f".{ready_file.name}.{os.getpid()}")
    try:
        partial.write_text(json.dumps(content) + "\n")
        partial.replace(ready_file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ReadyFileError(f"cannot write {ready_file}: {error.strerror}") from error
    try:
        yield
    finally:
        ready_file.unlink(missing_ok=True)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
