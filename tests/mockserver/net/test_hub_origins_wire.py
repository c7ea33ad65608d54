"""Pages of other sites: refused at the handshake, and by their browsers for want of CORS fields."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.mockserver.settings import READER
from tests.mockserver.spec_oracle import checked_answer

APP, EVIL = "https://app.example", "https://evil.example"
BEARER = {"Authorization": f"Bearer {READER}"}


async def test_a_handshake_of_a_page_needs_an_origin_that_may(start_hub: Any, dial: Any) -> None:
    hub = await start_hub(connections_per_address=None, allowed_origins=(APP,))
    for origin, status in ((APP, 101), (hub.url, 101), (EVIL, 403), ("null", 403)):
        host = hub.url.removeprefix("http://")
        answer = await (await dial(hub)).upgrade(
            "/v1/ws/subscribe", {**BEARER, "Host": host, "Origin": origin}
        )
        assert answer.status == status, origin
        if status == 403:
            checked_answer("subscribe", 403, answer.headers, answer.body)
    assert len(hub.connections) == 2


@pytest.mark.parametrize(("origin", "is_shared"), [(APP, True), (EVIL, False)])
async def test_answers_are_shared_with_pages_that_may_read_them(
    start_hub: Any, origin: str, is_shared: bool
) -> None:
    hub = await start_hub(allowed_origins=(APP,))
    async with httpx.AsyncClient(base_url=hub.url, headers={"Origin": origin}) as page:
        for headers, status in ((BEARER, 200), ({}, 401)):
            answer = await page.get("/v1/ws/stats", headers=headers)
            assert answer.status_code == status
            assert answer.headers.get("Access-Control-Allow-Origin") == (origin if is_shared else None)
        asked = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        preflight = await page.options("/api/v1/ws/unsubscribe", headers=asked)
        assert preflight.status_code == (204 if is_shared else 405)
        if is_shared:
            assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
            assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
            assert preflight.headers["Vary"] == "Origin"
            assert "Access-Control-Allow-Credentials" not in preflight.headers
        assert (await page.options("/control/publish", headers=asked)).status_code == 405
        assert (await page.options("/nowhere", headers=asked)).status_code == 404
