"""Signals to the command, and what it withstands until the last of them."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import trustme
from tests.mockserver.serving_process import PATIENCE, end, serving
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection, connect


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with serving(ready, "--token", "s3cret") as (process, told):
        host, port = told["url"].removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as stubborn:
            stubborn.sendall(
                b"GET /v1/ws/subscribe?access_token=s3cret HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            assert b"101" in stubborn.recv(100)
            process.send_signal(signal.SIGTERM)
            received = b""
            while b"SHUTDOWN" not in received:
                received += stubborn.recv(4096)
            started = time.monotonic()
            end(process)
            assert time.monotonic() - started < 1.5
    assert process.returncode == 128 + signal.SIGTERM
    assert not ready.exists()


def test_a_hang_up_has_the_certificate_read_again(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = tmp_path / "hub.pem"

    def renew() -> None:
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))

    def serial() -> str:
        context = ssl.create_default_context()
        context.load_verify_locations(cadata=authority.cert_pem.bytes().decode())
        with (
            socket.create_connection((host, int(port)), timeout=PATIENCE) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            return str((secure.getpeercert() or {})["serialNumber"])

    renew()
    with serving(tmp_path / "ready.json", "--token", "s3cret", "--tls-cert", str(certificate)) as (
        process,
        told,
    ):
        host, port = told["url"].removeprefix("https://").split(":")
        before = serial()
        renew()
        process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + PATIENCE
        while serial() == before:
            assert time.monotonic() < deadline
        _, errors = end(process)
    assert process.returncode == 0
    assert "read again what=certificate" in errors


def test_a_hang_up_without_a_certificate_changes_nothing(tmp_path: Path) -> None:
    with serving(tmp_path / "ready.json", "--token", "s3cret", "--log-format", "json") as (process, told):
        process.send_signal(signal.SIGHUP)
        assert httpx.get(f"{told['url']}/readyz").status_code == 200
        _, errors = end(process)
    assert process.returncode == 0
    assert {"listening", "stopping", "stopped"} <= {
        json.loads(line)["message"] for line in errors.splitlines()
    }


def test_a_hang_up_has_the_credentials_read_again_and_revokes_what_is_gone(tmp_path: Path) -> None:
    config, secret = tmp_path / "hub.toml", tmp_path / "changing"
    entry = "[[tokens]]\nname = '{0}'\nsecret = {{ file = '{0}' }}\n"
    for name in ("staying", "leaving", "changing"):
        (tmp_path / name).write_text(f"s3cret-{name}")
    config.write_text("".join(map(entry.format, ("staying", "leaving", "changing"))))
    options = ("--config", str(config), "--connections-per-ip", "off")
    with ExitStack() as stack:
        process, told = stack.enter_context(serving(tmp_path / "ready.json", *options))

        def client(token: str) -> ClientConnection:
            headers = {"Authorization": f"Bearer {token}"}
            url = f"{told['ws_url']}/v1/ws/subscribe"
            connection = stack.enter_context(connect(url, additional_headers=headers))
            connection.recv()
            return connection

        staying, leaving, changing = (client(f"s3cret-{n}") for n in ("staying", "leaving", "changing"))
        config.write_text("no TOML")
        process.send_signal(signal.SIGHUP)  # leaves everything as it is
        client("s3cret-leaving").close()
        secret.write_text("s3cret-changed")
        config.write_text("".join(map(entry.format, ("staying", "changing"))))
        process.send_signal(signal.SIGHUP)
        for gone in (leaving, changing):
            with pytest.raises(ConnectionClosedError, match=r"1008 .*the credential was revoked"):
                gone.recv(PATIENCE)
        client("s3cret-changed").close()
        for refused in ("s3cret-leaving", "s3cret-changing"):
            with pytest.raises(InvalidStatus, match="401"):
                client(refused)
        assert staying.ping().wait(PATIENCE)
        staying.close()
        _, errors = end(process)
    assert "not read again, the old one stays what=credentials" in errors
    assert "s3cret" not in errors


def test_the_log_may_be_on_a_disk_that_is_full(tmp_path: Path) -> None:
    ready, headers = tmp_path / "ready.json", {"Authorization": "Bearer s3cret"}
    with (
        Path("/dev/full").open("w") as full,
        serving(ready, "--token", "s3cret", "--log-level", "debug", errors=full) as (process, told),
    ):
        for _ in range(3):
            assert httpx.get(f"{told['url']}/v1/ws/stats", headers=headers).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_a_signal_under_load_leaves_no_event_unaccounted_for(tmp_path: Path) -> None:
    options = ("--token", "s3cret", "--connections-per-ip", "off", "--log-format", "json")
    load = ("--simulate", "--rate", "500", "--drain-timeout", "2", "--close-timeout", "1")
    headers = {"Authorization": "Bearer s3cret"}
    listening, is_over = threading.Semaphore(0), threading.Event()

    def listen(url: str, reads: bool) -> tuple[str, int | None]:
        """Listen until the end; whose connection it was, and how many messages came."""
        with connect(url, additional_headers=headers) as client:
            client_id = json.loads(client.recv())["body"]["client_id"]
            listening.release()
            if not reads:
                assert is_over.wait(PATIENCE)
                return client_id, None
            frames = [str(frame) for frame in client]
            assert '"SHUTDOWN"' in frames[-1]
            assert client.close_code == 1001
            return client_id, 1 + len(frames)

    with serving(tmp_path / "ready.json", *options, *load) as (process, told):
        url = f"{told['ws_url']}/v1/ws/subscribe?event_types=pdfm,orchestrator"
        with ThreadPoolExecutor() as pool:
            clients = [pool.submit(listen, url, number > 0) for number in range(4)]
            for _ in clients:
                assert listening.acquire(timeout=PATIENCE)
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=PATIENCE)
            is_over.set()
            received = dict(client.result(PATIENCE) for client in clients)
    assert process.returncode == 0
    lines = map(json.loads, errors.splitlines())
    closed = {line["connection"]: line for line in lines if line["message"] == "connection closed"}
    assert closed.keys() == received.keys()
    for client_id, count in received.items():
        assert count in (closed[client_id]["sent"], None)
        assert closed[client_id]["evicted"] == 0
        assert count is None or closed[client_id]["lost"] == 0
