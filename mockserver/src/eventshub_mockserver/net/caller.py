"""Who sent a request: its credentials and its address."""

from __future__ import annotations

from typing import Final

from aiohttp import hdrs, web

from ..config import HubConfig
from ..core.address import client_address
from ..core.credentials import Authenticator, Presented, Principal, bearer
from ..core.origins import OriginPolicy
from ..core.refusal import Refusal
from .responses import RefusedError

PRINCIPAL: Final = web.RequestKey("principal", str)
"""Under it a request tells whose it is, once that is known."""
_API_KEY = "X-Api-Key"
_QUERY_TOKENS = ("access_token", "authorization")


def bearer_tokens(request: web.Request) -> list[str]:
    """Bearer tokens of a request, wherever they may be."""
    presented = _presented(request, query_allowed=True)
    fields = [bearer(field) for field in presented.authorization]
    return [token for token in fields if token] + [bearer(value) or value for value in presented.query]


def _presented(request: web.Request, *, query_allowed: bool) -> Presented:
    query = [value for name in _QUERY_TOKENS for value in request.query.getall(name, ())]
    return Presented(
        authorization=request.headers.getall(hdrs.AUTHORIZATION, ()),
        api_key=request.headers.getall(_API_KEY, ()),
        query=query if query_allowed else (),
    )


class CallerCheck:
    """Finds the principal and the address of a request."""

    def __init__(self, config: HubConfig, authenticator: Authenticator) -> None:
        self._clock = config.clock
        self._trusted = config.trusted_networks
        self._authenticator = authenticator
        self.origins = OriginPolicy(config.allowed_origins)

    def principal(self, request: web.Request, *, query_allowed: bool = False) -> Principal:
        """The caller, who has the read-only claim.

        Args:
            request: the request.
            query_allowed: whether credentials in the query count (protocol AUTH-3).

        Raises:
            RefusedError: with 401 or 403 (protocol AUTH-4, AUTH-5).
        """
        presented = _presented(request, query_allowed=query_allowed)
        principal = self._authenticator.authorize(presented, self._clock.time())
        if isinstance(principal, Refusal):
            raise RefusedError(principal)
        request[PRINCIPAL] = principal.name
        return principal

    def check_origin(self, request: web.Request) -> None:
        """Refuse what a page of another site has its visitor's browser do.

        Raises:
            RefusedError: with 403.
        """
        if not self.origins.allows(request.headers.get(hdrs.ORIGIN), request.host):
            raise RefusedError(Refusal(403, "pages of this origin may not connect"))

    def address(self, request: web.Request) -> str:
        """The client's address (protocol IP-4)."""
        forwarded_for = request.headers.getall(hdrs.X_FORWARDED_FOR, ())
        return client_address(request.remote or "", forwarded_for, self._trusted)
