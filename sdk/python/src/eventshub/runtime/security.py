"""Credentials by the security schemes of a document: where each goes, and which ones a request needs."""

from __future__ import annotations

import base64
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import quote

from ..exceptions import CredentialError

SecretSource: TypeAlias = str | Callable[[], str | Awaitable[str]]
"""A secret, or a callable that returns one (maybe as an awaitable), asked again for each request."""


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """Where a secret goes."""

    name: str
    """In the document."""
    keyword: str
    """Of the client's constructor."""
    kind: Literal["bearer", "basic", "header", "query", "cookie"]
    """``bearer`` and ``basic`` go into the header Authorization; for ``basic`` it is ``user:password``."""
    key: str = ""
    """Name of the header, the query parameter or the cookie."""


@dataclass(slots=True)
class Placed:
    """Secrets where they go; shown nowhere."""

    headers: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    query: list[str] = field(default_factory=list[str], repr=False)


class Secrets:
    """What the application gave, by name of scheme. No secret appears in a repr, an error or a log."""

    def __init__(self, schemes: Iterable[SecurityScheme], given: Mapping[str, SecretSource | None]) -> None:
        self._schemes = {scheme.name: scheme for scheme in schemes}
        self._given = {name: given.get(scheme.keyword) for name, scheme in self._schemes.items()}

    async def place(self, alternatives: tuple[tuple[str, ...], ...]) -> Placed:
        """The secrets of the first alternative for which all were given.

        Args:
            alternatives: Names of schemes that are needed together; none at all means that nothing is.

        Raises:
            CredentialError: no alternative is complete, or a secret cannot be had or sent.
        """
        placed = Placed()
        for names in sorted(alternatives, key=len, reverse=True):
            if all(self._given.get(name) is not None for name in names):
                for name in names:
                    self._put(placed, self._schemes[name], await self._secret(name))
                return placed
        if not alternatives:
            return placed
        wanted = " or ".join(
            " and ".join(
                f"{self._schemes[name].keyword}=" if name in self._schemes else name for name in names
            )
            for names in alternatives
        )
        raise CredentialError(f"no credential: give {wanted}")

    async def _secret(self, name: str) -> str:
        source = self._given[name]
        keyword = self._schemes[name].keyword
        if callable(source):
            try:
                answer = source()
                secret: object = await answer if inspect.isawaitable(answer) else answer
            except Exception as error:
                failure = CredentialError(f"the callable given as {keyword} failed: {type(error).__name__}")
                failure.retryable = True
                raise failure from error
        else:
            secret = source
        if not isinstance(secret, str):
            raise CredentialError(f"{keyword} must be a str, not a {type(secret).__name__}")
        if not secret or not all(" " <= character <= "~" for character in secret):
            raise CredentialError(f"{keyword} is empty, or holds characters outside printable ASCII")
        return secret

    def _put(self, placed: Placed, scheme: SecurityScheme, secret: str) -> None:
        match scheme.kind:
            case "bearer":
                placed.headers["Authorization"] = f"Bearer {secret}"
            case "basic":
                placed.headers["Authorization"] = f"Basic {base64.b64encode(secret.encode()).decode()}"
            case "header":
                placed.headers[scheme.key] = secret
            case "query":
                placed.query.append(f"{quote(scheme.key, safe='')}={quote(secret, safe='')}")
            case "cookie":
                cookie = f"{scheme.key}={secret}"
                before = placed.headers.get("Cookie")
                placed.headers["Cookie"] = f"{before}; {cookie}" if before else cookie
