"""Values that no option can have are refused where they are given, by both clients."""

from __future__ import annotations

from typing import Any

import pytest

from eventshub import AsyncEventsHub, EventsHub, Heartbeat, Keepalive, Timeouts

BOTH = pytest.mark.parametrize("hub_class", [AsyncEventsHub, EventsHub])


@BOTH
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"when_full": "block"}, "when_full must be 'wait', 'drop_oldest' or 'fail', not 'block'"),
        ({"transport": "aiohttp"}, "transport must be 'auto', 'websockets' or 'picows', not 'aiohttp'"),
        ({"max_message_size": 0}, "max_message_size must be at least 1 byte, not 0"),
        ({"buffer_size": 0}, "the buffer must hold at least 1 event, not 0"),
        ({"max_retries": -1}, "max_retries must be 0 or more, not -1"),
    ],
)
def test_of_the_constructor(hub_class: type[Any], options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - compared as a whole
        hub_class("https://hub.invalid", token="t", **options)
    assert str(caught.value) == said


@BOTH
def test_header_that_is_no_text(hub_class: type[Any]) -> None:
    with pytest.raises(TypeError, match=r"^the value of the header X-Build must be a str, not a int$"):
        hub_class("https://hub.invalid", token="t", extra_headers={"X-Build": 7})


@BOTH
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"notices": "some"}, "notices must be 'gaps', 'all' or 'none', not 'some'"),
        ({"on_invalid": "ignore"}, "on_invalid must be 'yield' or 'raise', not 'ignore'"),
    ],
)
def test_of_subscribe(hub_class: type[Any], options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - compared as a whole
        hub_class("https://hub.invalid", token="t").subscribe("pdfm", **options)
    assert str(caught.value) == said


@pytest.mark.parametrize("settings", [Timeouts, Heartbeat, Keepalive])
@pytest.mark.parametrize("value", [0, -1, float("nan"), None])
def test_times_that_are_none(settings: type[Any], value: float | None) -> None:
    name = next(iter(settings.__dataclass_fields__))
    with pytest.raises(ValueError, match=rf"{settings.__name__}\.{name} must be more than 0 s"):
        settings(**{name: value})


def test_suspension_need_not_be_watched() -> None:
    assert Keepalive(suspension=None).suspension is None
