"""Who sent a request: its credentials and its address."""

from __future__ import annotations

from typing import Final

from aiohttp import hdrs, web

from ..config import HubConfig
from ..core.address import client_address
from ..core.credentials import Authenticator, Presented, Principal
from ..core.refusal import Refusal
from .responses import RefusedError

PRINCIPAL: Final = web.RequestKey("principal", str)
"""Under it a request tells whose it is, once that is known."""
_API_KEY = "X-Api-Key"
_QUERY_TOKENS = ("access_token", "authorization")


class CallerCheck:
    """Finds the principal and the address of a request."""

    def __init__(self, config: HubConfig, authenticator: Authenticator) -> None:
        self._clock = config.clock
        self._trusted = config.trusted_networks
        self._authenticator = authenticator

    def principal(self, request: web.Request, *, query_allowed: bool = False) -> Principal:
        """The caller, who has the read-only claim.

        Args:
            request: the request.
            query_allowed: whether credentials in the query count (protocol AUTH-3).

        Raises:
            RefusedError: with 401 or 403 (protocol AUTH-4, AUTH-5).
        """
        query = [value for name in _QUERY_TOKENS for value in request.query.getall(name, ())]
        presented = Presented(
            authorization=request.headers.getall(hdrs.AUTHORIZATION, ()),
            api_key=request.headers.getall(_API_KEY, ()),
            query=query if query_allowed else (),
        )
        principal = self._authenticator.authorize(presented, self._clock.time())
        if isinstance(principal, Refusal):
            raise RefusedError(principal)
        request[PRINCIPAL] = principal.name
        return principal

    def address(self, request: web.Request) -> str:
        """The client's address (protocol IP-4)."""
        forwarded_for = request.headers.getall(hdrs.X_FORWARDED_FOR, ())
        return client_address(request.remote or "", forwarded_for, self._trusted)
