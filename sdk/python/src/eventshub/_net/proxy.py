"""Proxies between this client and the hub. Their URLs may hold passwords: none is ever shown."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.parse import urlsplit

from ..exceptions import InvalidAddressError

ENVIRONMENT = "environment"
"""Take the proxy that the environment names, if it names one for the hub's URL."""

_SCHEMES = ("http", "https", "socks5", "socks5h")
SOCKS_IS_MISSING = "a SOCKS proxy needs packages that come with eventshub[socks]"


def require_usable(proxy: str | None) -> None:
    """Do nothing for a proxy that both libraries understand.

    Raises:
        InvalidAddressError: it is none.
        ImportError: it is a SOCKS proxy, and what that needs is not installed.
    """
    if proxy is None or proxy == ENVIRONMENT:
        return
    try:
        parts = urlsplit(proxy)
        is_complete = bool(parts.hostname) and parts.port is not None
    except ValueError as error:
        raise InvalidAddressError("the proxy's URL cannot be read") from error
    if parts.scheme not in _SCHEMES or not is_complete:
        schemes = ", ".join(_SCHEMES)
        raise InvalidAddressError(f"the proxy's URL must be SCHEME://HOST:PORT, its scheme one of {schemes}")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise InvalidAddressError("the proxy's URL holds more than a scheme, a host and a port")
    if parts.username is not None and parts.password is None:
        raise InvalidAddressError("the proxy's URL holds a user name without a password")
    if parts.scheme.startswith("socks") and not (find_spec("python_socks") and find_spec("socksio")):
        raise ImportError(SOCKS_IS_MISSING)
