"""The tree of exceptions is what its drawing says."""

from __future__ import annotations

import inspect
import re

import pytest

import eventshub
import eventshub._generated as generated
from eventshub import ConnectionLostError, EventsHubError, Heartbeat, Timeouts, exceptions


def drawn() -> dict[str, str]:
    """Child to parent, as drawn in the module's docstring."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (exceptions.__doc__ or "").splitlines():
        found = re.match(r"([ │├└─]+)(\w+Error)\b", line)
        if found is None:
            continue
        depth, name = len(found[1]), found[2]
        while above and above[-1][0] >= depth:
            above.pop()
        if above:
            parents[name] = above[-1][1]
        above.append((depth, name))
    return parents


def defined() -> dict[str, str]:
    classes = [
        value
        for value in vars(exceptions).values()
        if inspect.isclass(value) and issubclass(value, EventsHubError) and value is not EventsHubError
    ]
    return {kind.__name__: kind.__mro__[1].__name__ for kind in classes}


def test_drawing_is_the_tree() -> None:
    assert drawn() == defined()
    assert len(drawn()) > 15


def test_every_exception_is_public() -> None:
    assert set(defined()) | {"EventsHubError"} <= set(eventshub.__all__)


RETRYABLE = {
    "ConnectionConflictError",
    "EventTimeoutError",
    "HubFaultError",
    "HubUnavailableError",
    "RateLimitedError",
    "ReplyTimeoutError",
}
BY_CASE = {"ConnectionLostError", "HubUnreachableError", "NotConnectedError"}


@pytest.mark.parametrize("name", sorted(set(defined()) - BY_CASE))
def test_each_class_says_whether_later_can_help(name: str) -> None:
    assert getattr(exceptions, name).retryable is (name in RETRYABLE)


@pytest.mark.parametrize(
    ("received", "sent", "retryable"),
    [
        (None, None, True),
        (1001, 1001, True),
        (1006, None, True),
        (1011, None, True),
        (1012, None, True),
        (1013, None, True),
        (None, 1011, True),
        (1000, 1000, False),
        (1002, None, False),
        (1008, None, False),
        (None, 1009, False),
    ],
)
def test_close_code_decides_about_trying_again(
    received: int | None, sent: int | None, retryable: bool
) -> None:
    error = ConnectionLostError("ended", code_received=received, code_sent=sent)
    assert error.retryable is retryable


def test_public_names_exist_once() -> None:
    assert len(eventshub.__all__) == len(set(eventshub.__all__))
    for name in eventshub.__all__:
        assert hasattr(eventshub, name)


def test_generated_names_hide_no_hand_written_one() -> None:
    hand_written = set(eventshub.__all__) - set(generated.__all__)
    assert {"AsyncEventsHub", "EventsHubError", "InvalidEvent"} <= hand_written
    assert len(hand_written) + len(generated.__all__) == len(eventshub.__all__)


@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_settings_must_be_positive(value: float) -> None:
    with pytest.raises(ValueError, match=r"Timeouts\.reply must be more than 0 s"):
        Timeouts(reply=value)
    with pytest.raises(ValueError, match=r"Heartbeat\.interval"):
        Heartbeat(interval=value)
