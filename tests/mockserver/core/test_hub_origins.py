"""Which web pages may use the hub."""

from __future__ import annotations

import pytest

from eventshub_mockserver import HubConfig
from eventshub_mockserver.core.origins import OriginPolicy


@pytest.mark.parametrize(
    ("origin", "host", "is_allowed"),
    [
        (None, "hub.example", True),
        ("http://hub.example", "hub.example", True),
        ("https://hub.example", "hub.example", True),  # behind a proxy that ends TLS
        ("https://HUB.example:443", "hub.example", True),
        ("http://[::1]:8080", "[::1]:8080", True),
        ("http://hub.example:8080", "hub.example", False),
        ("http://evil.example", "hub.example", False),
        ("http://hub.example.evil.example", "hub.example", False),
        ("https://app.example", "hub.example", True),
        ("http://app.example", "hub.example", False),
        ("https://app.example:8443", "hub.example", False),
        ("https://app.example/path", "hub.example", False),
        ("https://user@app.example", "hub.example", False),
        ("null", "hub.example", False),
        ("", "", False),
        ("http://hub.example:99999", "hub.example", False),
    ],
)
def test_pages_of_the_own_address_and_listed_ones(origin: str | None, host: str, is_allowed: bool) -> None:
    assert OriginPolicy(["https://app.example"]).allows(origin, host) is is_allowed


def test_any_is_any() -> None:
    assert OriginPolicy(["*"]).allows("null", "hub.example")


@pytest.mark.parametrize("origin", ["app.example", "https://", "https://app.example/", "https://*.example:x"])
def test_what_is_no_origin_is_refused_when_the_hub_is_configured(origin: str) -> None:
    with pytest.raises(ValueError, match="allowed_origins"):
        HubConfig(allowed_origins=(origin,))
