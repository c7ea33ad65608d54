"""The marker of a test chooses the dialect of its hub."""

from __future__ import annotations

import httpx
import pytest

from eventshub_mockserver import HubForTests


def refusal_of(hub: HubForTests) -> set[str]:
    """The keys of the answer to a wrong token."""
    answer = httpx.get(f"{hub.url}/v1/ws/stats", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401
    return set(answer.json())


@pytest.mark.events_hub(dialect="service", strict=False)
def test_service(events_hub: HubForTests) -> None:
    assert refusal_of(events_hub) == {"error", "error_description"}


@pytest.mark.events_hub(strict=False)
def test_guide_if_nothing_is_said(events_hub: HubForTests) -> None:
    assert refusal_of(events_hub) == {"code", "message"}
