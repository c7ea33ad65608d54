"""Where a hub is: one base URL, from which the stream's and the REST URLs follow."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from ..exceptions import InvalidAddressError

_SECURE = {"http": False, "ws": False, "https": True, "wss": True}
_EXAMPLE = "give the base URL alone, such as https://hub.example.com or wss://hub.example.com/api"


@dataclass(frozen=True, slots=True)
class Address:
    """A hub's base URL, taken apart (protocol CONN-1)."""

    secure: bool
    authority: str
    """Host, and port unless it is the scheme's own."""
    prefix: str
    """Path before the protocol's own paths; empty, or with a leading and without a trailing slash."""

    @classmethod
    def parse(cls, url: str, *, stream_path: str) -> Address:
        """Take a base URL apart.

        Args:
            url: ``http``, ``https``, ``ws`` or ``wss``, with or without a path prefix.
            stream_path: The path that is added for the stream, refused at the end of ``url``; may be empty.

        Raises:
            InvalidAddressError: the URL has no known scheme or no host, or carries more than a base URL may.
        """
        url = url.strip()
        if not url:
            raise InvalidAddressError(f"the hub's URL is empty: {_EXAMPLE}")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise InvalidAddressError(f"the hub's URL cannot be read: {_EXAMPLE}") from error
        # `localhost:8080` parses as the scheme "localhost"; without `//` there is no authority.
        if "://" not in url:
            raise InvalidAddressError(f"the hub's URL has no scheme: {_EXAMPLE}")
        if parts.scheme not in _SECURE:
            raise InvalidAddressError(
                f"the hub's URL has the scheme {parts.scheme!r}, not http, https, ws or wss"
            )
        if "@" in parts.netloc:
            raise InvalidAddressError(
                "the hub's URL holds a user name or password: give credentials as token= or api_key="
            )
        if parts.query or parts.fragment:
            raise InvalidAddressError(f"the hub's URL holds a query or a fragment: {_EXAMPLE}")
        if not host or any(character.isspace() for character in host):
            raise InvalidAddressError(f"the hub's URL has no usable host: {_EXAMPLE}")
        prefix = quote(parts.path, safe="/%:@!$&'()*+,;=~").rstrip("/")
        if stream_path and prefix.endswith(stream_path):
            raise InvalidAddressError(
                f"the hub's URL ends in {stream_path}, which is added by itself: {_EXAMPLE}"
            )
        authority = f"[{host}]" if ":" in host else host
        if port is not None:
            authority = f"{authority}:{port}"
        return cls(secure=_SECURE[parts.scheme], authority=authority, prefix=prefix)

    def http_url(self, path: str) -> str:
        """The URL of a REST endpoint."""
        return f"{'https' if self.secure else 'http'}://{self.authority}{self.prefix}{path}"

    def stream_url(self, path: str, query: dict[str, str]) -> str:
        """The URL of the stream; a comma in a value stays a comma."""
        asked = f"?{urlencode(query, safe=',', quote_via=quote)}" if query else ""
        return f"{'wss' if self.secure else 'ws'}://{self.authority}{self.prefix}{path}{asked}"

    def __str__(self) -> str:
        return self.http_url("")
