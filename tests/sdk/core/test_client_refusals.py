"""HTTP answers of every shape become one typed exception per status (protocol ERR-1)."""

from __future__ import annotations

import pickle

import pytest

from eventshub import (
    AuthenticationError,
    ConnectionConflictError,
    HubFaultError,
    HubUnavailableError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    StatusError,
)
from eventshub._core.refusals import status_error

# 2025-12-05T10:15:30Z
NOW = 1764929730.0


def refusal(status: int, body: bytes = b"", **headers: str) -> StatusError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status_error(status=status, url="wss://hub/x", headers=named, body=body, wall_clock=NOW)


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, InvalidRequestError, False),
        (401, AuthenticationError, False),
        (403, PermissionDeniedError, False),
        (404, NotFoundError, False),
        (405, InvalidRequestError, False),
        (409, ConnectionConflictError, True),
        (413, InvalidRequestError, False),
        (415, InvalidRequestError, False),
        (422, InvalidRequestError, False),
        (426, StatusError, False),
        (429, RateLimitedError, True),
        (500, HubFaultError, True),
        (502, HubUnavailableError, True),
        (503, HubUnavailableError, True),
        (504, HubUnavailableError, True),
        (507, HubFaultError, True),
    ],
)
def test_each_status_has_its_exception(status: int, kind: type[StatusError], retryable: bool) -> None:
    error = refusal(status)
    assert type(error) is kind
    assert error.status == status
    assert error.retryable is retryable
    assert error.body is None
    assert f"({status} from wss://hub/x)" in str(error)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"code": 401, "message": "token expired"}', "token expired"),
        (b'{"code": 400, "message": "", "diagnostics": {"errors": [{"message": "bad id"}]}}', "bad id"),
        (b'{"error": "invalid_token", "error_description": "signature is wrong"}', "signature is wrong"),
        (b'{"error": "invalid_token"}', "invalid_token"),
        (b'{"error": {"code": 1, "message": "inner"}}', "inner"),
        (b'{"errors": ["one", "two"]}', "one; two"),
        (b'"just text"', "just text"),
        (b"null", ""),
        (b"", ""),
        (b"  \n", ""),
        (b"{}", ""),
        (b"17", ""),
        (b"plain text", "plain text"),
        (
            b"<html><title>502 Bad\nGateway</title></html>",
            "titled '502 Bad Gateway', likely from",
        ),
        (b"<!DOCTYPE html><p>no", "an HTML page, likely from a proxy"),
        (b"\xff\xfe", "\N{REPLACEMENT CHARACTER}"),
        (b"[" * 50_000, "[[["),
    ],
)
def test_text_is_found_in_every_shape(body: bytes, text: str) -> None:
    error = refusal(401, body)
    assert type(error) is AuthenticationError
    assert text in error.text if text else error.text == ""
    assert error.text in str(error)


def test_foreign_text_is_one_bounded_line() -> None:
    error = refusal(400, b'{"message": "line\\n2026 INFO forged \\u001b[2J' + b"x" * 100_000 + b'"}')
    assert "\n" not in str(error)
    assert "\x1b" not in str(error)
    assert len(str(error)) < 700


def test_body_is_kept_whole() -> None:
    assert refusal(400, b'{"code": 400, "message": "m", "diagnostics": [1]}').body == {
        "code": 400,
        "message": "m",
        "diagnostics": [1],
    }
    assert refusal(400, b"text").body == "text"


@pytest.mark.parametrize(
    ("message", "address"),
    [
        ("192.0.2.7 has a connection", "192.0.2.7"),
        ("address 2001:db8::1 is connected", "2001:db8::1"),
        ("one connection per address: 192.0.2.7.", "192.0.2.7"),
        ("taken", None),
        ("version 1.2.3 at 12:30", None),
    ],
)
def test_conflict_names_the_address(message: str, address: str | None) -> None:
    error = refusal(409, f'{{"code": 409, "message": "{message}"}}'.encode())
    assert isinstance(error, ConnectionConflictError)
    assert error.address == address


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("Fri, 05 Dec 2025 10:16:00 GMT", 30.0),
        ("Fri, 05 Dec 2025 10:00:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
    ],
)
def test_retry_after_is_in_seconds(value: str, seconds: float | None) -> None:
    assert refusal(503, Retry_After=value).retry_after == seconds


def test_redirect_says_where_it_leads() -> None:
    assert "leads to https://elsewhere/" in str(refusal(302, Location="https://elsewhere/"))


def test_exceptions_survive_pickling() -> None:
    error = refusal(503, b'{"message": "draining"}', Retry_After="3")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is HubUnavailableError
    assert str(copy) == str(error)
    assert (copy.status, copy.retry_after, copy.body) == (503, 3.0, {"message": "draining"})
