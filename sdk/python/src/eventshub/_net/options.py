"""How connections are made."""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .._core.clock import Clock
from .._core.settings import Keepalive, Timeouts, require_one_of
from .headers import ExtraHeaders
from .proxy import ENVIRONMENT

TransportChoice: TypeAlias = Literal["auto", "websockets", "picows"]

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
    proxy: str | None = field(default=ENVIRONMENT, repr=False)
    """Its URL, which may hold a password; ``"environment"``, or None for none."""
    extra_headers: ExtraHeaders = field(default_factory=lambda: ExtraHeaders({}))
    """Part of the headers that ``open_transport`` is given."""
    transport: TransportChoice = "auto"
    clock: Clock

    def __post_init__(self) -> None:
        require_one_of(TransportChoice, "transport", self.transport)
        if self.largest_frame < 1:
            raise ValueError(f"max_message_size must be at least 1 byte, not {self.largest_frame}")

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
