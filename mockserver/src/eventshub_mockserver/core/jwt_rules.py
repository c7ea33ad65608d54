"""Which JSON Web Tokens count; apart from what judges them, which takes long to import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

_SHORTEST_SECRET: Final = 32
"""Bytes: as many as SHA-256 gives (RFC 7518, section 3.2)."""


@dataclass(frozen=True, kw_only=True)
class JwtRules:
    """Which JSON Web Tokens count. Each needs ``exp``, and the issuer and audience given here.

    Raises:
        ValueError: there is neither a secret nor keys, or both, or the secret is too short.
    """

    issuer: str
    """What ``iss`` has to be."""
    audience: str
    """What ``aud`` has to be, or to contain."""
    secret: str | None = field(default=None, repr=False)
    """Shared secret of HS256, of 32 bytes or more."""
    keys: str | None = None
    """JWK set with the public keys of RS256 and ES256: a file, or an ``https`` URL."""
    name_claim: str = "sub"
    """Where the principal's name is."""
    claims_claim: str = "claims"
    """Where the principal's claims are: a list, or one text with spaces between them."""

    def __post_init__(self) -> None:
        if not self.issuer or not self.audience:
            raise ValueError("jwt_issuer and jwt_audience must not be empty")
        if (self.secret is None) == (self.keys is None):
            raise ValueError("jwt_secret or jwt_keys is needed, and not both")
        if self.secret is not None and len(self.secret.encode()) < _SHORTEST_SECRET:
            raise ValueError(f"jwt_secret must have {_SHORTEST_SECRET} bytes or more")


class SigningKeysError(ValueError):
    """A document is no JWK set with keys that can be used."""
