"""REST calls without I/O: what to send, and what the answer means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_origin

import msgspec

from ..exceptions import MessageDecodeError, StatusError
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RawResponse(Generic[ResponseT]):
    """An HTTP answer as it came, whatever its status; ``parse`` makes of it what the plain call gives."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes = field(repr=False)
    url: str
    """What was asked, without credentials."""
    received_at: float = field(repr=False)
    """Seconds since the epoch."""
    endpoint: Endpoint[Any, ResponseT] = field(repr=False)

    def parse(self) -> ResponseT:
        """Read the answer. An empty one, or ``null``, is an object without members, or an empty list.

        Raises:
            StatusError: the status is not 2xx; the subclass says which.
            MessageDecodeError: the body is not what the spec says.
        """
        failure = self.failure()
        if failure is not None:
            raise failure
        return _body(self.endpoint, self.content)

    def failure(self) -> StatusError | None:
        """The exception for the status; None when it is 2xx."""
        if 200 <= self.status < 300:
            return None
        return status_error(
            status=self.status,
            url=self.url,
            headers=self.headers,
            body=self.content,
            wall_clock=self.received_at,
        )


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


def _body(endpoint: Endpoint[Any, ResponseT], raw: bytes) -> ResponseT:
    content = raw.strip()
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
            reason=reason, path=path, raw=raw, what=f"the answer to {endpoint.name}"
        ) from error


def _is_object(response: object) -> bool:
    return isinstance(response, type) and issubclass(response, msgspec.Struct)
