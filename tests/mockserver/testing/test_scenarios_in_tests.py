"""Scenarios under a test: chosen by the marker, played in virtual time, judged with the test."""

from __future__ import annotations

import re

import pytest

pytest_plugins = ["pytester"]

SCENARIO = """
title: somebody comes, and is told something
variables: {vm: vm-1}
steps:
  - wait_for: {connections: 1}
  - delay: 30
  - publish: {channel: pdfm, message: VM_REMOVED, body: {vm_id: "${vm}"}}
  - expect: {connections: 1, within: 10}
  - expect: {connections: 2, within: 10}
"""

TESTS = """
import asyncio, json
import pytest
from eventshub import AsyncEventsHub, VmRemoved

pytestmark = pytest.mark.events_hub(virtual_time=True, scenario="told.yaml")

def client(events_hub):
    return AsyncEventsHub(events_hub.url, token=events_hub.token, clock=events_hub.clock)

async def test_unmet(events_hub):
    async with client(events_hub) as hub, hub.subscribe("pdfm") as events:
        await events_hub.aio.advance(30)
        assert isinstance(await anext(events), VmRemoved)
        await events_hub.aio.advance(20)
        await events_hub.aio.expect_scenario_end("told")

@pytest.mark.events_hub(scenario=())
async def test_none(events_hub):
    await events_hub.aio.advance(60)
    assert not events_hub.journal

@pytest.mark.events_hub(scenario="maintenance-window")
async def test_library(events_hub):
    async with client(events_hub) as hub, hub.subscribe("pdfm") as events:
        events_hub.later.expect_scenario_end("maintenance-window")
        await events_hub.aio.advance(180)

@pytest.mark.events_hub(scenario="no-such-scenario")
def test_unknown(events_hub): raise SystemExit
"""


def test_scenarios_are_played_and_judged(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(TESTS)
    pytester.path.joinpath("told.yaml").write_text(SCENARIO)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:schemathesis", timeout=50)
    result.assert_outcomes(passed=2, failed=1, errors=1)
    text = result.stdout.str()
    assert re.search(r"the test passed, but .*told\.yaml:9:\d+: expected 2 connections", text)
    assert "there is no scenario 'no-such-scenario'" in text
