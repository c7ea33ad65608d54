"""The scenarios that come with the package run to their end, against a client that copes."""

from __future__ import annotations

from typing import Any

import pytest
from tests.mockserver.sources.clients import Client, client_of

from eventshub_mockserver import HubConfig, HubServer, Ids, Kind, Limits, Token, VirtualClock
from eventshub_mockserver.sources.scenario import Scenario, library, load_scenario

TOKENS = (Token("old", "s3cret-old"), Token("new", "s3cret-new"))
FASTER: dict[str, dict[str, Any]] = {"event-storm": {"events": 600}, "host-dies": {"minutes": 1}}


async def perform(scenario: Scenario, *, seconds: int = 600, pause: float = 1.0) -> tuple[HubServer, Client]:
    """Run a scenario in virtual time, to its end, with a client that stays connected."""
    clock = VirtualClock()
    config = HubConfig(
        clock=clock,
        credentials=TOKENS,
        sources=(scenario,),
        ids=Ids.seeded(1),
        limits=Limits(close_timeout=0.5, drain_timeout=0.5),
    )
    secrets = [token.secret for token in TOKENS]
    async with HubServer(config) as hub, client_of(hub, clock, *secrets, pause=pause) as client:
        for _ in range(seconds):
            await clock.advance_async(1.0)
            if not hub.sources.running:
                return hub, client
    raise AssertionError(f"{scenario.name} has not ended:\n{hub.journal.timeline()}")


@pytest.mark.parametrize("name", library())
async def test_each_runs_to_its_end(name: str) -> None:
    hub, client = await perform(load_scenario(name, variables=FASTER.get(name)))
    assert hub.scenario_failures == ()
    (*_, last) = hub.journal.select(Kind.SCENARIO)
    assert last.detail == f"{name}: ends"
    assert len(client.events) > 2


def test_each_says_what_it_is_about() -> None:
    assert library() == [
        "credential-rotation",
        "event-storm",
        "flaky-network",
        "host-dies",
        "maintenance-window",
        "rolling-deploy",
        "vm-flapping",
    ]
    for name in library():
        scenario = load_scenario(name)
        assert scenario.title.endswith(".")
        assert scenario.survive.endswith(".")


@pytest.mark.parametrize("name", library())
async def test_two_runs_are_the_same_to_the_byte(name: str) -> None:
    streams: list[list[str]] = []
    for _ in range(2):
        _, client = await perform(load_scenario(name, variables=FASTER.get(name)))
        streams.append(client.frames)
    assert streams[0] == streams[1]


async def test_a_client_that_stays_away_is_told_of() -> None:
    hub, _ = await perform(load_scenario("maintenance-window", variables={"patience": 20}), pause=60.0)
    (failure,) = hub.scenario_failures
    assert failure.scenario == "maintenance-window"
    assert failure.reason == "expected a connection to end and to be made again: it did not come in 20 s"


async def test_another_seed_is_another_course() -> None:
    _, client = await perform(load_scenario("vm-flapping", seed=1))
    _, other = await perform(load_scenario("vm-flapping", seed=2))
    assert [event["message"] for event in client.events] != [event["message"] for event in other.events]
