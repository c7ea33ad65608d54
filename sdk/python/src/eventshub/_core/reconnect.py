"""Whether and when to connect again (protocol END-2); times and chance come from outside."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from ..exceptions import (
    AuthenticationError,
    ConnectionConflictError,
    ConnectionLostError,
    EventsHubError,
    PermissionDeniedError,
    ProtocolError,
    StatusError,
)

# protocol AUTH-7: how a hub ends the connection of a token that has expired.
POLICY_VIOLATION = 1008


@dataclass(slots=True, kw_only=True)
class Attempt:
    """A connection about to be tried again, shown to ``Reconnect.on_attempt``, which may change it."""

    number: int
    """Counted from 1 since the connection was lost."""
    error: EventsHubError
    """What made it necessary: the loss, or the failure of the attempt before."""
    delay: float
    """Seconds to wait before it."""
    url: str
    """The hub's base URL. A change holds for all later attempts; the credential goes there too."""
    channels: tuple[str, ...]
    """What to ask for, less what was unsubscribed. A change holds for all later attempts."""
    is_stopped: bool = False

    def stop(self) -> None:
        """Do not try: iterating raises ``error``."""
        self.is_stopped = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnect:
    """How to stay connected; all times in seconds.

    The n-th delay is chosen at random between 0 and ``min_delay`` doubled
    n-1 times, at most ``max_delay`` (full jitter). A ``Retry-After`` of the
    hub comes on top.
    """

    min_delay: float = 0.5
    max_delay: float = 30.0
    healthy_after: float = 60.0
    """A connection that held this long makes delays small again."""
    max_attempts: int | None = None
    """How many attempts after one loss; None for no limit."""
    conflict_budget: float = 90.0
    """How long to go on after the first 409 of an outage: the hub may take a while to see that the old
    connection is dead (protocol IP-3)."""
    max_retry_after: float = 300.0
    """The longest ``Retry-After`` that is believed."""
    from_start: bool = False
    """Whether the first connection is tried again too; else its failure is raised at once, so that a
    wrong URL is seen. A refused credential that a callable gave is renewed once all the same."""
    on_attempt: Callable[[Attempt], object] | None = None
    """Called before each attempt; it must not block. What it raises ends the stream."""

    def __post_init__(self) -> None:
        for name in ("min_delay", "max_delay", "healthy_after", "conflict_budget", "max_retry_after"):
            value: float = getattr(self, name)
            if not value > 0:
                raise ValueError(f"Reconnect.{name} must be more than 0 s, not {value!r}")
        if self.max_delay < self.min_delay:
            raise ValueError("Reconnect.max_delay must not be less than min_delay")
        if self.max_attempts is not None and self.max_attempts < 1:
            raise ValueError(
                "Reconnect.max_attempts must be at least 1, or None; reconnect=None turns it off"
            )


# A fresh one may do, at the first connection too.
_REFUSED_CREDENTIAL = (AuthenticationError, PermissionDeniedError)


class Reconnection:
    """One subscription's outages: what to do about each failure, and how long it took."""

    def __init__(
        self,
        settings: Reconnect | None,
        *,
        renews_credential: bool,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Begin before the first connection.

        Args:
            settings: None never connects again.
            renews_credential: Whether a new attempt comes with a new credential.
            chance: Numbers from 0 to 1.
        """
        self.attempts: int = 0
        """Planned since the last welcome."""
        self._settings = settings
        self._renews_credential = renews_credential
        self._chance = chance
        self._was_connected = False
        self._welcomed_at: float | None = None
        self._lost_at: float | None = None
        self._conflict_since: float | None = None
        self._failures = 0
        self._has_renewed = False

    def welcomed(self, now: float) -> timedelta | None:
        """A connection is open; what comes back is the gap before it, None at the first."""
        lost_at, self._lost_at = self._lost_at, None
        self._was_connected = True
        self._welcomed_at = now
        self._conflict_since = None
        return None if lost_at is None else timedelta(seconds=now - lost_at)

    def plan(self, error: EventsHubError, now: float) -> float | None:
        """How many seconds to wait before the next attempt; None when there must not be one."""
        settings = self._settings
        if settings is None:
            return None
        if not (self._was_connected or settings.from_start or isinstance(error, _REFUSED_CREDENTIAL)):
            return None
        if self._welcomed_at is not None:
            self.attempts = 0
            self._lost_at = now
            if now - self._welcomed_at >= settings.healthy_after:
                self._failures = 0
                self._has_renewed = False
            self._welcomed_at = None
        if self.attempts == settings.max_attempts or not self._can_succeed(error, settings, now):
            return None
        self.attempts += 1
        # The exponent is bounded only to keep the number finite.
        ceiling = min(settings.max_delay, settings.min_delay * 2.0 ** min(self._failures, 64))
        self._failures += 1
        delay = self._chance() * ceiling
        if isinstance(error, ConnectionLostError) and error.after_suspension:
            return 0.0
        if isinstance(error, StatusError) and error.retry_after is not None:
            delay += min(error.retry_after, settings.max_retry_after)
        return delay

    def _can_succeed(self, error: EventsHubError, settings: Reconnect, now: float) -> bool:
        match error:
            case AuthenticationError() | PermissionDeniedError():
                return self._renew()
            case ConnectionLostError(code_received=code) if code == POLICY_VIOLATION:
                return self._renew()
            case ConnectionConflictError():
                if self._conflict_since is None:
                    self._conflict_since = now
                return now - self._conflict_since < settings.conflict_budget
            case ProtocolError():
                # It was a hub before: a proxy may answer in its place for a while.
                return self._was_connected
            case _:
                return error.retryable

    def _renew(self) -> bool:
        if not self._renews_credential or self._has_renewed:
            return False
        self._has_renewed = True
        return True
