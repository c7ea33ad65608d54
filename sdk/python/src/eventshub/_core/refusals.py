"""HTTP answers other than the one asked for, as one typed exception per status (protocol ERR-1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from ..exceptions import (
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
from .foreign_text import one_line

_BY_STATUS: dict[int, type[StatusError]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    405: InvalidRequestError,
    409: ConnectionConflictError,
    413: InvalidRequestError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitedError,
    502: HubUnavailableError,
    503: HubUnavailableError,
    504: HubUnavailableError,
}
# In order of how much they say; the first that holds text wins.
_TEXT_KEYS = ("message", "error_description", "detail", "title", "error", "diagnostics", "errors")
_HTML = re.compile(r"\s*<(?:!doctype|html|head|body)", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]*[:.][0-9A-Fa-f:.]+")


def status_error(
    *, status: int, url: str, headers: Mapping[str, str], body: bytes, wall_clock: float
) -> StatusError:
    """Explain an HTTP answer.

    Args:
        status: Its status code.
        url: What was asked, without credentials.
        headers: Its headers, in any case.
        body: Its body: any of the shapes a hub, its auth layer or a proxy may give.
        wall_clock: Seconds since the epoch, for a ``Retry-After`` that is a date.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    data, text = _read(body)
    if 300 <= status < 400 and "location" in lower:
        text = f"redirects are not followed, this one leads to {one_line(lower['location'])}"
    error_type = _BY_STATUS.get(status, HubFaultError if status >= 500 else StatusError)
    error = error_type(
        status=status,
        url=url,
        text=text,
        body=data,
        headers=lower,
        retry_after=_retry_after(lower.get("retry-after"), wall_clock),
    )
    if isinstance(error, ConnectionConflictError):
        error.address = _address_in(text)
    return error


def _read(body: bytes) -> tuple[object, str]:
    text = body.decode("utf-8", "replace").strip()
    if not text:
        return None, ""
    try:
        data: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        if _HTML.match(text):
            title = _TITLE.search(text)
            named = f" titled {one_line(title[1])!r}" if title else ""
            return text, f"an HTML page{named}, likely from a proxy"
        return text, one_line(text)
    return data, one_line(_text_in(data))


def _text_in(data: object) -> str:
    if isinstance(data, str):
        return data.strip()
    if isinstance(data, list):
        return "; ".join(filter(None, map(_text_in, cast("list[object]", data))))
    if isinstance(data, dict):
        members = cast("dict[str, Any]", data)
        return next(filter(None, (_text_in(members.get(key)) for key in _TEXT_KEYS)), "")
    return ""


def _retry_after(value: str | None, wall_clock: float) -> float | None:
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - wall_clock)
    except ValueError:
        return None


def _address_in(text: str) -> str | None:
    from ipaddress import ip_address

    for candidate in _ADDRESS.findall(text):
        try:
            return str(ip_address(candidate.strip(".").removesuffix(":")))
        except ValueError:
            continue
    return None
