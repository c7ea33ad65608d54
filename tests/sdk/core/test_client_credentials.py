"""Which credential goes out, and that it is seen nowhere else."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from eventshub import CredentialError
from eventshub._core.credentials import Credential

SECRET = "hunter2-hunter2"


def test_token_is_a_bearer_header() -> None:
    credential = Credential.choose(f" {SECRET}\n", None, {})
    assert credential.ask() == {"Authorization": f"Bearer {SECRET}"}


@pytest.mark.parametrize("api_key", ["key:se:cret", ("key", "se:cret")])
def test_api_key_is_encoded(api_key: str | tuple[str, str]) -> None:
    headers: Any = Credential.choose(None, api_key, {}).ask()
    assert base64.b64decode(headers["X-Api-Key"]) == b"key:se:cret"
    assert len(headers) == 1


def test_environment_is_read_when_nothing_is_given() -> None:
    environment = {"EVENTS_HUB_TOKEN": SECRET, "EVENTS_HUB_API_KEY": ""}
    assert Credential.choose(None, None, environment).ask() == {"Authorization": f"Bearer {SECRET}"}
    assert Credential.choose(None, None, {"EVENTS_HUB_API_KEY": "k:s"}).scheme == "api_key"


def test_what_is_given_wins_over_the_environment() -> None:
    environment = {"EVENTS_HUB_TOKEN": "other", "EVENTS_HUB_API_KEY": "k:s"}
    assert Credential.choose(SECRET, None, environment).ask() == {"Authorization": f"Bearer {SECRET}"}


def test_callable_is_asked_each_time() -> None:
    tokens = iter(["first", "second"])
    credential = Credential.choose(lambda: next(tokens), None, {})
    assert [credential.headers(credential.ask())["Authorization"] for _ in range(2)] == [
        "Bearer first",
        "Bearer second",
    ]


def test_failing_callable_is_a_credential_error() -> None:
    def fail() -> str:
        raise RuntimeError(SECRET)

    with pytest.raises(CredentialError, match="callable given as token failed: RuntimeError") as caught:
        Credential.choose(fail, None, {}).ask()
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("token", "api_key", "environment", "says"),
    [
        (None, None, {}, "no credential: give token= or api_key=, or set EVENTS_HUB_TOKEN"),
        ("t", "k:s", {}, "both token= and api_key= are given"),
        (None, None, {"EVENTS_HUB_TOKEN": "t", "EVENTS_HUB_API_KEY": "k:s"}, "both EVENTS_HUB_TOKEN and"),
        ("", None, {}, "token is empty"),
        (f"Bearer {SECRET}", None, {}, "give it bare, without 'Bearer'"),
        (f"{SECRET}\r\nX-Evil: 1", None, {}, "a line break"),
        (f"{SECRET}é", None, {}, "outside ASCII"),
        (None, f"{SECRET}-without-colon", {}, "must be"),
        (None, ("key", ""), {}, "api_key is empty"),
        (None, ("key", SECRET, "more"), {}, "must be"),
        (5, None, {}, "token must be a str, not a int"),
    ],
)
def test_unusable_credentials_are_refused_without_being_shown(
    token: Any, api_key: Any, environment: dict[str, str], says: str
) -> None:
    with pytest.raises(CredentialError, match=says) as caught:
        Credential.choose(token, api_key, environment)
    assert SECRET not in str(caught.value)


def test_repr_shows_no_secret() -> None:
    assert repr(Credential.choose(SECRET, None, {})) == "Credential(token=…)"
