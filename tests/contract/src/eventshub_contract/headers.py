"""Headers that a response may have without being documented: those of HTTP itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_FRAMING: Final = (
    *("connection", "content-length", "content-type", "date", "keep-alive", "server"),
    *("trailer", "transfer-encoding", "upgrade", "allow", "location", "www-authenticate"),
)
_CONTENT: Final = (
    *("accept-ranges", "age", "cache-control", "content-encoding", "content-language", "etag"),
    *("expires", "last-modified", "pragma", "vary"),
)
_ON_THE_WAY: Final = ("alt-svc", "nel", "report-to", "reporting-endpoints", "via")
_BROWSERS: Final = (
    *("content-security-policy", "cross-origin-opener-policy", "cross-origin-resource-policy"),
    *("permissions-policy", "referrer-policy", "strict-transport-security", "x-content-type-options"),
    *("x-frame-options", "origin-agent-cluster"),
)
STANDARD: Final = frozenset({*_FRAMING, *_CONTENT, *_ON_THE_WAY, *_BROWSERS})
"""Names that need no documentation, in lower case."""

STANDARD_PREFIXES: Final = ("access-control-", "sec-websocket-")
"""Beginnings of such names: CORS, and the handshake of RFC 6455."""


def undocumented(names: Iterable[str], documented: Iterable[str]) -> list[str]:
    """Which headers are neither documented for a response nor standard; names in any case."""
    known = STANDARD | {name.lower() for name in documented}
    return sorted(
        name for name in names if name.lower() not in known and not name.lower().startswith(STANDARD_PREFIXES)
    )
