"""Moves REST calls over httpx."""

from __future__ import annotations

import ssl
from typing import Any, TypeVar

import httpx

from .._core.protocol import Endpoint
from .._core.rest import HttpRequest, RawResponse
from .._net.http_failures import HTTP_FAILURES, http_failure
from .._net.options import LARGEST_ANSWER, ConnectionOptions
from ..exceptions import ProtocolError

ResponseT = TypeVar("ResponseT")


def http_client(options: ConnectionOptions, *, secure: bool) -> httpx.AsyncClient:
    """A client that follows no redirect, which would get the API key, and trusts what the stream trusts."""
    if secure:
        context = options.ssl_context or ssl.create_default_context()
    else:
        # Never used, and much cheaper to make than one with the system's certificates.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(verify=context, timeout=options.timeouts.rest, follow_redirects=False)


async def send(
    client: httpx.AsyncClient,
    endpoint: Endpoint[Any, ResponseT],
    request: HttpRequest,
    options: ConnectionOptions,
) -> RawResponse[ResponseT]:
    """Send a request and read its answer.

    Raises:
        HubUnreachableError: there was no answer.
        ProtocolError: it is too large, or no HTTP.
    """
    try:
        async with client.stream(
            request.method, request.url, headers=dict(request.headers), content=request.content
        ) as response:
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > LARGEST_ANSWER:
                    raise ProtocolError(
                        f"the answer from {request.url} is larger than {LARGEST_ANSWER} bytes"
                    )
    except HTTP_FAILURES as error:
        raise http_failure(error, request.url, timeout=options.timeouts.rest) from error
    return RawResponse(
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        content=bytes(content),
        url=request.url,
        received_at=options.clock.time(),
        endpoint=endpoint,
    )
