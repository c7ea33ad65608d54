"""Moves REST calls over httpx."""

from __future__ import annotations

import ssl
from typing import Any, TypeVar

import httpx

from .._core.protocol import Endpoint
from .._core.rest import HttpRequest, RawResponse
from .._net.http_failures import HTTP_FAILURES, http_failure
from .._net.options import LARGEST_ANSWER, ConnectionOptions
from .._net.proxy import ENVIRONMENT, SOCKS_IS_MISSING, failure_behind_proxy, is_behind_proxy
from ..exceptions import HubUnreachableError, ProtocolError

ResponseT = TypeVar("ResponseT")

PROXY_AUTHENTICATION_REQUIRED = 407


def http_client(options: ConnectionOptions, *, secure: bool) -> httpx.AsyncClient:
    """A client that follows no redirect, which would get the API key, and trusts what the stream trusts."""
    if secure:
        context = options.ssl_context or ssl.create_default_context()
    else:
        # Never used, and much cheaper to make than one with the system's certificates.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    uses_environment = options.proxy == ENVIRONMENT
    try:
        return httpx.AsyncClient(
            verify=context,
            timeout=options.timeouts.rest,
            follow_redirects=False,
            proxy=None if uses_environment else options.proxy,
            trust_env=uses_environment,
        )
    except ImportError as error:
        raise HubUnreachableError(SOCKS_IS_MISSING, reason="proxy", retryable=False) from error
    except ValueError:
        # Of the environment. Its text holds the URL, which may hold a password.
        raise HubUnreachableError("the proxy's URL cannot be used", reason="proxy", retryable=False) from None


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
            if response.status_code == PROXY_AUTHENTICATION_REQUIRED:
                text = f"the proxy on the way to {request.url} refused its credential (407)"
                raise HubUnreachableError(text, reason="proxy", retryable=False)
    except HTTP_FAILURES as error:
        failure = http_failure(error, request.url, timeout=options.timeouts.rest)
        if is_behind_proxy(request.url, options.proxy):
            failure = failure_behind_proxy(failure, request.url)
        raise failure from error
    return RawResponse(
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        content=bytes(content),
        url=request.url,
        received_at=options.clock.time(),
        endpoint=endpoint,
    )
