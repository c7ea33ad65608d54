"""The command, run in this process or in one of its own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
from tests.sdk.scripted_hub import Script, scripted_hub
from websockets.sync.client import connect

from eventshub.cli.entry import run
from eventshub_mockserver import HubForTests


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


class RunCommand(Protocol):
    """Runs ``eventshub`` with arguments to its end, while something happens at the hub."""

    def __call__(self, *arguments: str, meanwhile: Callable[[], object] | None = None) -> Done: ...


@pytest.fixture
def environment(events_hub: HubForTests, monkeypatch: pytest.MonkeyPatch) -> HubForTests:
    """A hub that the environment names, and nothing else there that the command looks at."""
    monkeypatch.setenv("EVENTS_HUB_URL", events_hub.url)
    monkeypatch.setenv("EVENTS_HUB_TOKEN", events_hub.token)
    for name in ("EVENTS_HUB_API_KEY", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return events_hub


@pytest.fixture
def cli(environment: HubForTests, capfd: pytest.CaptureFixture[str]) -> RunCommand:
    """The command in this process."""

    def invoke(*arguments: str, meanwhile: Callable[[], object] | None = None) -> Done:
        with ThreadPoolExecutor() as pool:
            happening = pool.submit(meanwhile) if meanwhile is not None else None
            code = run([*arguments])
            if happening is not None:
                happening.result(timeout=20)
        output = capfd.readouterr()
        return Done(code, output.out, output.err)

    return invoke


class StartCommand(Protocol):
    """Starts ``eventshub`` in a process of its own, which the end of the test kills if need be."""

    def __call__(self, *arguments: str, **options: Any) -> subprocess.Popen[str]: ...


@pytest.fixture
def start(environment: HubForTests) -> Generator[StartCommand]:
    """The command in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, **options: Any) -> subprocess.Popen[str]:
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        process = subprocess.Popen([sys.executable, "-m", "eventshub.cli", *arguments], text=True, **pipes)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@contextmanager
def scripted_hub_in_thread(script: Script) -> Generator[str]:
    """A hub that runs a script for each connection, in a thread of its own; gives its URL."""
    ready: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        over = asyncio.Event()
        async with scripted_hub(script) as hub:
            ready.set_result((hub.url, asyncio.get_running_loop(), over))
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    url, loop, over = ready.result(timeout=20)
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


@contextmanager
def connected(hub: HubForTests, *channels: str) -> Generator[str]:
    """Another connection of the same credential; gives its client ID."""
    url = f"{hub.ws_url}/v1/ws/subscribe?event_types={','.join(channels)}"
    with connect(url, additional_headers={"Authorization": f"Bearer {hub.token}"}) as connection:
        yield json.loads(connection.recv())["body"]["client_id"]


@contextmanager
def terminal() -> Generator[tuple[int, Callable[[], str]]]:
    """A terminal of 200 columns: the descriptor for a process, and a way to read what it has shown so far."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    os.set_blocking(ours, False)
    shown = bytearray()

    def read() -> str:
        try:
            while data := os.read(ours, 65536):
                shown.extend(data)
        except OSError:  # nothing there now, or the other end is closed
            pass
        return shown.decode(errors="replace")

    try:
        yield theirs, read
    finally:
        os.close(ours)
        os.close(theirs)
