"""The headers that every request carries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import cast

from .._version import __version__

USER_AGENT = f"eventshub-python/{__version__}"

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_OURS = frozenset(
    {
        "accept",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "proxy-authorization",
        "te",
        "transfer-encoding",
        "upgrade",
        "x-api-key",
    }
)


class ExtraHeaders(Mapping[str, str]):
    """Headers that the application adds. Their values are in no repr: some carry secrets.

    Raises:
        ValueError: a name or a value cannot be sent, or the name is one that the client sets itself, a
            credential's among them.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        for name, value in headers.items():
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a header")
            if name.lower() in _OURS or name.lower().startswith("sec-websocket-"):
                raise ValueError(f"the header {name} is set by the client itself")
            if not isinstance(cast("object", value), str):
                raise TypeError(f"the value of the header {name} must be a str, not a {type(value).__name__}")
            if not _VALUE.fullmatch(value) or value != value.strip():
                raise ValueError(f"the value of the header {name} holds what a header cannot hold")
        self._headers = dict(headers)

    def __getitem__(self, name: str) -> str:
        return self._headers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{name!r}: …" for name in self._headers) + "}"


def request_headers(credential: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    """All that a request carries; of what is there twice, in whatever case, the application's counts."""
    names = {name.lower() for name in extra}
    agent = {} if "user-agent" in names else {"User-Agent": USER_AGENT}
    return {**agent, **extra, **credential}
