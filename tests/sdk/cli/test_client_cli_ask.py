"""``ping``, ``whoami``, ``clients``, ``stats`` and ``unsubscribe`` against a real hub."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.sdk.cli.conftest import RunCommand, connected

from eventshub_mockserver import HubForTests

# What the command leaves unread in its last moments is its own affair, not what these tests judge.
pytestmark = pytest.mark.events_hub(strict=False)


def test_ping_prints_the_round_trip(cli: RunCommand, environment: HubForTests) -> None:
    done = cli("ping")
    assert done.code == 0
    assert done.out.startswith(f"pong from {environment.url}: ")
    environment.expect_command("health", "ping")


def test_ping_as_json(cli: RunCommand) -> None:
    assert 0 < json.loads(cli("ping", "--json").out)["round_trip_ms"] < 20_000


def test_whoami_says_who_where_and_what_was_granted(cli: RunCommand, environment: HubForTests) -> None:
    done = cli("whoami", "--channels", "pdfm, typo")
    facts = dict(line.split(":", 1) for line in done.lines)
    assert facts["hub"].strip() == environment.url
    assert facts["granted"].split() == ["pdfm,", "global"]
    assert facts["refused"].strip() == "typo"
    assert facts["user"].strip() == "default"
    (opened,) = environment.journal.handshakes(101)
    assert facts["client ID"].strip() == opened.connection


def test_whoami_as_json_has_the_whole_welcome(cli: RunCommand) -> None:
    told = json.loads(cli("whoami", "--json").out)
    assert told["welcome"]["body"]["client_id"] == told["client_id"]
    assert told["channels"] == ["global", "pdfm", "system", "orchestrator", "health"]
    assert told["refused"] == []


def test_clients_lists_and_unsubscribe_drops(environment: HubForTests, cli: RunCommand) -> None:
    with connected(environment, "pdfm", "health") as client_id:
        listed = cli("clients").out
        assert f"id={client_id} " in listed
        assert 'event_subscriptions=["pdfm","health","global"]' in listed
        dropped = cli("unsubscribe", client_id, "pdfm")
        assert dropped.code == 0
        assert dropped.lines == ["unsubscribed: pdfm", "remaining:    health, global"]
        again = cli("unsubscribe", client_id, "health", "nonsense", "--json")
        assert again.code == 8
        assert json.loads(again.out)["unsubscribed"] == ["health"]
        assert json.loads(again.err)["error"]["message"] == "the hub did not unsubscribe nonsense"
        (only,) = (json.loads(line) for line in cli("clients", "--json").lines)
        assert only["event_subscriptions"] == ["global"]


def test_stats(cli: RunCommand) -> None:
    done = cli("stats")
    assert "total_clients:       0" in done.lines
    assert json.loads(cli("stats", "--json").out)["total_clients"] == 0


def test_clients_says_that_there_are_none(cli: RunCommand) -> None:
    done = cli("clients")
    assert (done.code, done.out, done.err) == (0, "", "no live connections\n")
    done = cli("clients", "--json")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_a_token_file_and_standard_input_are_credentials(
    cli: RunCommand, environment: HubForTests, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("EVENTS_HUB_TOKEN")
    secret = tmp_path / "token"
    secret.write_text(environment.token + "\n")
    assert cli("stats", "--token-file", str(secret)).code == 0
    with secret.open() as file:
        monkeypatch.setattr("sys.stdin", file)
        assert cli("stats", "--token-file", "-").code == 0


def test_an_option_comes_before_the_environment(cli: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTS_HUB_API_KEY", "another:kind")
    assert cli("stats").code == 2
    assert cli("stats", "--token", "wrong").code == 4
