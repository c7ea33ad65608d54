"""Protocol AUTH-1 to AUTH-7."""

from __future__ import annotations

import base64

import pytest

from eventshub_mockserver import READ_ONLY, ApiKey, Token
from eventshub_mockserver.core.credentials import Authenticator, Presented, Principal
from eventshub_mockserver.core.refusal import Refusal

AUTHENTICATOR = Authenticator(
    [
        Token("alice", "s3cret-of-alice"),
        Token("nobody", "s3cret-of-nobody", frozenset()),
        Token("brief", "s3cret-of-brief", expires_at=100.0),
        ApiKey("key", "s3cret:with:colons"),
    ]
)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("presented", "name"),
    [
        (Presented(authorization=["Bearer s3cret-of-alice"]), "alice"),
        (Presented(authorization=["bearer  s3cret-of-alice "]), "alice"),
        (Presented(query=["s3cret-of-alice"]), "alice"),
        (Presented(query=["Bearer s3cret-of-alice"]), "alice"),
        (Presented(api_key=[encoded("key:s3cret:with:colons")]), "key"),
    ],
)
def test_each_kind_of_credential_counts(presented: Presented, name: str) -> None:
    principal = AUTHENTICATOR.authorize(presented, 0.0)
    assert isinstance(principal, Principal)
    assert principal.name == name
    assert principal.may(READ_ONLY)


@pytest.mark.parametrize(
    ("presented", "says"),
    [
        (Presented(), "missing"),
        (Presented(authorization=["Bearer wrong"]), "not valid"),
        (Presented(authorization=["Bearer "]), "Bearer"),
        (Presented(authorization=["s3cret-of-alice"]), "Bearer"),
        (Presented(authorization=["Basic czNjcmV0"]), "Bearer"),
        (Presented(authorization=["Bearer key:s3cret:with:colons"]), "not valid"),
        (Presented(authorization=["Bearer caf\udce9"]), "not valid"),
        (Presented(api_key=["key:s3cret:with:colons"]), "base64"),
        (Presented(api_key=[encoded("key:wrong")]), "not valid"),
        (Presented(api_key=[encoded("s3cret-of-alice")]), "not valid"),
        (Presented(api_key=["ä"]), "base64"),
        (Presented(query=[""]), "not valid"),
        (Presented(authorization=["Bearer s3cret-of-alice"], query=["s3cret-of-alice"]), "more than one"),
        (Presented(authorization=["Bearer s3cret-of-alice"], api_key=["x"]), "more than one"),
        (Presented(authorization=["Bearer s3cret-of-alice"] * 2), "more than one"),
        (Presented(query=["s3cret-of-alice"] * 2), "more than one"),
    ],
)
def test_anything_else_is_401_with_a_challenge(presented: Presented, says: str) -> None:
    refusal = AUTHENTICATOR.authorize(presented, 0.0)
    assert isinstance(refusal, Refusal)
    assert refusal.status == 401
    assert ("WWW-Authenticate", "Bearer") in refusal.headers
    assert says in refusal.message
    assert "s3cret" not in refusal.message


def test_without_the_claim_it_is_403() -> None:
    refusal = AUTHENTICATOR.authorize(Presented(authorization=["Bearer s3cret-of-nobody"]), 0.0)
    assert isinstance(refusal, Refusal)
    assert refusal.status == 403
    assert READ_ONLY in refusal.message


def test_an_expired_token_does_not_count() -> None:
    presented = Presented(authorization=["Bearer s3cret-of-brief"])
    assert isinstance(AUTHENTICATOR.authorize(presented, 99.9), Principal)
    assert isinstance(AUTHENTICATOR.authorize(presented, 100.0), Refusal)


def test_a_revoked_principal_does_not_count() -> None:
    authenticator = Authenticator([Token("a", "one"), Token("b", "two")])
    authenticator.revoke("a")
    assert isinstance(authenticator.authorize(Presented(authorization=["Bearer one"]), 0.0), Refusal)
    assert isinstance(authenticator.authorize(Presented(authorization=["Bearer two"]), 0.0), Principal)


def test_no_secret_is_in_a_repr() -> None:
    shown = [Token("a", "s3cret"), ApiKey("k", "s3cret"), Presented(authorization=["Bearer s3cret"])]
    assert "s3cret" not in repr(shown)


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="'alice'"):
        Authenticator([Token("alice", "")])
