"""The command as its users see it: a process, its output, its files and its exit code."""

from __future__ import annotations

import json
import logging
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.mockserver.serving_process import PATIENCE, end, serving
from typer.testing import CliRunner, Result
from websockets.sync.client import connect

from eventshub_mockserver.cli import app


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """The command takes over the root logger; later tests of this process want it back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    ready = tmp_path / "ready.json"
    environment = {
        "EVENTS_HUB_TOKEN": "s3cret-one bob:s3cret-two",
        "EVENTS_HUB_CONTROL_TOKEN": "s3cret-control",
    }
    with serving(ready, "--simulate", "--rate", "50", errors=subprocess.PIPE, **environment) as (
        process,
        told,
    ):
        assert told["control_url"] == told["url"] + "/control"
        assert "s3cret" not in ready.read_text()
        headers = {"Authorization": "Bearer s3cret-two"}
        url = f"{told['ws_url']}/v1/ws/subscribe?event_types=pdfm"
        with connect(url, additional_headers=headers) as client:
            client.recv()
            assert json.loads(client.recv(timeout=PATIENCE))["event_type"] == "pdfm"
            (entry,) = httpx.get(f"{told['url']}/v1/ws/clients", headers=headers).json()
            assert entry["username"] == "bob"
            process.send_signal(number)
            frames = [json.loads(frame) for frame in client]
            assert frames[-1]["message"] == "SHUTDOWN"
            assert client.close_code == 1001
        output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert not ready.exists()
    assert told["url"] in output
    assert "connection opened" in errors
    assert "Traceback" not in errors
    assert "s3cret" not in output + errors


def test_without_a_credential_one_is_made_up_and_printed_once(tmp_path: Path) -> None:
    with serving(tmp_path / "ready.json", EVENTS_HUB_TOKEN="") as (process, told):
        output, errors = end(process)
    token = next(line for line in output.splitlines() if "Token" in line).split()[-1]
    assert len(token) >= 32
    assert output.count(token) == 1
    assert token not in errors
    assert told["control_url"] is None


@pytest.fixture
def run() -> Callable[..., Result]:
    runner = CliRunner(env={"EVENTS_HUB_TOKEN": "", "EVENTS_HUB_CONTROL_TOKEN": "", "COLUMNS": "200"})

    def invoke(*arguments: str) -> Result:
        return runner.invoke(app, arguments)

    return invoke


def test_a_port_in_use_is_one_line_and_exit_code_3(run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port), "--token", "s3cret")
    assert result.exit_code == 3
    line = result.stderr.strip().splitlines()[-1]
    assert line.startswith(f"Error: cannot listen on 127.0.0.1 port {port}")
    assert "in use" in line


def test_a_ready_file_that_cannot_be_written_is_exit_code_4(run: Any, tmp_path: Path) -> None:
    result = run("serve", "--port", "0", "--ready-file", str(tmp_path))
    assert result.exit_code == 4
    assert result.stderr.strip().splitlines()[-1].startswith("Error: cannot write")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--host", "0.0.0.0"], "--insecure-bind"),
        (["--host", "::"], "--insecure-bind"),
        (["--host", "hub.example"], "--insecure-bind"),
        (["--port", "70000"], "port"),
        (["--connections-per-ip", "many"], "--connections-per-ip"),
        (["--connections-per-ip", "0"], "at least 1"),
        (["--ping-interval", "0"], "ping_interval"),
        (["--pong-timeout", "10"], "pong_timeout"),
        (["--trusted-proxy", "nowhere"], "trusted_proxies"),
        (["--token", "a:b:c:s3cret"], "a credential is"),
        (["--token", "name:"], "a credential is"),
        (["--api-key", "s3cret"], "a credential is"),
        (["--token", "s3cret", "--control-token", "s3cret"], "control_token"),
        (["--simulate", "--rate", "0"], "rate"),
        (["--ready-file", "/no/such/folder/ready.json"], "--ready-file"),
        (["--log-level", "loud"], "--log-level"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_wrong_usage_is_explained_with_exit_code_2(run: Any, arguments: list[str], says: str) -> None:
    result = run("serve", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "s3cret" not in result.stderr
    assert "Traceback" not in result.stderr


def test_help_has_examples_and_exit_codes(run: Any) -> None:
    text = run("serve", "--help").stdout
    assert "eventshub-mockserver serve --simulate" in text
    assert "Exit codes" in text


def test_claims_and_api_keys_can_be_given(tmp_path: Path) -> None:
    arguments = (
        "--token",
        "none::s3cret",
        "--token",
        "boss:READ_ONLY,ADMIN:s3cret-boss",
        "--api-key",
        "k:s3cret",
    )
    with serving(tmp_path / "ready.json", *arguments) as (process, told):
        stats = f"{told['url']}/v1/ws/stats"
        for headers, status in (
            ({"Authorization": "Bearer s3cret"}, 403),
            ({"Authorization": "Bearer s3cret-boss"}, 200),
            ({"X-Api-Key": "azpzM2NyZXQ="}, 200),
        ):
            assert httpx.get(stats, headers=headers).status_code == status
        end(process)


def test_the_control_surface_moves_virtual_time(tmp_path: Path) -> None:
    # A client of another process that is slow to answer must not be lost here.
    options = ("--virtual-time", "--simulate", "--rate", "1", "--pong-timeout", "3600")
    ready = tmp_path / "ready.json"
    with serving(ready, *options, EVENTS_HUB_TOKEN="s3cret", EVENTS_HUB_CONTROL_TOKEN="s3cret-control") as (
        process,
        told,
    ):
        control = httpx.Client(
            base_url=told["control_url"], headers={"Authorization": "Bearer s3cret-control"}, timeout=PATIENCE
        )
        with control, connect(f"{told['ws_url']}/v1/ws/subscribe?event_types=health&access_token=s3cret"):
            assert control.post("/clock/advance", json={"seconds": 600}).json()["elapsed"] == 600
            assert control.get("/journal/counts?kind=ping").json()["total"] == 20
            assert control.get("/journal/counts?kind=published").json()["total"] > 300
            assert len(control.get("/connections").json()) == 1
        end(process)
    assert process.returncode == 0


def test_a_late_client_is_told_what_there_is(tmp_path: Path) -> None:
    options = ("--simulate", "--rate", "0.001", "--tell-newcomers", "--token", "s3cret")
    with serving(tmp_path / "ready.json", *options) as (process, told):
        url = f"{told['ws_url']}/v1/ws/subscribe?event_types=pdfm&access_token=s3cret"
        for _ in range(2):
            with connect(url) as client:
                welcome = json.loads(client.recv(timeout=PATIENCE))
                added = json.loads(client.recv(timeout=PATIENCE))
                assert (added["message"], added["client_id"]) == ("VM_ADDED", welcome["client_id"])
        end(process)


def test_no_journal_if_it_is_not_wanted(tmp_path: Path) -> None:
    with serving(tmp_path / "ready.json", "--no-journal", "--control-token", "c0ntrol") as (process, told):
        answer = httpx.get(f"{told['control_url']}/journal", headers={"Authorization": "Bearer c0ntrol"})
        assert answer.status_code == 409
        end(process)


def test_the_document_of_the_control_surface_is_printed(run: Any) -> None:
    printed = json.loads(run("control-openapi").stdout)
    assert printed["openapi"] == "3.1.0"
    assert "/control/publish" in printed["paths"]


@pytest.mark.parametrize(
    ("options", "says"),
    [(["--virtual-time"], "--control-token"), (["--tell-newcomers"], "--simulate")],
)
def test_options_that_need_others(run: Any, options: list[str], says: str) -> None:
    result = run("serve", *options)
    assert result.exit_code == 2
    assert says in result.stderr
