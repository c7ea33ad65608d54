"""REST calls without I/O: what to send, and what the answer means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_origin

import msgspec

from ..exceptions import MessageDecodeError
from .address import Address
from .codec import decoder, explain
from .message import encode_open
from .protocol import Endpoint
from .refusals import status_error

BodyT = TypeVar("BodyT", bound=msgspec.Struct | None)
ResponseT = TypeVar("ResponseT")


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What a shell has to send."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def rest_request(
    address: Address, endpoint: Endpoint[BodyT, Any], body: BodyT, headers: Mapping[str, str]
) -> HttpRequest:
    """Write a call down."""
    sent = {**headers, "Accept": "application/json"}
    content = None
    if body is not None:
        content = msgspec.json.encode(body, enc_hook=encode_open)
        sent["Content-Type"] = "application/json"
    return HttpRequest(endpoint.method, address.http_url(endpoint.path), sent, content)


def rest_result(
    endpoint: Endpoint[Any, ResponseT], request: HttpRequest, answer: HttpAnswer, *, wall_clock: float
) -> ResponseT:
    """Read the answer. An empty one, or ``null``, is an object without members, or an empty list.

    Raises:
        StatusError: the status is not 2xx; the subclass says which.
        MessageDecodeError: the body is not what the spec says.
    """
    if not 200 <= answer.status < 300:
        raise status_error(
            status=answer.status,
            url=request.url,
            headers=answer.headers,
            body=answer.content,
            wall_clock=wall_clock,
        )
    content = answer.content.strip()
    if content in {b"", b"null"} and _is_object(endpoint.response):
        content = b"{}"
    elif content in {b"", b"null"} and get_origin(endpoint.response) is tuple:
        content = b"[]"
    elif not content:
        content = b"null"
    try:
        return decoder(endpoint.response).decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reason, path = explain(error)
        raise MessageDecodeError(
            reason=reason, path=path, raw=answer.content, what=f"the answer to {endpoint.name}"
        ) from error


def _is_object(response: object) -> bool:
    return isinstance(response, type) and issubclass(response, msgspec.Struct)
