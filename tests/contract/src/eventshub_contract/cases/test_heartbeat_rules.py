"""HB: who is alive, and what becomes of who is not."""

from __future__ import annotations

import itertools

import pytest

from eventshub_contract.heartbeats import Observation, deadline
from eventshub_contract.hub import Hub
from eventshub_contract.watch import Watch


@pytest.mark.rule("HB-1")
def test_client_without_json_pings_stays_connected(answering_peer: Watch[Observation]) -> None:
    seen = answering_peer.result()
    assert seen.gone_after is None, (
        f"a client that answers protocol pings was closed after {seen.gone_after:.1f} s"
    )


@pytest.mark.rule("HB-1")
def test_protocol_pings_come_at_the_interval(answering_peer: Watch[Observation]) -> None:
    seen = answering_peer.result()
    interval = answering_peer.hub.target.ping_interval
    assert seen.pings, (
        f"no protocol ping within {deadline(answering_peer.hub):.1f} s; {_set_to(answering_peer.hub)}"
    )
    gaps = [later - earlier for earlier, later in itertools.pairwise((0.0, *seen.pings))]
    assert max(gaps) <= interval * 1.5 + 0.5, (
        f"{max(gaps):.1f} s between two protocol pings, not {interval:g}"
    )


@pytest.mark.rule("HB-1")
def test_silent_client_is_closed_at_its_deadline(silent_peer: Watch[Observation]) -> None:
    seen = silent_peer.result()
    timeout = silent_peer.hub.target.pong_timeout
    assert seen.pings, f"no protocol ping came that could have been answered; {_set_to(silent_peer.hub)}"
    assert seen.gone_after is not None, (
        f"a client that answers no ping was not closed within {deadline(silent_peer.hub):.1f} s"
    )
    assert seen.gone_after >= timeout * 0.9 - 0.1, (
        f"a client that answers no ping was closed after {seen.gone_after:.1f} s, not {timeout:g}"
    )


@pytest.mark.rule("HB-3")
def test_slot_of_a_dead_peer_is_freed_at_its_deadline(frozen_peer: Watch[Observation]) -> None:
    seen = frozen_peer.result()
    assert seen.free_after is not None, (
        f"the address of a dead peer was still refused after {deadline(frozen_peer.hub):.1f} s;"
        f" {_set_to(frozen_peer.hub)}"
    )


@pytest.mark.rule("HB-3")
def test_dead_peer_is_listed_no_more(frozen_peer: Watch[Observation]) -> None:
    seen = frozen_peer.result()
    assert not seen.is_listed, "a dead peer whose slot was freed is still in the list of connections"


def _set_to(hub: Hub) -> str:
    """What the finding rests on: that what was said of the hub's settings is so."""
    target = hub.target
    return (
        f"the hub is said to be set to --ping-interval {target.ping_interval:g}"
        f" --pong-timeout {target.pong_timeout:g}"
    )
