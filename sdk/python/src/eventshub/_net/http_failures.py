"""What httpx raises, in this package's own terms."""

from __future__ import annotations

import socket
import ssl
from typing import cast

import httpx

from ..exceptions import EventsHubError, HubUnreachableError, InvalidAddressError, ProtocolError
from .websocket_failures import network_failure

# `InvalidURL` and `StreamError` stand outside httpx's own tree.
HTTP_FAILURES = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, UnicodeError)


def http_failure(error: Exception, url: str, *, timeout: float) -> EventsHubError:
    """Why a REST call got no answer; to be raised ``from error``."""
    match error:
        case httpx.TimeoutException():
            return HubUnreachableError(f"no answer from {url} within {timeout:g} s", reason="timeout")
        case httpx.ProxyError():
            return HubUnreachableError(f"the proxy gave no connection to {url}: {error}", reason="proxy")
        case httpx.RemoteProtocolError() if str(error).startswith("Server disconnected"):
            return HubUnreachableError(f"{url} ended the connection without an answer", reason="network")
        case httpx.RemoteProtocolError() | httpx.DecodingError():
            return ProtocolError(f"the answer from {url} is no HTTP: {error}")
        case httpx.TransportError():
            cause = _os_error(error)
            if cause is not None:
                return network_failure(cause, url, timeout=timeout)
            return HubUnreachableError(f"no connection to {url}: {error}", reason="network")
        case OSError():
            return network_failure(error, url, timeout=timeout)
        case _:
            return InvalidAddressError("the hub's URL holds a host name that cannot be used")


def _os_error(error: BaseException) -> OSError | None:
    """The failure of the operating system or of TLS at the bottom of httpx's chain of causes."""
    found: OSError | None = None
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, (ssl.SSLError, socket.gaierror, ConnectionError)):
            return seen
        if isinstance(seen, OSError) and found is None:
            found = seen
        if isinstance(seen, BaseExceptionGroup):
            seen = cast("BaseExceptionGroup[BaseException]", seen).exceptions[0]
            continue
        seen = seen.__cause__ or seen.__context__
    return found
