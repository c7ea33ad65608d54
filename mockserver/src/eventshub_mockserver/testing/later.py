"""Expectations that are declared before what they expect can come."""

from __future__ import annotations

from . import expectations
from .waiter import LAST_PATIENCE, Waiter


class LaterExpectations:
    """The expectations of ``HubForTests``, to have been met when the test ends; these do not wait."""

    def __init__(self, waiter: Waiter) -> None:
        self._waiter = waiter

    def expect_command(self, channel: str, message: str, *, timeout: float = LAST_PATIENCE) -> None:
        """See ``HubForTests.expect_command``."""
        self._waiter.meet_later(expectations.command(channel, message), timeout)

    def expect_error(self, match: str | None = None, *, timeout: float = LAST_PATIENCE) -> None:
        """See ``HubForTests.expect_error``."""
        self._waiter.meet_later(expectations.error(match), timeout)

    def expect_refusal(self, status: int, *, timeout: float = LAST_PATIENCE) -> None:
        """See ``HubForTests.expect_refusal``."""
        self._waiter.meet_later(expectations.refusal(status), timeout)

    def expect_scenario_end(self, name: str | None = None, *, timeout: float = LAST_PATIENCE) -> None:
        """See ``HubForTests.expect_scenario_end``."""
        self._waiter.meet_later(expectations.scenario_end(name), timeout)

    def expect_unsubscribe(self, *channels: str, timeout: float = LAST_PATIENCE) -> None:
        """See ``HubForTests.expect_unsubscribe``."""
        self._waiter.meet_later(expectations.unsubscription(channels), timeout)

    def expect_reconnect(
        self, *, within: float, min_delay: float = 0.0, timeout: float = LAST_PATIENCE
    ) -> None:
        """See ``HubForTests.expect_reconnect``."""
        self._waiter.meet_later(expectations.reconnection(within, min_delay), timeout)
