"""Protocol CONN-2 to CONN-8, IP-1 to IP-5: who gets in, and with which channels."""

from __future__ import annotations

import uuid

import pytest
from tests.mockserver.core_harness import CoreHub

from eventshub_mockserver.core.limits import Limits


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (None, ["global"]),
        ("", ["global"]),
        ("nope,,", ["global"]),
        ("pdfm", ["pdfm", "global"]),
        (" PDFM , Health ", ["pdfm", "health", "global"]),
        ("pdfm,nope,pdfm", ["pdfm", "global"]),
        ("global,pdfm", ["global", "pdfm"]),
        ("health,global,GLOBAL", ["health", "global"]),
        ("health,orchestrator,system,pdfm", ["health", "orchestrator", "system", "pdfm", "global"]),
    ],
)
def test_granted_channels(asked: str | None, granted: list[str]) -> None:
    peer = CoreHub().connect(asked)
    assert peer.welcome["body"]["subscriptions"] == granted


def test_the_welcome_is_first_and_names_the_client() -> None:
    core = CoreHub()
    one, two = core.connect("pdfm"), core.connect("pdfm")
    for peer in (one, two):
        assert peer.welcome["event_type"] == "global"
        assert peer.welcome["message"] == "WebSocket connection established subscribed to global by default"
        assert uuid.UUID(peer.welcome["body"]["client_id"]).version == 4
        assert peer.welcome["client_id"] == peer.welcome["body"]["client_id"] == peer.id
    assert one.id != two.id
    assert one.welcome["id"] != two.welcome["id"]


def test_a_second_connection_from_an_address_is_409_and_names_it() -> None:
    core = CoreHub()
    first = core.connect(address="203.0.113.9")
    refusal = core.refuses(address="203.0.113.9", name="bob")
    assert refusal.status == 409
    assert "203.0.113.9" in refusal.message
    core.hub.disconnect(first.connection)
    core.connect(address="203.0.113.9")


def test_giving_back_twice_frees_one_slot() -> None:
    core = CoreHub(dialect={"connections_per_address": 2})
    first = core.connect(address="a")
    core.connect(address="a")
    core.hub.disconnect(first.connection)
    core.hub.disconnect(first.connection)
    core.connect(address="a")
    assert core.refuses(address="a").status == 409


@pytest.mark.parametrize("limit", [2, 5])
def test_any_number_of_connections_can_be_allowed(limit: int) -> None:
    core = CoreHub(dialect={"connections_per_address": limit})
    for _ in range(limit):
        core.connect(address="a")
    assert core.refuses(address="a").status == 409


def test_the_limit_can_be_off() -> None:
    core = CoreHub(dialect={"connections_per_address": None})
    for _ in range(50):
        core.connect(address="a")


def test_a_full_hub_asks_to_come_back() -> None:
    core = CoreHub(Limits(connections=2))
    core.connect()
    core.connect()
    refusal = core.refuses()
    assert refusal.status == 503
    assert "Retry-After" in dict(refusal.headers)


def test_a_hub_that_shuts_down_lets_nobody_in() -> None:
    core = CoreHub()
    core.hub.shut_down()
    refusal = core.refuses()
    assert refusal.status == 503
    assert "Retry-After" in dict(refusal.headers)
