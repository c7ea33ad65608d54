"""Proxies between this client and the hub. Their URLs may hold passwords: none is ever shown."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ..exceptions import EventsHubError, HubUnreachableError, InvalidAddressError

ENVIRONMENT = "environment"
"""Take the proxy that the environment names, if it names one for the hub's URL."""

# The first connection is made to the proxy.
_OF_PROXY = frozenset({"refused", "dns"})
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


def is_behind_proxy(url: str, proxy: str | None) -> bool:
    """Whether a REST call goes through a proxy, by the option's value and the environment."""
    if proxy != ENVIRONMENT:
        return proxy is not None
    parts = urlsplit(url)
    return bool({parts.scheme, "all"} & getproxies().keys()) and not proxy_bypass(parts.netloc)


def failure_behind_proxy(failure: EventsHubError, url: str) -> EventsHubError:
    """The failure of a connection that goes through a proxy; the proxy's own where it is not there."""
    if isinstance(failure, HubUnreachableError) and failure.reason in _OF_PROXY:
        return HubUnreachableError(f"the proxy on the way to {url} cannot be reached", reason="proxy")
    return failure
