"""JSON Web Tokens as bearer tokens: whom they stand for, and until when (protocol AUTH-1, AUTH-7)."""

from __future__ import annotations

import math
from typing import Any, Final, cast

import jwt

from .credentials import Principal
from .jwt_rules import JwtRules, SigningKeysError

_PUBLIC_KEY_ALGORITHMS: Final = frozenset({"RS256", "ES256"})
_HMAC: Final = "HS256"
# The hub's own clock judges times, so that tests can let them pass.
_OPTIONS: Final[Any] = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "require": ["exp"]}


class SignedTokens:
    """Judges JSON Web Tokens."""

    def __init__(self, rules: JwtRules) -> None:
        self.rules = rules
        self._keys: tuple[jwt.PyJWK, ...] = ()

    def use_keys(self, document: bytes) -> None:
        """Take over a JWK set in the place of what was known; keys for other purposes are passed over.

        Raises:
            SigningKeysError: it holds no key that can be used; what was known stays.
        """
        try:
            found = jwt.PyJWKSet.from_json(document.decode())
        except (jwt.PyJWTError, ValueError, AttributeError, RecursionError) as error:
            raise SigningKeysError(f"this is no JWK set that can be used: {error}") from error
        usable = tuple(
            key
            for key in found.keys
            if key.algorithm_name in _PUBLIC_KEY_ALGORITHMS and key.public_key_use in (None, "sig")
        )
        if not usable:
            raise SigningKeysError("the JWK set has no key for RS256 or ES256")
        self._keys = usable

    def lacks_key_of(self, token: str) -> bool:
        """Whether it is a JWT whose key is not among those known."""
        if self.rules.keys is None:
            return False
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            return False
        return self._key_for(header) is None

    def principal(self, token: str, now: float) -> Principal | str | None:
        """Whom a token stands for; why it does not count now; ``None`` when it is none of this issuer's."""
        try:
            header = jwt.get_unverified_header(token)
            key = self.rules.secret or self._key_for(header)
            if key is None:
                return None
            content = jwt.decode(
                token,
                key,
                algorithms=[_HMAC] if self.rules.secret else sorted(_PUBLIC_KEY_ALGORITHMS),
                issuer=self.rules.issuer,
                audience=self.rules.audience,
                options=_OPTIONS,
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            return None
        name = content.get(self.rules.name_claim)
        if not isinstance(name, str) or not name:
            return None
        expires_at = _moment(content["exp"])
        if expires_at is None or expires_at <= now:
            return "the token has expired"
        if "nbf" in content:
            begins_at = _moment(content["nbf"])
            if begins_at is None or begins_at > now:
                return "the token is not valid yet"
        return Principal(name, _claims(content.get(self.rules.claims_claim)), expires_at)

    def _key_for(self, header: dict[str, Any]) -> jwt.PyJWK | None:
        wanted, algorithm = header.get("kid"), header.get("alg")
        fitting = [key for key in self._keys if key.algorithm_name == algorithm]
        if wanted is not None:
            return next((key for key in fitting if key.key_id == wanted), None)
        return fitting[0] if len(fitting) == 1 else None


def _moment(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None


def _claims(value: object) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset(value.split())
    if isinstance(value, list):
        return frozenset(claim for claim in cast("list[object]", value) if isinstance(claim, str))
    return frozenset()
