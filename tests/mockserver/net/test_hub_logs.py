"""Protocol AUTH-3, ERR-2: what the hub writes down."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest
from tests.mockserver.settings import API_KEY, CONTROL, READER

from eventshub_mockserver import HubConfig, Token


async def test_no_secret_is_logged(
    hub: Any, subscribe: Any, caplog: pytest.LogCaptureFixture, dial: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    for query in (f"access_token={READER}", "access_token=s3cret-wrong", f"authorization=Bearer%20{READER}"):
        peer = await dial(hub)
        await peer.upgrade(f"/v1/ws/subscribe?{query}", {})
    async with httpx.AsyncClient(base_url=hub.url) as client:
        await client.get(f"/v1/ws/stats?access_token={READER}")
        await client.get("/v1/ws/stats", headers={"X-Api-Key": API_KEY})
        await client.get("/control/connections", headers={"Authorization": f"Bearer {CONTROL}"})
    await hub.stop()
    ours = [
        record.getMessage() for record in caplog.records if record.name.startswith("eventshub_mockserver")
    ]
    assert any("path=/v1/ws/subscribe status=401" in line for line in ours)
    assert any("connection opened" in line for line in ours)
    assert any("connection closed" in line for line in ours)
    assert not [line for line in ours if "s3cret" in line or API_KEY in line]
    assert all("\n" not in line for line in ours)


def test_a_configuration_can_be_shown() -> None:
    config = HubConfig(credentials=(Token("reader", READER),), control_token=CONTROL)
    assert "s3cret" not in repr(config)
