"""An issuer of signed tokens for tests, with keys made on the spot."""

from __future__ import annotations

import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from eventshub_mockserver import JwtRules

ISSUER, AUDIENCE = "https://issuer.example", "events-hub"
SECRET = "a-secret-of-an-issuer-for-tests-only"
NOW = 1_764_929_730.0
"""When a clock that is turned by hand starts."""


class Issuer:
    """Signs tokens with one key, and publishes its public half."""

    def __init__(self, algorithm: str = "ES256", kid: str = "key-1") -> None:
        self.algorithm = algorithm
        self.kid = kid
        self.key: Any = (
            rsa.generate_private_key(65537, 2048)
            if algorithm == "RS256"
            else ec.generate_private_key(ec.SECP256R1())
        )

    def jwk(self, **changes: Any) -> dict[str, Any]:
        """The public key as a member of a JWK set."""
        kind = RSAAlgorithm if self.algorithm == "RS256" else ECAlgorithm
        public: dict[str, Any] = kind.to_jwk(self.key.public_key(), as_dict=True)
        return {**public, "kid": self.kid, "use": "sig", **changes}

    def sign(self, **changes: Any) -> str:
        """A token that is good for a minute after ``NOW``; ``None`` leaves a claim out."""
        return signed(self.key, self.algorithm, {"kid": self.kid}, **changes)


def signed(key: Any, algorithm: str = "HS256", headers: dict[str, Any] | None = None, **changes: Any) -> str:
    """A token signed with any key."""
    content = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "alice",
        "claims": ["READ_ONLY"],
        "exp": NOW + 60,
        **changes,
    }
    stated = {name: value for name, value in content.items() if value is not None}
    return jwt.encode(stated, key, algorithm=algorithm, headers=headers)


def jwk_set(*issuers: Issuer) -> bytes:
    """The document with their public keys."""
    return json.dumps({"keys": [issuer.jwk() for issuer in issuers]}).encode()


def rules(**options: Any) -> JwtRules:
    """What this issuer's tokens are judged by."""
    return JwtRules(issuer=ISSUER, audience=AUDIENCE, **options)
