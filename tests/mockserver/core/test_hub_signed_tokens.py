"""Protocol AUTH-1, AUTH-4, AUTH-5 with signed tokens: which count, and what is told of the others."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.mockserver.signing import NOW, SECRET, Issuer, jwk_set, rules, signed

from eventshub_mockserver import JwtRules
from eventshub_mockserver.core.credentials import Authenticator, Presented, Principal
from eventshub_mockserver.core.jwt_rules import SigningKeysError
from eventshub_mockserver.core.refusal import Refusal
from eventshub_mockserver.core.signed_tokens import SignedTokens

RSA, EC = Issuer("RS256", "rsa"), Issuer("ES256", "ec")


def ask(tokens: SignedTokens, token: str, now: float = NOW) -> Principal | Refusal:
    authenticator = Authenticator((), signed_tokens=tokens)
    return authenticator.authorize(Presented(authorization=(f"Bearer {token}",)), now)


def with_secret(**options: Any) -> SignedTokens:
    return SignedTokens(rules(secret=SECRET, **options))


def with_keys(*issuers: Issuer) -> SignedTokens:
    tokens = SignedTokens(rules(keys="keys.json"))
    tokens.use_keys(jwk_set(*issuers))
    return tokens


def short(value: object) -> str:
    """What a case is called: signatures differ from run to run, and xdist wants names that do not."""
    return value if isinstance(value, str) and " " in value else type(value).__name__


@pytest.mark.parametrize(
    ("tokens", "token"),
    [
        (with_secret(), signed(SECRET)),
        (with_keys(RSA, EC), RSA.sign()),
        (with_keys(RSA, EC), EC.sign()),
        (with_keys(EC), signed(EC.key, "ES256")),  # without a kid, where there is one key that fits
        (with_secret(), signed(SECRET, aud=["another", "events-hub"])),
        (with_secret(), signed(SECRET, claims="READ_ONLY ADMIN")),
        (with_secret(), signed(SECRET, nbf=NOW)),
        (with_secret(name_claim="email"), signed(SECRET, sub=None, email="alice")),
    ],
    ids=short,
)
def test_a_good_token_stands_for_its_principal_until_it_expires(tokens: SignedTokens, token: str) -> None:
    principal = ask(tokens, token)
    assert isinstance(principal, Principal)
    assert (principal.name, principal.expires_at) == ("alice", NOW + 60)


def unsigned() -> str:
    """With the algorithm ``none``."""
    _, body, _ = signed(SECRET).split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    return f"{head}.{body}."


def tampered() -> str:
    head, body, signature = signed(SECRET).split(".")
    content = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps({**content, "sub": "root"}).encode()).decode().rstrip("=")
    return f"{head}.{forged}.{signature}"


def confused() -> str:
    """Signed by HMAC with a public key as the secret: what a judge takes that believes the header."""
    public = EC.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _, body, _ = signed(SECRET).split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"ec"}').decode().rstrip("=")
    signature = hmac.digest(public, f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


@pytest.mark.parametrize(
    ("tokens", "token", "says"),
    [
        (with_secret(), signed(SECRET, exp=NOW), "expired"),
        (with_secret(), signed(SECRET, nbf=NOW + 1), "not valid yet"),
        (with_secret(), signed(SECRET, exp=None), "not valid"),
        (with_secret(), signed(SECRET, exp=True), "expired"),
        (with_secret(), signed(SECRET, iss="https://other.example"), "not valid"),
        (with_secret(), signed(SECRET, iss=None), "not valid"),
        (with_secret(), signed(SECRET, aud="another"), "not valid"),
        (with_secret(), signed(SECRET, aud=None), "not valid"),
        (with_secret(), signed(SECRET, sub=None), "not valid"),
        (with_secret(), signed(SECRET, sub=""), "not valid"),
        (with_secret(), signed("another-secret-of-thirty-two-bytes!"), "not valid"),
        (with_secret(), tampered(), "not valid"),
        (with_secret(), unsigned(), "not valid"),
        (with_secret(), RSA.sign(), "not valid"),
        (with_secret(), "a.b.c", "not valid"),
        (with_secret(), "ü" * 100, "not valid"),
        (with_keys(EC), RSA.sign(), "not valid"),
        (with_keys(EC), Issuer("ES256", "ec").sign(), "not valid"),
        (with_keys(RSA, EC), signed(EC.key, "ES256", {"kid": "rsa"}), "not valid"),
        (with_keys(EC), confused(), "not valid"),
        (with_keys(EC), unsigned(), "not valid"),
        (SignedTokens(rules(keys="keys.json")), EC.sign(), "not valid"),
    ],
    ids=short,
)
def test_the_others_are_401_and_tell_nothing_but_the_time(
    tokens: SignedTokens, token: str, says: str
) -> None:
    refusal = ask(tokens, token)
    assert isinstance(refusal, Refusal)
    assert refusal.status == 401
    assert says in refusal.message
    assert token not in refusal.message


@pytest.mark.parametrize("claims", [None, [], "ADMIN", 7, {"READ_ONLY": True}])
def test_without_the_claim_it_is_403(claims: object) -> None:
    refusal = ask(with_secret(), signed(SECRET, claims=claims))
    assert isinstance(refusal, Refusal)
    assert refusal.status == 403


def test_who_is_revoked_is_so_with_every_token_until_the_hub_is_reset() -> None:
    authenticator = Authenticator((), signed_tokens=with_secret())
    presented = Presented(authorization=(f"Bearer {signed(SECRET)}",))
    authenticator.revoke("alice")
    assert isinstance(authenticator.authorize(presented, NOW), Refusal)
    authenticator.reset(())
    assert isinstance(authenticator.authorize(presented, NOW), Principal)


def test_keys_are_replaced_as_a_whole_and_only_by_some_that_can_be_used() -> None:
    tokens = with_keys(RSA)
    for document in (b"", b"[]", b"\xff", b'{"keys": []}', b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}'):
        with pytest.raises(SigningKeysError):
            tokens.use_keys(document)
    encryption = json.dumps({"keys": [EC.jwk(use="enc")]}).encode()
    with pytest.raises(SigningKeysError):
        tokens.use_keys(encryption)
    assert not tokens.lacks_key_of(RSA.sign())
    tokens.use_keys(jwk_set(EC))
    assert tokens.lacks_key_of(RSA.sign())
    assert not tokens.lacks_key_of("no JWT at all")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "jwt_secret or jwt_keys"),
        ({"secret": SECRET, "keys": "keys.json"}, "not both"),
        ({"secret": "too short"}, "32 bytes"),
    ],
)
def test_rules_that_cannot_be_are_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        rules(**options)


def test_no_secret_is_in_a_repr() -> None:
    assert SECRET not in repr(JwtRules(issuer="i", audience="a", secret=SECRET))
