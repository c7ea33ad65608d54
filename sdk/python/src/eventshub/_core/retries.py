"""Whether and when a REST call is made again; chance comes from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..exceptions import HubUnavailableError, HubUnreachableError, RateLimitedError, StatusError

FIRST_CEILING = 0.5
HIGHEST_CEILING = 8.0
LONGEST_RETRY_AFTER = 60.0

# The gateway, not the hub, has spoken: the hub may have done what was asked.
_AMBIGUOUS_STATUSES = frozenset({502, 504})
_NOTHING_SENT = frozenset({"refused", "dns"})


@dataclass(frozen=True, slots=True)
class Retries:
    """How often, at most, and after what.

    The n-th delay is chosen at random between 0 and half a second doubled n-1
    times, at most 8 s (full jitter), on top of a ``Retry-After``.
    """

    limit: int
    chance: Callable[[], float]

    def delay(self, made: int, failure: StatusError | HubUnreachableError, *, is_safe: bool) -> float | None:
        """Seconds to wait before the next attempt; None when there must not be one.

        Args:
            made: How many retries were made already.
            failure: How the last attempt ended.
            is_safe: Whether doing it twice is the same as doing it once. If not, it is done again only
                when the hub cannot have done it.
        """
        if made >= self.limit or not _is_worth_it(failure, is_safe=is_safe):
            return None
        delay = self.chance() * min(HIGHEST_CEILING, FIRST_CEILING * 2.0 ** min(made, 16))
        if isinstance(failure, StatusError) and failure.retry_after is not None:
            if failure.retry_after > LONGEST_RETRY_AFTER:
                return None
            delay += failure.retry_after
        return delay


def _is_worth_it(failure: StatusError | HubUnreachableError, *, is_safe: bool) -> bool:
    match failure:
        case HubUnreachableError(reason=reason):
            return failure.retryable and (is_safe or reason in _NOTHING_SENT)
        case RateLimitedError() | HubUnavailableError():
            return is_safe or failure.status not in _AMBIGUOUS_STATUSES
        case _:
            return False
