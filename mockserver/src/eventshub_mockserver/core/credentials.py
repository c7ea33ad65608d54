"""Who is asking: tokens, API keys and what they allow (protocol AUTH-1 to AUTH-7)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from .dialect import GUIDE, Dialect
from .refusal import Refusal

READ_ONLY: Final = "READ_ONLY"
"""The claim that every endpoint of the stream demands (protocol AUTH-5)."""
ADMIN: Final = "ADMIN"
"""The claim that shows a caller everybody's connections (protocol OPS-1)."""

_CHALLENGE: Final = (("WWW-Authenticate", "Bearer"),)
_BEARER: Final = b"bearer:"


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a credential stands for. Two credentials with one name are one principal."""

    name: str
    claims: frozenset[str] = frozenset({READ_ONLY})
    expires_at: float | None = None
    """Seconds since the epoch; ``None`` for never."""

    def may(self, claim: str) -> bool:
        """Whether the principal has the claim."""
        return claim in self.claims


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token of the principal ``name``; its secret is in no ``repr``."""

    name: str
    secret: str = field(repr=False)
    claims: frozenset[str] = frozenset({READ_ONLY})
    expires_at: float | None = None

    def presented(self) -> bytes:
        """What a caller presents, as bytes."""
        return _BEARER + self.secret.encode()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key and its secret, sent as the base64 of ``key:secret``; the secret is in no ``repr``."""

    key: str
    secret: str = field(repr=False)
    claims: frozenset[str] = frozenset({READ_ONLY})
    expires_at: float | None = None

    @property
    def name(self) -> str:
        """The principal's name: the key."""
        return self.key

    def presented(self) -> bytes:
        """What a caller presents, as bytes."""
        return b"api-key:" + f"{self.key}:{self.secret}".encode()


@dataclass(frozen=True, slots=True)
class Presented:
    """The credentials found in a request, undecoded; each may be there several times."""

    authorization: Sequence[str] = field(default=(), repr=False)
    """``Authorization`` fields."""
    api_key: Sequence[str] = field(default=(), repr=False)
    """``X-Api-Key`` fields."""
    query: Sequence[str] = field(default=(), repr=False)
    """Values of ``access_token`` and ``authorization`` in the query, where allowed (protocol AUTH-3)."""


class SignedTokenJudge(Protocol):
    """Judges tokens that say themselves whom they stand for."""

    def principal(self, token: str, now: float) -> Principal | str | None:
        """The principal; why not, as the caller may know it; or ``None`` where that is not to be told."""
        ...


class Authenticator:
    """Knows the hub's credentials, by digest."""

    def __init__(
        self,
        credentials: Iterable[Token | ApiKey],
        dialect: Dialect = GUIDE,
        signed_tokens: SignedTokenJudge | None = None,
    ) -> None:
        """Accept these credentials, and signed tokens that are found good.

        Raises:
            ValueError: a secret is empty.
        """
        self._principals: dict[bytes, Principal] = {}
        self._dialect = dialect
        self._signed_tokens = signed_tokens
        self._revoked: set[str] = set()
        self.accept(credentials)

    def accept(self, credentials: Iterable[Token | ApiKey]) -> None:
        """Accept these credentials too, revoked ones again.

        Raises:
            ValueError: a secret is empty.
        """
        for credential in credentials:
            if not credential.secret:
                raise ValueError(f"the credential {credential.name!r} has an empty secret")
            principal = Principal(credential.name, credential.claims, credential.expires_at)
            self._revoked.discard(credential.name)
            self._principals[_digest(credential.presented())] = principal

    def authenticate(self, presented: Presented, now: float) -> Principal | Refusal:
        """Find the principal, or say why there is none: always a 401 (protocol AUTH-4, AUTH-6)."""
        found = len(presented.authorization) + len(presented.api_key) + len(presented.query)
        if found == 0:
            return _unauthorized("credentials are missing: send a bearer token or an API key")
        if found > 1:
            return _unauthorized("more than one credential was sent: send exactly one")
        secret = _read(presented)
        if isinstance(secret, Refusal):
            return secret
        principal = self._find(secret) or self._signed(secret, now)
        if isinstance(principal, str):
            return _unauthorized(principal, "invalid_token")
        if principal is None or (principal.expires_at is not None and principal.expires_at <= now):
            return _unauthorized("the credential is not valid", "invalid_token")
        return principal

    def authorize(self, presented: Presented, now: float, claim: str = READ_ONLY) -> Principal | Refusal:
        """Like ``authenticate``, and by default 403 for a principal without the claim (protocol AUTH-5)."""
        principal = self.authenticate(presented, now)
        if isinstance(principal, Principal) and not principal.may(claim):
            status = self._dialect.missing_claim_status
            text = f"the credential lacks the {claim} claim"
            return Refusal(status, text, _CHALLENGE if status == 401 else (), "insufficient_scope")
        return principal

    def revoke(self, name: str) -> bool:
        """Forget every credential of a principal; closing its sockets is the hub's part (AUTH-7).

        Says whether there was one, or may be one in signed tokens.
        """
        if not self._may_know(name):
            return False
        self._principals = {d: p for d, p in self._principals.items() if p.name != name}
        self._revoked.add(name)
        return True

    def restore(self, name: str, credentials: Iterable[Token | ApiKey]) -> bool:
        """Accept a principal's credentials again, and its signed tokens; whether there may be any."""
        credentials = tuple(credentials)
        is_signed = self._signed_tokens is not None and name in self._revoked
        self._revoked.discard(name)
        self.accept(credentials)
        return is_signed or bool(credentials)

    @property
    def revoked(self) -> int:
        """How many principals are revoked."""
        return len(self._revoked)

    def reset(self, credentials: Iterable[Token | ApiKey]) -> None:
        """Accept these credentials, and signed tokens of whoever was revoked, again.

        Raises:
            ValueError: a secret is empty.
        """
        self._revoked.clear()
        self.accept(credentials)

    def _may_know(self, name: str) -> bool:
        named = (principal.name for principal in self._principals.values())
        return self._signed_tokens is not None or name in self._revoked or name in named

    def _find(self, secret: bytes) -> Principal | None:
        wanted = _digest(secret)
        found: Principal | None = None
        # All are compared, and each in constant time: how long it takes says nothing about a secret.
        for digest, principal in self._principals.items():
            if hmac.compare_digest(digest, wanted):
                found = principal
        return found

    def _signed(self, secret: bytes, now: float) -> Principal | str | None:
        if self._signed_tokens is None or not secret.startswith(_BEARER):
            return None
        principal = self._signed_tokens.principal(secret.removeprefix(_BEARER).decode(errors="replace"), now)
        is_revoked = isinstance(principal, Principal) and principal.name in self._revoked
        return None if is_revoked else principal


def bearer(field_value: str) -> str | None:
    """The token of an ``Authorization`` field, or ``None`` when it is no bearer token."""
    scheme, _, token = field_value.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _read(presented: Presented) -> bytes | Refusal:
    if presented.authorization:
        token = bearer(presented.authorization[0])
        if token is None:
            return _unauthorized("the Authorization header must be `Bearer` and a token")
    elif presented.query:
        token = bearer(presented.query[0]) or presented.query[0].strip()
    else:
        try:
            return b"api-key:" + base64.b64decode(presented.api_key[0].strip(), validate=True)
        except (binascii.Error, ValueError):
            return _unauthorized("the X-Api-Key header must be the base64 of `key:secret`")
    return _BEARER + token.encode(errors="surrogateescape")


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _unauthorized(message: str, error: str = "invalid_request") -> Refusal:
    return Refusal(401, message, _CHALLENGE, error)
