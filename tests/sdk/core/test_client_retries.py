"""Which REST calls are made again, and when."""

from __future__ import annotations

import pytest

from eventshub import HubUnreachableError, StatusError
from eventshub._core.refusals import status_error
from eventshub._core.retries import Retries
from eventshub.exceptions import UnreachableReason


def refusal(status: int, retry_after: str | None = None) -> StatusError:
    headers = {"Retry-After": retry_after} if retry_after else {}
    return status_error(status=status, url="https://hub", headers=headers, body=b"", wall_clock=0.0)


def retries(limit: int = 2, chance: float = 1.0) -> Retries:
    return Retries(limit, lambda: chance)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_passing_trouble_is_tried_again(status: int) -> None:
    assert retries().delay(0, refusal(status), is_safe=True) == 0.5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500])
def test_what_will_be_refused_again_is_not(status: int) -> None:
    assert retries().delay(0, refusal(status), is_safe=True) is None


@pytest.mark.parametrize(("status", "again"), [(429, True), (503, True), (502, False), (504, False)])
def test_what_changes_something_is_repeated_only_when_it_was_not_done(status: int, *, again: bool) -> None:
    assert (retries().delay(0, refusal(status), is_safe=False) is not None) == again


@pytest.mark.parametrize(
    ("reason", "safe", "unsafe"),
    [("refused", True, True), ("dns", True, True), ("network", True, False), ("timeout", True, False)],
)
def test_network_failures(reason: UnreachableReason, *, safe: bool, unsafe: bool) -> None:
    failure = HubUnreachableError("no", reason=reason)
    assert (retries().delay(0, failure, is_safe=True) is not None) == safe
    assert (retries().delay(0, failure, is_safe=False) is not None) == unsafe


def test_untrusted_certificate_is_final() -> None:
    failure = HubUnreachableError("no", reason="tls", retryable=False)
    assert retries().delay(0, failure, is_safe=True) is None


def test_delays_double_up_to_a_ceiling_with_full_jitter() -> None:
    delays = [retries(99).delay(made, refusal(503), is_safe=True) for made in range(7)]
    assert delays == [0.5, 1, 2, 4, 8, 8, 8]
    assert retries(chance=0.0).delay(0, refusal(503), is_safe=True) == 0


def test_number_is_bounded() -> None:
    assert retries(2).delay(2, refusal(503), is_safe=True) is None
    assert retries(0).delay(0, refusal(503), is_safe=True) is None


def test_retry_after_is_waited_for_unless_it_is_too_long() -> None:
    assert retries(chance=0.0).delay(0, refusal(429, "7"), is_safe=True) == 7
    assert retries().delay(0, refusal(429, "61"), is_safe=True) is None
