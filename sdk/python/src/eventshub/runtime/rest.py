"""Calls of endpoints without I/O: what to send, and what the answer means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

import msgspec

from .._core.codec import decoder, explain
from .._core.foreign_text import one_line
from .._core.message import encode_open
from .._core.refusals import status_error
from .._core.rest import HttpRequest, RawResponse
from ..exceptions import MessageDecodeError, StatusError
from .parameters import form_fields, plain
from .tables import Answer, Endpoint

ResultT = TypeVar("ResultT")
_FAILURES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def write_request(endpoint: Endpoint[Any], url: str, headers: Mapping[str, str], body: object) -> HttpRequest:
    """Write a call down; a body that is None or ``UNSET`` is not sent."""
    sent = {"Accept": endpoint.accept, **headers}
    content: bytes | None = None
    if body is not None and body is not msgspec.UNSET:
        content, content_type = _written(endpoint, body)
        sent["Content-Type"] = content_type
    return HttpRequest(endpoint.method, url, sent, content)


def refusal(endpoint: Endpoint[Any], response: RawResponse[Any]) -> StatusError | None:
    """The exception for an answer that is no success, its body typed as the document has it; else None."""
    if 200 <= response.status < 300:
        return None
    error = status_error(
        status=response.status,
        url=response.url.partition("?")[0],
        headers=response.headers,
        body=response.content,
        wall_clock=response.received_at,
    )
    answer = _answer(endpoint, response.status)
    if answer is not None and answer.content == "json":
        try:
            error.body = decoder(answer.type).decode(response.content)
        except _FAILURES:
            # It stays as it came.
            return error
    return error


def read_answer(endpoint: Endpoint[ResultT], response: RawResponse[Any]) -> ResultT:
    """Read what a successful answer holds.

    Raises:
        MessageDecodeError: it is not what the document says.
    """
    answer = _answer(endpoint, response.status) or next(
        (each for status, each in endpoint.answers.items() if status.startswith("2")), Answer("none")
    )
    found: Any = None
    if answer.content == "json":
        try:
            found = decoder(answer.type).decode(response.content.strip() or b"null")
        except _FAILURES as error:
            reason, path = explain(error)
            what = f"the answer to {endpoint.name}"
            raise MessageDecodeError(
                reason=one_line(reason), path=path, raw=response.content, what=what
            ) from error
    elif answer.content == "text":
        found = response.content.decode("utf-8", "replace")
    elif answer.content != "none":
        found = response.content
    return cast("ResultT", found)


def _answer(endpoint: Endpoint[Any], status: int) -> Answer | None:
    answers = endpoint.answers
    return (
        answers.get(str(status))
        or answers.get(f"{status // 100}XX")
        or answers.get(f"{status // 100}xx")
        or answers.get("default")
    )


def _written(endpoint: Endpoint[Any], body: object) -> tuple[bytes, str]:
    if endpoint.content == "json":
        return msgspec.json.encode(body, enc_hook=encode_open), endpoint.content_type
    if endpoint.content == "form":
        return urlencode(form_fields(body)).encode(), endpoint.content_type
    if endpoint.content == "multipart":
        return _multipart(body)
    if isinstance(body, str):
        return body.encode(), endpoint.content_type
    if isinstance(body, bytes):
        return body, endpoint.content_type
    return str(plain(body)).encode(), endpoint.content_type


def _multipart(body: object) -> tuple[bytes, str]:
    """Bytes become files that are named like their property; objects and arrays become JSON."""
    import httpx

    members = _members(body)
    parts: list[tuple[str, tuple[str | None, str | bytes] | tuple[str | None, str | bytes, str]]] = []
    for name, member in members.items():
        for item in cast("tuple[object, ...]", member) if isinstance(member, (tuple, list)) else (member,):
            if isinstance(item, bytes):
                parts.append((name, (name, item)))
            elif isinstance(item, (msgspec.Struct, Mapping)):
                written = msgspec.json.encode(item, enc_hook=encode_open)
                parts.append((name, (None, written, "application/json")))
            elif item is not None and item is not msgspec.UNSET:
                text = {True: "true", False: "false"}.get(item) if isinstance(item, bool) else None
                parts.append((name, (None, text or str(plain(item)))))
    request = httpx.Request("POST", "http://unused", files=parts or [("", (None, b""))])
    return request.read(), request.headers["Content-Type"]


def _members(body: object) -> dict[str, object]:
    if isinstance(body, msgspec.Struct):
        return {
            field.encode_name: getattr(body, field.name)
            for field in msgspec.structs.fields(body)
            if getattr(body, field.name) is not msgspec.UNSET
        }
    return dict(cast("Mapping[str, object]", body)) if isinstance(body, Mapping) else {}
