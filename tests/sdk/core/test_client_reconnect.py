"""Whether and when to connect again, with the time and the chance given by the test."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from eventshub import (
    AuthenticationError,
    BufferOverflowError,
    ConnectionConflictError,
    ConnectionLostError,
    CredentialError,
    EventsHubError,
    HubFaultError,
    HubUnavailableError,
    HubUnreachableError,
    InvalidAddressError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitedError,
    Reconnect,
    StatusError,
)
from eventshub._core.reconnect import Reconnection

LOST = ConnectionLostError("lost")
REFUSED = HubUnreachableError("nothing listens", reason="refused")


def status(kind: type[StatusError], number: int, retry_after: float | None = None) -> StatusError:
    return kind(status=number, url="http://hub", retry_after=retry_after)


def connected(*, renews: bool = False, chance: float = 1.0, **settings: Any) -> Reconnection:
    """An open connection since 0 s."""
    reconnection = Reconnection(Reconnect(**settings), renews_credential=renews, chance=lambda: chance)
    assert reconnection.welcomed(0.0) is None
    return reconnection


class TestDelays:
    def test_ceiling_doubles_up_to_the_longest(self) -> None:
        reconnection = connected()
        delays = [reconnection.plan(REFUSED, 1.0) for _ in range(9)]
        assert delays == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]

    def test_jitter_is_full(self) -> None:
        chance = random.Random(7).random
        delays: list[float] = []
        for _ in range(2000):
            reconnection = Reconnection(Reconnect(), renews_credential=False, chance=chance)
            reconnection.welcomed(0.0)
            delay = reconnection.plan(LOST, 1.0)
            assert delay is not None
            delays.append(delay)
        assert 0 <= min(delays) < 0.01
        assert 0.49 < max(delays) <= 0.5

    def test_thousands_of_failures_do_no_harm(self) -> None:
        reconnection = connected()
        assert [reconnection.plan(REFUSED, 1.0) for _ in range(5000)][-1] == 30

    @pytest.mark.parametrize(("held", "delay"), [(59.9, 4), (60.0, 0.5)])
    def test_a_healthy_minute_makes_them_small_again(self, held: float, delay: float) -> None:
        reconnection = connected()
        for _ in range(3):
            reconnection.plan(REFUSED, 100.0)
        reconnection.welcomed(200.0)
        assert reconnection.plan(LOST, 200.0 + held) == delay

    @pytest.mark.parametrize("kind", [RateLimitedError, HubUnavailableError])
    def test_retry_after_comes_before_the_jitter(self, kind: type[StatusError]) -> None:
        assert connected().plan(status(kind, 429, 7.0), 1.0) == 7.5
        assert connected().plan(status(kind, 429, 10_000.0), 1.0) == 300.5
        assert connected(max_retry_after=1).plan(status(kind, 429, 7.0), 1.0) == 1.5


class TestOutcomes:
    @pytest.mark.parametrize(
        ("error", "tried"),
        [
            (LOST, True),
            *[(ConnectionLostError("", code_received=code), True) for code in (1001, 1006, 1011, 1012, 1013)],
            *[(ConnectionLostError("", code_received=code), False) for code in (1000, 1002, 1005, 1008)],
            (ConnectionLostError("", code_sent=1009), False),
            (ConnectionLostError("", code_sent=1011), True),
            (REFUSED, True),
            (HubUnreachableError("", reason="tls", retryable=False), False),
            (status(AuthenticationError, 401), False),
            (status(PermissionDeniedError, 403), False),
            (status(NotFoundError, 404), False),
            (status(ConnectionConflictError, 409), True),
            (status(RateLimitedError, 429), True),
            (status(HubFaultError, 500), True),
            (status(HubUnavailableError, 503), True),
            (ProtocolError("a proxy's page"), True),
            (CredentialError("bad"), False),
            (InvalidAddressError("bad"), False),
            (BufferOverflowError(1), False),
        ],
    )
    def test_after_a_connection(self, error: EventsHubError, tried: bool) -> None:
        assert (connected().plan(error, 1.0) is not None) is tried

    @pytest.mark.parametrize(
        "error",
        [
            status(AuthenticationError, 401),
            status(PermissionDeniedError, 403),
            ConnectionLostError("", code_received=1008),
        ],
    )
    def test_renewed_credential_is_tried_once(self, error: EventsHubError) -> None:
        reconnection = connected(renews=True)
        assert reconnection.plan(error, 1.0) is not None
        reconnection.welcomed(2.0)
        assert reconnection.plan(error, 3.0) is None
        reconnection.welcomed(4.0)
        assert reconnection.plan(error, 64.0) is not None

    def test_conflict_is_tried_within_its_budget(self) -> None:
        conflict = status(ConnectionConflictError, 409)
        reconnection = connected(conflict_budget=60)
        reconnection.plan(LOST, 1000.0)
        assert reconnection.plan(conflict, 1010.0) is not None
        assert reconnection.plan(REFUSED, 1020.0) is not None
        assert reconnection.plan(conflict, 1069.9) is not None
        assert reconnection.plan(conflict, 1070.0) is None
        reconnection.welcomed(1071.0)
        assert reconnection.plan(conflict, 1080.0) is not None

    def test_attempts_can_be_limited(self) -> None:
        reconnection = connected(max_attempts=2)
        assert [reconnection.plan(REFUSED, 1.0) is None for _ in range(3)] == [False, False, True]
        reconnection.welcomed(2.0)
        assert reconnection.plan(LOST, 3.0) is not None

    def test_off_means_never(self) -> None:
        reconnection = Reconnection(None, renews_credential=True)
        reconnection.welcomed(0.0)
        assert reconnection.plan(LOST, 1.0) is None


class TestFirstConnection:
    def test_failure_is_final(self) -> None:
        assert Reconnection(Reconnect(), renews_credential=True).plan(REFUSED, 0.0) is None

    def test_refused_credential_is_renewed_once(self) -> None:
        refused = status(AuthenticationError, 401)
        reconnection = Reconnection(Reconnect(), renews_credential=True)
        assert [reconnection.plan(refused, 0.0) is None for _ in range(2)] == [False, True]
        assert Reconnection(Reconnect(), renews_credential=False).plan(refused, 0.0) is None
        assert Reconnection(None, renews_credential=True).plan(refused, 0.0) is None

    def test_is_tried_again_on_request(self) -> None:
        reconnection = Reconnection(Reconnect(from_start=True), renews_credential=False, chance=lambda: 1.0)
        assert reconnection.plan(REFUSED, 0.0) == 0.5
        assert reconnection.plan(ProtocolError("no hub"), 1.0) is None
        assert reconnection.welcomed(2.0) is None


def test_gap_lasts_from_the_loss_to_the_welcome() -> None:
    reconnection = connected()
    reconnection.plan(LOST, 100.0)
    reconnection.plan(REFUSED, 101.0)
    assert reconnection.welcomed(103.5) == timedelta(seconds=3.5)
    assert reconnection.attempts == 2
    reconnection.plan(LOST, 200.0)
    assert reconnection.welcomed(200.5) == timedelta(seconds=0.5)
    assert reconnection.attempts == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"min_delay": 0},
        {"max_delay": float("nan")},
        {"min_delay": 2, "max_delay": 1},
        {"max_attempts": 0},
        {"conflict_budget": -1},
    ],
)
def test_settings_without_sense_are_refused(settings: Any) -> None:
    with pytest.raises(ValueError, match=r"Reconnect\.m|Reconnect\.conflict"):
        Reconnect(**settings)
