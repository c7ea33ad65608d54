"""Protocol CMD-1 to CMD-6: what a client may say, and what comes back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mockserver.core_harness import CoreHub

from eventshub_mockserver.core.limits import Limits

PING = {"event_type": "health", "message": "ping", "id": "p-1"}


@pytest.mark.parametrize(
    "keys", [{"event_type": "health"}, {"type": "health"}, {"event_type": "health", "type": "health"}]
)
def test_either_key_names_the_channel(keys: dict[str, str]) -> None:
    peer = CoreHub().connect("health")
    pong = peer.says({**keys, "message": "ping", "id": "p-1", "more": [1]})
    assert (pong["event_type"], pong["message"], pong["ref_id"]) == ("health", "pong", "p-1")
    assert pong["client_id"] == peer.id
    assert "body" not in pong


def test_client_id_is_told() -> None:
    peer = CoreHub().connect("system")
    reply = peer.says({"type": "system", "message": "client-id", "id": "c-1"})
    assert reply["body"] == {"client-id": peer.id}
    assert reply["ref_id"] == "c-1"


@pytest.mark.parametrize("extra", [{}, {"id": ""}])
def test_without_an_id_the_hub_makes_one_up(extra: dict[str, str]) -> None:
    peer = CoreHub().connect("health")
    replies = [peer.says({"type": "health", "message": "ping", **extra}) for _ in range(2)]
    assert replies[0]["ref_id"]
    assert replies[0]["ref_id"] != replies[1]["ref_id"]


def test_a_command_needs_its_channel() -> None:
    peer = CoreHub().connect("pdfm")
    error = peer.says(PING)
    assert (error["event_type"], error["message"], error["ref_id"]) == ("global", "error", "p-1")
    assert "health" in error["body"]["error"]
    error = peer.says({"type": "system", "message": "client-id", "id": "c-1"})
    assert (error["event_type"], error["message"], error["ref_id"]) == ("system", "error", "c-1")


def test_a_lenient_hub_answers_without_the_channel() -> None:
    peer = CoreHub(dialect={"commands_need_subscription": False}).connect()
    assert peer.says(PING)["message"] == "pong"


@pytest.mark.parametrize(
    ("text", "says", "ref_id"),
    [
        ("nonsense", "not JSON", None),
        ("", "not JSON", None),
        ('{"type": "health", "message": NaN}', "not JSON", None),
        pytest.param('{"a":' * 10_000, "not JSON", None, id="deep"),
        ('"text"', "not a JSON object", None),
        ("[]", "not a JSON object", None),
        ("null", "not a JSON object", None),
        ("{}", "event_type or type is missing", None),
        ('{"id": "x"}', "event_type or type is missing", "x"),
        ('{"type": "health", "id": "x"}', "message is missing", "x"),
        ('{"type": 5, "message": "ping", "id": "x"}', "type is not a string", "x"),
        ('{"type": "health", "message": null, "id": "x"}', "message is not a string", "x"),
        ('{"type": "health", "event_type": "system", "message": "ping", "id": "x"}', "differ", "x"),
        ('{"type": "nope", "message": "ping", "id": "x"}', "unknown channel 'nope'", "x"),
        ('{"type": "HEALTH", "message": "ping", "id": "x"}', "unknown channel 'HEALTH'", "x"),
        ('{"type": "health", "message": "pong", "id": "x"}', "unknown command on health: 'pong'", "x"),
        ('{"type": "pdfm", "message": "VM_ADDED", "id": "x"}', "unknown command on pdfm", "x"),
        ('{"type": "health", "message": "ping", "id": 7}', "id", None),
        ('{"type": "health", "message": "ping", "id": null}', "id", None),
    ],
)
def test_anything_else_gets_an_error_that_says_what_was_wrong(
    text: str, says: str, ref_id: str | None
) -> None:
    core = CoreHub()
    peer, other = core.connect("health,pdfm"), core.connect("health,pdfm")
    error = peer.says(text)
    assert (error["event_type"], error["message"]) == ("global", "error")
    assert says in error["body"]["error"]
    assert error.get("ref_id") == ref_id
    assert error["client_id"] == peer.id
    assert other.reads() == []
    assert peer.says(PING)["message"] == "pong"


def test_an_error_on_a_channel_with_an_error_of_its_own_goes_there() -> None:
    error = CoreHub().connect("system").says({"type": "system", "message": "nope", "id": "x"})
    assert (error["event_type"], error["ref_id"]) == ("system", "x")


def test_a_long_value_is_not_echoed_whole() -> None:
    error = CoreHub().connect("health").says({"type": "health", "message": "x" * 50_000})
    assert len(error["body"]["error"]) < 500


def test_a_binary_frame_is_an_error() -> None:
    core = CoreHub()
    peer = core.connect("health")
    core.hub.receive_binary(peer.connection)
    (error,) = peer.reads()
    assert "binary" in error["body"]["error"]


def test_a_flood_gets_an_error_and_the_connection_ends() -> None:
    core = CoreHub(Limits(command_rate=10, command_burst=5))
    peer = core.connect("health")
    for _ in range(5):
        assert peer.says(PING)["message"] == "pong"
    assert "too many" in peer.says(PING)["body"]["error"]
    assert peer.connection.ending is not None
    assert peer.connection.ending.code == 1008
    core.hub.receive(peer.connection, '{"type": "health", "message": "ping"}')
    assert peer.reads() == []


def test_the_allowed_rate_goes_on_for_ever() -> None:
    core = CoreHub(Limits(command_rate=10, command_burst=5))
    peer = core.connect("health")
    for _ in range(200):
        assert peer.says(PING)["message"] == "pong"
        core.clock.advance(0.1)


def test_protocol_pings_count_against_the_rate() -> None:
    core = CoreHub(Limits(command_rate=10, command_burst=5))
    peer = core.connect()
    assert [core.hub.receive_ping(peer.connection) for _ in range(6)] == [True] * 5 + [False]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
COMMANDISH: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        "event_type": st.sampled_from(["health", "system", "pdfm", ""]) | JSON,
        "type": st.sampled_from(["health", "system", "pdfm", ""]) | JSON,
        "message": st.sampled_from(["ping", "client-id"]) | JSON,
        "id": st.text() | JSON,
    },
)


@settings(deadline=None)
@given(command=COMMANDISH | JSON | st.text())
def test_whatever_comes_in_one_valid_answer_goes_out(command: object) -> None:
    answer = CoreHub().connect("health,system").says(command)
    assert answer["message"] in {"error", "pong", "client-id"}
