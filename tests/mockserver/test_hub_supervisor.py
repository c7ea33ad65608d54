"""systemd's protocols: it is told of readiness, and its sockets are used."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from eventshub_mockserver.cli import app
from eventshub_mockserver.supervisor import inherited_listener, notify

PATIENCE = 20.0
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
"""Does what systemd does between fork and exec."""


@pytest.mark.parametrize("kind", ["file", "abstract"])
def test_the_supervisor_is_told(tmp_path: Path, kind: str) -> None:
    name = f"@eventshub-{os.getpid()}" if kind == "abstract" else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(name.replace("@", "\0"))
        supervisor.settimeout(PATIENCE)
        notify("READY=1", {"NOTIFY_SOCKET": name})
        assert supervisor.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["", "relative", "/no/such/socket"])
def test_without_a_supervisor_nothing_happens(address: str) -> None:
    notify("READY=1", {"NOTIFY_SOCKET": address})


@pytest.mark.parametrize("environment", [{}, {"LISTEN_FDS": "1"}, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}])
def test_sockets_of_others_are_left_alone(environment: dict[str, str]) -> None:
    assert inherited_listener(environment) is None


def run_with(listener: socket.socket, *options: str, **variables: str) -> subprocess.Popen[str]:
    """Start a hub as systemd does, with a socket that listens."""
    given = listener.fileno()
    command = ["-m", "eventshub_mockserver", "serve", "--port", "1", *options]
    return subprocess.Popen(
        [sys.executable, "-c", HAND_OVER, str(given), *command],
        pass_fds=(given,),
        env={**os.environ, "LISTEN_FDS": "1", "EVENTS_HUB_TOKEN": "s3cret", **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_hub_serves_on_the_socket_it_was_given_and_says_when(tmp_path: Path) -> None:
    address = tmp_path / "notify"
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor,
    ):
        supervisor.bind(str(address))
        supervisor.settimeout(PATIENCE)
        port = listener.getsockname()[1]
        process = run_with(listener, NOTIFY_SOCKET=str(address))
        try:
            assert supervisor.recv(100) == b"READY=1"
            assert httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
            process.send_signal(signal.SIGTERM)
            assert supervisor.recv(100) == b"STOPPING=1"
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
            _, errors = process.communicate()
    assert f"url=http://127.0.0.1:{port} " in errors


def test_a_socket_that_does_not_listen_is_refused() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        process = run_with(listener)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3
    assert "does not listen for TCP" in errors


def test_a_socket_that_others_can_reach_needs_tls_like_any_address(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wide(socket.socket):
        """Says that it is bound to every address, and is to none: nobody gets in."""

        def getsockname(self) -> tuple[str, int]:
            return "0.0.0.0", 80

    with Wide() as listener:
        monkeypatch.setattr("eventshub_mockserver.cli.inherited_listener", lambda: listener)
        result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["serve", "--token", "s3cret"])
    assert result.exit_code == 2
    assert "0.0.0.0 can be reached by others, and there is no TLS" in result.stderr
