"""Which web pages may use the hub from a browser (RFC 6454)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

_ANY: Final = "*"
_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class OriginPolicy:
    """Allows pages of the hub's own address and of those that are listed."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        """Allow these origins too, such as ``https://app.example.com``; ``*`` for any.

        Raises:
            ValueError: one of them is no origin; the message quotes it.
        """
        listed = tuple(allowed)
        self._allows_all = _ANY in listed
        self._allowed = {_checked(origin) for origin in listed if origin != _ANY}

    def allows(self, origin: str | None, host: str) -> bool:
        """Whether a request may be served.

        Args:
            origin: its ``Origin`` field; programs other than browsers send none.
            host: its ``Host`` field.
        """
        if origin is None or self._allows_all:
            return True
        parsed = _parsed(origin)
        if parsed is None:
            return False
        # Behind a proxy that ends TLS the scheme differs, so host and port alone have to be the same.
        scheme, name, port = parsed
        own = _parsed(f"{scheme}://{host}")
        return parsed in self._allowed or (own is not None and own[1:] == (name, port))


def _parsed(origin: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(origin)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    is_bare = not (parts.path or parts.query or parts.fragment or parts.username)
    if parts.hostname is None or port is None or not is_bare:
        return None
    return parts.scheme, parts.hostname, port


def _checked(origin: str) -> tuple[str, str, int]:
    parsed = _parsed(origin)
    if parsed is None:
        raise ValueError(f"{origin!r} is no origin: write it like https://app.example.com, or *")
    return parsed
