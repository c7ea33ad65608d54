"""Base URLs that people write."""

from __future__ import annotations

import pytest

from eventshub import InvalidAddressError
from eventshub._core.address import Address
from eventshub._generated.protocol import PROTOCOL

STREAM = "/v1/ws/subscribe"


def parse(url: str) -> Address:
    return Address.parse(url, stream_path=PROTOCOL.address)


@pytest.mark.parametrize(
    ("url", "stream", "rest"),
    [
        ("https://hub.example.com", "wss://hub.example.com", "https://hub.example.com"),
        ("wss://hub.example.com/", "wss://hub.example.com", "https://hub.example.com"),
        ("http://localhost:8080", "ws://localhost:8080", "http://localhost:8080"),
        ("ws://127.0.0.1:8080/api", "ws://127.0.0.1:8080/api", "http://127.0.0.1:8080/api"),
        ("HTTPS://Hub.Example.com/api/", "wss://hub.example.com/api", "https://hub.example.com/api"),
        ("http://[::1]:8080/a/b//", "ws://[::1]:8080/a/b", "http://[::1]:8080/a/b"),
        (" https://hub.example.com \n", "wss://hub.example.com", "https://hub.example.com"),
        ("https://hub/a path/%20", "wss://hub/a%20path/%20", "https://hub/a%20path/%20"),
    ],
)
def test_stream_and_rest_urls_follow_from_the_base_url(url: str, stream: str, rest: str) -> None:
    address = parse(url)
    assert address.stream_url(STREAM, {"event_types": "pdfm,health"}) == (
        f"{stream}{STREAM}?event_types=pdfm,health"
    )
    assert address.stream_url(STREAM, {}) == f"{stream}{STREAM}"
    assert address.http_url("/v1/ws/unsubscribe") == f"{rest}/v1/ws/unsubscribe"


def test_channel_names_are_quoted() -> None:
    url = parse("ws://hub").stream_url(STREAM, {"event_types": "a&b=c,d e"})
    assert url == f"ws://hub{STREAM}?event_types=a%26b%3Dc,d%20e"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("hub.example.com", "has no scheme"),
        ("localhost:8080", "has no scheme"),
        ("ftp://hub.example.com", "scheme 'ftp'"),
        ("https://", "no usable host"),
        ("https:///api", "no usable host"),
        ("https://hub:port", "cannot be read"),
        ("https://hub:99999", "cannot be read"),
        ("https://[::1", "cannot be read"),
        ("https://hub/?event_types=pdfm", "holds a query"),
        ("https://hub/#top", "holds a query or a fragment"),
        ("https://hub/v1/ws/subscribe", "ends in /v1/ws/subscribe"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(url: str, says: str) -> None:
    with pytest.raises(InvalidAddressError, match=says):
        parse(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@hub",
        "https://hunter2@hub",
        "https://hub/?access_token=hunter2",
        "hunter2://hub:x",
    ],
)
def test_secrets_in_a_url_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidAddressError) as caught:
        parse(url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None or "hunter2" not in str(caught.value.__cause__)
