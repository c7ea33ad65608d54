"""Who asks: a token or an API key, fixed or made anew for each connection."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, TypeAlias

from ..exceptions import CredentialError

TokenSource: TypeAlias = str | Callable[[], str | Awaitable[str]]
"""A token, or a callable that returns one, at once or as an awaitable."""
ApiKey: TypeAlias = str | tuple[str, str]
"""``"key:secret"`` or ``("key", "secret")``."""
ApiKeySource: TypeAlias = ApiKey | Callable[[], ApiKey | Awaitable[ApiKey]]
"""An API key, or a callable that returns one, at once or as an awaitable."""

Scheme: TypeAlias = Literal["token", "api_key"]

TOKEN_VARIABLE = "EVENTS_HUB_TOKEN"  # noqa: S105 - the name of a variable
API_KEY_VARIABLE = "EVENTS_HUB_API_KEY"


class Credential:
    """One credential; what it holds appears in no repr, error or log."""

    __slots__ = ("_secret", "_source", "scheme")

    def __init__(self, scheme: Scheme, source: TokenSource | ApiKeySource) -> None:
        self.scheme: Scheme = scheme
        self._source = source if callable(source) else None
        # Checked now: a bad constant is better reported where it was given than at the first connect.
        self._secret = None if callable(source) else self.headers(source)

    @classmethod
    def choose(
        cls, token: TokenSource | None, api_key: ApiKeySource | None, environment: Mapping[str, str]
    ) -> Credential:
        """Take the one credential that was given, else the one in the environment.

        Raises:
            CredentialError: none or both are there (protocol AUTH-6), or it cannot be sent.
        """
        names = "token= and api_key="
        if token is None and api_key is None:
            names = f"{TOKEN_VARIABLE} and {API_KEY_VARIABLE}"
            token = environment.get(TOKEN_VARIABLE) or None
            api_key = environment.get(API_KEY_VARIABLE) or None
        if token is not None and api_key is not None:
            raise CredentialError(f"both {names} are given: a request carries one credential")
        if token is not None:
            return cls("token", token)
        if api_key is not None:
            return cls("api_key", api_key)
        raise CredentialError(
            f"no credential: give token= or api_key=, or set {TOKEN_VARIABLE} or {API_KEY_VARIABLE}"
        )

    @property
    def is_renewed(self) -> bool:
        """Whether each connection asks for it anew."""
        return self._source is not None

    def ask(self) -> object:
        """The headers, if the credential is fixed; else what its callable returned, maybe an awaitable.

        A shell awaits what is awaitable, and hands what comes out to ``headers``.

        Raises:
            CredentialError: the callable failed; its exception is the cause.
        """
        if self._source is None:
            return self._secret
        try:
            return self._source()
        except Exception as error:
            raise self.failed(error) from error

    def failed(self, error: Exception) -> CredentialError:
        """What to raise, from ``error``, when the callable or its awaitable failed."""
        failure = CredentialError(f"the callable given as {self.scheme} failed: {type(error).__name__}")
        # What it asks may be as unreachable, for a while, as the hub.
        failure.retryable = True
        return failure

    def headers(self, answer: object) -> dict[str, str]:
        """The request headers for a credential (protocol AUTH-1, AUTH-2).

        Raises:
            CredentialError: it has the wrong type or characters that a header cannot hold.
        """
        match answer:
            case dict():
                return answer  # pyright: ignore[reportUnknownVariableType] - made by this method
            case str() if self.scheme == "token":
                return {"Authorization": f"Bearer {self._checked(answer)}"}
            case (str(key), str(secret)) if self.scheme == "api_key":
                pair = f"{self._checked(key)}:{self._checked(secret)}"
            case str() if ":" in answer:
                pair = self._checked(answer)
            case str():
                raise CredentialError('api_key holds no colon: it must be "key:secret"')
            case _:
                wanted = "a str" if self.scheme == "token" else '"key:secret" or a (key, secret) pair'
                raise CredentialError(f"{self.scheme} must be {wanted}, not a {type(answer).__name__}")
        return {"X-Api-Key": base64.b64encode(pair.encode()).decode()}

    def _checked(self, secret: str) -> str:
        secret = secret.strip()
        if not secret:
            raise CredentialError(f"{self.scheme} is empty")
        if not all("!" <= character <= "~" for character in secret):
            raise CredentialError(
                f"{self.scheme} holds a space, a line break or a character outside ASCII;"
                " give it bare, without 'Bearer'"
            )
        return secret

    def __repr__(self) -> str:
        return f"Credential({self.scheme}=…)"
