"""What websockets, TLS and sockets raise, in this package's own terms."""

from __future__ import annotations

import errno
import socket
import ssl

from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    ProxyError,
    WebSocketException,
)

from .._core.foreign_text import one_line
from .._core.refusals import status_error
from ..exceptions import (
    ConnectionLostError,
    EventsHubError,
    HubUnreachableError,
    InvalidAddressError,
    ProtocolError,
    UnreachableReason,
)

# What opening a connection can raise. UnicodeError: a host name that IDNA rejects.
OPENING_FAILURES = (WebSocketException, OSError, EOFError, UnicodeError)


def opening_failure(error: Exception, url: str, *, timeout: float, wall_clock: float) -> EventsHubError:
    """Why no stream was opened; to be raised ``from error``.

    Args:
        error: One of ``OPENING_FAILURES``.
        url: The stream's URL.
        timeout: The time limit that was set, in seconds.
        wall_clock: Seconds since the epoch, for a ``Retry-After`` that is a date.
    """
    match error:
        case InvalidStatus(response=response) if 101 < response.status_code < 300:
            return ProtocolError(
                f"{url} answered {response.status_code} and no upgrade to a WebSocket: is it a hub?"
            )
        case InvalidStatus(response=response):
            return status_error(
                status=response.status_code,
                url=url,
                headers=dict(response.headers.raw_items()),
                body=bytes(response.body or b""),
                wall_clock=wall_clock,
            )
        case InvalidURI() | UnicodeError():
            return InvalidAddressError("the hub's URL holds a host name that cannot be used")
        case InvalidProxy():
            return HubUnreachableError("the proxy's URL cannot be used", reason="proxy", retryable=False)
        case ProxyError():
            return HubUnreachableError(f"the proxy gave no connection to {url}: {error}", reason="proxy")
        case InvalidMessage() if isinstance(error.__cause__, (EOFError, OSError)):
            return HubUnreachableError(f"{url} ended the connection during the handshake", reason="network")
        case InvalidHandshake():
            return ProtocolError(f"{url} does not speak WebSocket: {error}")
        case OSError():
            return network_failure(error, url, timeout=timeout)
        case _:
            return HubUnreachableError(f"{url} ended the connection during the handshake", reason="network")


def network_failure(error: OSError, url: str, *, timeout: float) -> HubUnreachableError:
    """Why a TCP or TLS connection failed; to be raised ``from error``."""
    reason: UnreachableReason = "network"
    text = f"no connection to {url}: {error.strerror or error}"
    retryable = True
    match error:
        case TimeoutError():
            reason, text = "timeout", f"no connection to {url} within {timeout:g} s"
        case OSError() if _is_refused(error):
            reason, text = "refused", f"nothing listens at {url}"
        case socket.gaierror():
            reason, text = "dns", f"the host of {url} has no address: {error.strerror}"
        case ssl.SSLCertVerificationError():
            # The same certificate will be shown again.
            reason, retryable = "tls", False
            text = f"the certificate of {url} is not trusted: {getattr(error, 'verify_message', error)}"
        case ssl.SSLError():
            reason, said = "tls", getattr(error, "reason", None) or str(error)
            if said == "WRONG_VERSION_NUMBER":
                said = "what listens there does not speak TLS; is its URL one with http or ws?"
            text = f"no TLS connection to {url}: {said}"
        case _:
            pass
    return HubUnreachableError(text, reason=reason, retryable=retryable)


def _is_refused(error: OSError) -> bool:
    # Of a host with several addresses, asyncio gives the failures of all as one text without a number.
    return error.errno == errno.ECONNREFUSED or f"[Errno {errno.ECONNREFUSED}]" in str(error)


def lost_connection(error: ConnectionClosed) -> ConnectionLostError:
    """How an open stream ended; to be raised ``from error``."""
    received, sent = error.rcvd, error.sent
    if received is not None:
        said = f": {one_line(received.reason)}" if received.reason else ""
        text = f"the hub closed the connection ({received.code}{said})"
    elif sent is not None:
        said = f": {sent.reason}" if sent.reason else ""
        text = f"the connection was given up ({sent.code}{said})"
    else:
        text = "the connection broke off without a close frame (1006)"
    return ConnectionLostError(
        text,
        code_received=received.code if received else None,
        reason_received=received.reason if received else "",
        code_sent=sent.code if sent else None,
        reason_sent=sent.reason if sent else "",
    )
