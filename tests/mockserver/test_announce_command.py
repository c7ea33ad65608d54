"""The command with which operators tell everybody something, against a hub that runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from typer.testing import CliRunner, Result
from websockets.sync.client import connect

from eventshub_mockserver import HubConfig, Token, serve_in_thread
from eventshub_mockserver.cli import app
from eventshub_mockserver.net.certificates import Certificates

TOKEN, CONTROL = "s3cret-token", "s3cret-control"
CONFIG = HubConfig(credentials=(Token("reader", TOKEN),), control_token=CONTROL)
Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    runner = CliRunner(env={"COLUMNS": "200", "EVENTS_HUB_CONTROL_TOKEN": CONTROL, "EVENTS_HUB_URL": None})

    def invoke(url: str, *arguments: str, token: str = CONTROL) -> Result:
        return runner.invoke(
            app, ["announce", "--url", url, *arguments], env={"EVENTS_HUB_CONTROL_TOKEN": token}
        )

    return invoke


@pytest.mark.parametrize(
    ("arguments", "message", "body"),
    [
        (
            ["announcement", "severity=info", "text=back in 5"],
            "ANNOUNCEMENT",
            {"severity": "info", "text": "back in 5"},
        ),
        (
            ["MAINTENANCE_SCHEDULED", "starts_at=2030-01-01T00:00:00Z", "text=a=b"],
            "MAINTENANCE_SCHEDULED",
            {"starts_at": "2030-01-01T00:00:00Z", "text": "a=b"},
        ),
        (["shutdown", "reconnect_after_seconds=30"], "SHUTDOWN", {"reconnect_after_seconds": 30}),
    ],
)
def test_everybody_is_told(run: Run, arguments: list[str], message: str, body: dict[str, object]) -> None:
    with serve_in_thread(CONFIG) as hub:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with connect(f"{hub.ws_url}/v1/ws/subscribe", additional_headers=headers) as client:
            client.recv()
            result = run(hub.url + "/", *arguments)
            assert result.exit_code == 0, result.output
            event = json.loads(client.recv(timeout=10))
    assert (event["event_type"], event["message"], event["body"]) == ("global", message, body)
    assert result.stdout == f"Told 1: {message} {event['id']}\n"


def test_what_the_hub_says_against_it_is_told(run: Run) -> None:
    with serve_in_thread(CONFIG) as hub:
        wrong = run(hub.url, "announcement", "severity=grave")
        stranger = run(hub.url, "shutdown", token="wrong")
    assert (wrong.exit_code, stranger.exit_code) == (1, 1)
    assert "the hub answered 400: " in wrong.stderr
    assert "text" in wrong.stderr or "severity" in wrong.stderr
    assert "the hub answered 401: " in stranger.stderr


def test_a_hub_without_a_control_surface_and_no_hub_at_all(run: Run) -> None:
    with serve_in_thread() as hub:
        closed = run(hub.url, "shutdown")
    gone = run(hub.url, "shutdown")
    assert (closed.exit_code, gone.exit_code) == (3, 3)
    assert "404" in closed.stderr
    assert f"no hub at {hub.url}" in gone.stderr
    assert "Traceback" not in closed.output + gone.output
    assert "s3cret" not in closed.output + gone.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["error"], "'error' is none: there are maintenance-scheduled, announcement, shutdown"),
        (["shutdown", "reason"], "'reason' is not KEY=VALUE"),
        (["shutdown", "=x"], "'=x' is not KEY=VALUE"),
        (["shutdown", "--url", "ftp://hub"], "http://"),
    ],
)
def test_wrong_usage(run: Run, arguments: list[str], says: str) -> None:
    result = run("http://127.0.0.1:1", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr


def test_over_tls_with_an_authority_of_ones_own(run: Run, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "hub.pem"))
    tls = Certificates(tmp_path / "hub.pem").context
    with serve_in_thread(HubConfig(control_token=CONTROL, tls=tls)) as hub:
        assert run(hub.url, "shutdown").exit_code == 3
        assert run(hub.url, "shutdown", "--ca", str(tmp_path / "ca.pem")).exit_code == 0
