"""What comes before HTTP, on the address that the fixture's hubs share: TLS, and its faults."""

from __future__ import annotations

import ssl
from typing import Any

import httpx
import pytest
import trustme

from eventshub_mockserver import HubConfig, HubForTests, HubOptions, hub_session


@pytest.mark.events_hub(faults="tls-close:times=1")
def test_a_marker_may_end_connections_before_they_begin(events_hub: HubForTests) -> None:
    with httpx.Client(base_url=events_hub.url) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/healthz")
        assert client.get("/healthz").json() == {"status": "ok"}
    assert [entry.fault for entry in events_hub.journal if entry.fault] == ["tls-close"]


def test_each_hub_of_a_session_speaks_tls() -> None:
    authority: Any = trustme.CA()  # its types need pyOpenSSL, which nothing here uses
    server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    with hub_session(HubConfig(tls=server)) as session:
        for _ in range(2):
            with session.hub(HubOptions()) as hub:
                assert hub.url.startswith("https://")
                assert httpx.get(f"{hub.url}/healthz", verify=client).json() == {"status": "ok"}
