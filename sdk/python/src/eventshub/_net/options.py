"""How connections are made."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .._core.clock import Clock
from .._core.settings import Keepalive, Timeouts
from .._version import __version__

TransportChoice: TypeAlias = Literal["auto", "websockets", "picows"]

USER_AGENT = f"eventshub-python/{__version__}"
# A REST answer or an error page larger than this is not read to its end.
LARGEST_ANSWER = 4 * 1024 * 1024

_SHOWN_HEADERS = frozenset(
    {"host", "upgrade", "connection", "user-agent", "server", "date", "content-type", "content-length"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOptions:
    """The settings that a transport needs."""

    timeouts: Timeouts
    keepalive: Keepalive | None
    largest_frame: int
    """In bytes; a larger one ends the connection with close code 1009."""
    ssl_context: ssl.SSLContext | None
    transport: TransportChoice = "auto"
    clock: Clock

    def stream_ssl(self, url: str) -> ssl.SSLContext | None:
        """The TLS settings for a stream; None for one without TLS."""
        if not url.startswith("wss:"):
            return None
        return self.ssl_context or ssl.create_default_context()


class _HeaderRedaction(logging.Filter):
    """Keeps credentials out of the log: websockets writes each header of the handshake at level DEBUG."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.msg in {"> %s: %s", "< %s: %s"} and isinstance(record.args, tuple):
            name = str(record.args[0])
            if name.lower() not in _SHOWN_HEADERS and not name.lower().startswith("sec-websocket-"):
                record.args = (name, "…")
        return True


def stream_logger() -> logging.Logger:
    """The logger for what websockets has to say: ``eventshub.websockets``."""
    stream = logging.getLogger("eventshub.websockets")
    if not stream.filters:
        stream.addFilter(_HeaderRedaction())
    return stream


def request_headers(credential: Mapping[str, str]) -> dict[str, str]:
    """The headers that every request carries."""
    return {**credential, "User-Agent": USER_AGENT}
