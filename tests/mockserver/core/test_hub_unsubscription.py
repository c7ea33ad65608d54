"""Protocol UNSUB-1 to UNSUB-7."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.mockserver.core_harness import VM, CoreHub, Peer

from eventshub_mockserver._generated.models import UnsubscribeResult
from eventshub_mockserver.core.credentials import ADMIN, READ_ONLY, Principal
from eventshub_mockserver.core.refusal import Refusal
from eventshub_mockserver.core.unsubscription import unsubscribe

ALICE = Principal("alice")


def ask(core: CoreHub, client_id: object, event_types: object, principal: Principal = ALICE) -> Any:
    body = json.dumps({"client_id": client_id, "event_types": event_types}).encode()
    return unsubscribe(core.hub, principal, body)


def removed(core: CoreHub, peer: Peer, *channels: str) -> UnsubscribeResult:
    result = ask(core, peer.id, list(channels))
    assert isinstance(result, UnsubscribeResult)
    assert result.code == 200
    return result


def refused(core: CoreHub, client_id: object, event_types: object, principal: Principal = ALICE) -> Refusal:
    result = ask(core, client_id, event_types, principal)
    assert isinstance(result, Refusal)
    return result


def test_removed_channels_go_quiet_and_the_rest_goes_on() -> None:
    core = CoreHub()
    peer = core.connect("pdfm,health,system")
    result = removed(core, peer, "pdfm", "Health ")
    assert result.unsubscribed == ("pdfm", "health")
    assert result.remaining_subscriptions == ("system", "global")
    assert result.refused == ()
    assert core.hub.publish("pdfm", "VM_STATE_CHANGED", VM).recipients == 0
    assert core.hub.publish("global", "SHUTDOWN", {}).recipients == 1
    assert len(peer.reads()) == 1


def test_what_waits_of_a_removed_channel_is_not_sent() -> None:
    core = CoreHub()
    peer = core.connect("pdfm")
    core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    core.hub.publish("global", "SHUTDOWN", {})
    core.hub.publish("pdfm", "VM_STATE_CHANGED", VM, client_id=peer.id)
    removed(core, peer, "pdfm")
    assert [event["message"] for event in peer.reads()] == ["SHUTDOWN", "VM_STATE_CHANGED"]


def test_a_mixed_request_is_carried_out_in_part_with_guidance() -> None:
    core = CoreHub()
    peer = core.connect("pdfm")
    result = removed(core, peer, "global", "pdfm", "orchestrator", "nope", "pdfm")
    assert result.unsubscribed == ("pdfm",)
    assert {refusal.event_type for refusal in result.refused} == {"global", "orchestrator", "nope"}
    assert all(refusal.reason for refusal in result.refused)
    assert "global" in result.message


@pytest.mark.parametrize(
    ("channels", "says"),
    [
        (["global"], "cannot be removed"),
        (["nope"], "no such channel"),
        (["health"], "not subscribed"),
        (["global", "nope"], "nope"),
    ],
)
def test_nothing_to_remove_is_400(channels: list[str], says: str) -> None:
    core = CoreHub()
    peer = core.connect("pdfm")
    refusal = refused(core, peer.id, channels)
    assert refusal.status == 400
    assert says in refusal.message
    assert peer.connection.subscriptions == ("pdfm", "global")


def test_removing_twice_is_400() -> None:
    core = CoreHub()
    peer = core.connect("pdfm")
    removed(core, peer, "pdfm")
    assert refused(core, peer.id, ["pdfm"]).status == 400


@pytest.mark.parametrize("claims", [frozenset({READ_ONLY}), frozenset({READ_ONLY, ADMIN})])
def test_somebody_elses_connection_is_403_and_nothing_is_given_away(claims: frozenset[str]) -> None:
    core = CoreHub()
    peer = core.connect("pdfm")
    answers = [
        refused(core, peer.id, c, Principal("eve", claims)) for c in (["pdfm"], ["health"], ["global"])
    ]
    assert {answer.status for answer in answers} == {403}
    assert len({answer.message for answer in answers}) == 1
    assert "alice" not in answers[0].message
    assert peer.connection.subscriptions == ("pdfm", "global")


def test_an_unknown_connection_is_404() -> None:
    core = CoreHub()
    peer = core.connect("pdfm")
    core.hub.disconnect(peer.connection)
    assert refused(core, peer.id, ["pdfm"]).status == 404


def test_the_case_of_a_client_id_does_not_matter() -> None:
    core = CoreHub()
    peer = core.connect("pdfm")
    assert isinstance(ask(core, peer.id.upper(), ["pdfm"]), UnsubscribeResult)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"nonsense", "not JSON"),
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        pytest.param(b"[" * 60_000, "not JSON", id="deep"),
        (b"[]", "object"),
        (b"{}", "client_id"),
        (b'{"client_id": "b6928d12-c836-4efc-98f1-3220db691900"}', "event_types"),
        (b'{"client_id": 5, "event_types": ["pdfm"]}', "client_id"),
        (b'{"client_id": "nope", "event_types": ["pdfm"]}', "client_id"),
        (b'{"client_id": "b6928d12-c836-4efc-98f1-3220db691900", "event_types": []}', "event_types"),
        (b'{"client_id": "b6928d12-c836-4efc-98f1-3220db691900", "event_types": "pdfm"}', "event_types"),
        (b'{"client_id": "b6928d12-c836-4efc-98f1-3220db691900", "event_types": [5]}', "event_types[0]"),
    ],
)
def test_a_wrong_body_is_400_and_names_the_field(body: bytes, says: str) -> None:
    result = unsubscribe(CoreHub().hub, ALICE, body)
    assert isinstance(result, Refusal)
    assert result.status == 400
    assert says in result.message
