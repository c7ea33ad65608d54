"""The REST calls, giving the HTTP answer as it came."""

from __future__ import annotations

from .._core.rest import RawResponse
from .._core.session import removable_channels
from .._generated import Connection, HubStats, UnsubscribeRequest, UnsubscribeResult
from .._generated.protocol import PROTOCOL
from .._generated.rest import CLIENTS, STATS, UNSUBSCRIBE
from .connector import Connector


class AsyncRawResponses:
    """``AsyncEventsHub``'s REST calls; made by ``AsyncEventsHub.with_raw_response``.

    Each gives the last answer that came, whatever its status; its ``parse``
    gives or raises what the plain call would.
    """

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def unsubscribe(self, client_id: str, *channels: str) -> RawResponse[UnsubscribeResult]:
        """See ``unsubscribe`` of the hub.

        Raises:
            GlobalChannelError: ``global`` was among the channels.
            HubUnreachableError: the call got no answer.
        """
        names = removable_channels(PROTOCOL, channels)
        body = UnsubscribeRequest(client_id=client_id, event_types=names)
        return await self._connector.call(UNSUBSCRIBE, body)

    async def clients(self) -> RawResponse[tuple[Connection, ...]]:
        """See ``clients`` of the hub.

        Raises:
            HubUnreachableError: the call got no answer.
        """
        return await self._connector.call(CLIENTS, None)

    async def stats(self) -> RawResponse[HubStats]:
        """See ``stats`` of the hub.

        Raises:
            HubUnreachableError: the call got no answer.
        """
        return await self._connector.call(STATS, None)
