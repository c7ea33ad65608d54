"""What may be added to a hub through its control surface is bounded, and the refusal says so."""

from __future__ import annotations

from typing import Any

import pytest
from tests.mockserver.control_client import ControlClient
from tests.mockserver.net.conftest import Control, StartHub
from tests.mockserver.settings import until
from tests.mockserver.signing import SECRET, rules

from eventshub_mockserver import HubServer
from eventshub_mockserver.faults.ledger import MOST_FAULTS
from eventshub_mockserver.net.control import credentials as control_credentials
from eventshub_mockserver.net.control.sources import MOST_SOURCES
from eventshub_mockserver.sources.stage import MOST_FAILURES


async def test_faults(control: ControlClient, hub: HubServer) -> None:
    number = 0
    for _ in range(MOST_FAULTS):
        number = int(hub.faults.add("refuse", status=503, times=1))
    said = await control.post("/faults", 409, fault="refuse", status=503)
    assert said == f"there are {MOST_FAULTS} faults already, spent ones too: remove some before"
    await control.delete(f"/faults/{number}")
    await control.post("/faults", 201, fault="refuse", status=503)


async def test_sources(control: ControlClient) -> None:
    quiet: dict[str, Any] = {"source": "examples", "interval": 3600}
    for _ in range(MOST_SOURCES):
        await control.post("/sources", 201, **quiet)
    assert await control.post("/sources", 409, **quiet) == (
        f"{MOST_SOURCES} sources run already: stop some before"
    )
    await control.delete("/sources/1")
    await control.post("/sources", 201, **quiet)


async def test_faults_and_failures_of_scenarios(control: ControlClient, hub: HubServer) -> None:
    refuse = "{fault: {fault: refuse, status: 503}}"
    text = f"steps: [{{repeat: {{times: {MOST_FAULTS + 1}, steps: [{refuse}]}}}}]"
    await control.post("/sources", 201, source="scenario", yaml=text)
    await until(lambda: len(hub.scenario_failures) > 0)
    (failure,) = (await control.get("/sources"))["failures"]
    assert failure["reason"].startswith(f"there are {MOST_FAULTS} faults already")
    assert await control.get("/faults") == []
    expectation = "{expect: {command: {channel: health, message: ping}, within: 0}}"
    text = f"steps: [{{repeat: {{times: {MOST_FAILURES + 9}, steps: [{expectation}]}}}}]"
    await control.post("/sources", 201, source="scenario", yaml=text)
    await until(lambda: not hub.sources.running)
    assert len((await control.get("/sources"))["failures"]) == MOST_FAILURES


async def test_revoked_names(
    start_hub: StartHub, control_of: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_credentials, "MOST_REVOKED", 3)
    control = await control_of(await start_hub(jwt=rules(secret=SECRET)))
    for number in range(3):
        await control.post("/credentials/revoke", 204, name=f"stranger-{number}")
    said = await control.post("/credentials/revoke", 409, name="stranger-3")
    assert said == "3 names are revoked already: restore some before, or reset the hub"
    await control.post("/credentials/restore", 204, name="stranger-0")
    await control.post("/credentials/revoke", 204, name="stranger-3")
    await control.post("/credentials/revoke", 400, name="x" * 1025)
