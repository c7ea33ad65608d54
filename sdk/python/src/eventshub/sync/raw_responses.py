"""The REST calls, giving the HTTP answer as it came."""

from __future__ import annotations

from .._core.rest import RawResponse
from .._generated import Connection, HubStats, UnsubscribeResult
from ..aio.raw_responses import AsyncRawResponses
from .loop_thread import LoopThread


class RawResponses:
    """``EventsHub``'s REST calls; made by ``EventsHub.with_raw_response``.

    Each gives the last answer that came, whatever its status; its ``parse``
    gives or raises what the plain call would.
    """

    def __init__(self, calls: AsyncRawResponses, loop_thread: LoopThread) -> None:
        self._calls = calls
        self._loop_thread = loop_thread

    def unsubscribe(self, client_id: str, *channels: str) -> RawResponse[UnsubscribeResult]:
        """See ``unsubscribe`` of the hub.

        Raises:
            GlobalChannelError: ``global`` was among the channels.
            HubUnreachableError: the call got no answer.
        """
        with self._loop_thread.used():
            return self._loop_thread.call(self._calls.unsubscribe, client_id, *channels)

    def clients(self) -> RawResponse[tuple[Connection, ...]]:
        """See ``clients`` of the hub.

        Raises:
            HubUnreachableError: the call got no answer.
        """
        with self._loop_thread.used():
            return self._loop_thread.call(self._calls.clients)

    def stats(self) -> RawResponse[HubStats]:
        """See ``stats`` of the hub.

        Raises:
            HubUnreachableError: the call got no answer.
        """
        with self._loop_thread.used():
            return self._loop_thread.call(self._calls.stats)
