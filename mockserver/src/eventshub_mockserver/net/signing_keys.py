"""Fetches the public keys of signed tokens, again when they have changed."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import aiohttp

from ..core.clock import Clock
from ..core.jwt_rules import JwtRules, SigningKeysError

if TYPE_CHECKING:
    from ..core.signed_tokens import SignedTokens

_LOG = logging.getLogger("eventshub_mockserver")
_PAUSE: Final = 10.0
"""Seconds between two tries that tokens with unknown keys can cause."""
_AGE: Final = 300.0
"""Seconds after which keys are fetched anew, so that one that was withdrawn ceases to count."""
_PATIENCE: Final = 10.0
_LARGEST: Final = 1 << 20


class SigningKeySource:
    """Where the keys are: a file or a URL."""

    def __init__(self, tokens: SignedTokens, clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock
        self._location = tokens.rules.keys or ""
        self._lock = asyncio.Lock()
        self._tried_at = -_AGE
        self._refresh: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Fetch the keys for the first time. A URL that does not answer yet is asked again later.

        Raises:
            SigningKeysError: the location cannot be used at all, or a file holds no keys.
            OSError: a file cannot be read.
        """
        if not _is_url(self._location):
            self._tokens.use_keys(await self._fetch())
            self._tried_at = self._clock.monotonic()
            return
        check_url(self._location)
        await self._try()

    async def stop(self) -> None:
        """Let go of a fetch that is under way."""
        if self._refresh is not None:
            self._refresh.cancel()
            await asyncio.gather(self._refresh, return_exceptions=True)

    async def prepare(self, token: str) -> None:
        """Have the key of a token at hand, if it can be had."""
        age = self._clock.monotonic() - self._tried_at
        if self._tokens.lacks_key_of(token):
            async with self._lock:
                # Whoever waited for the same fetch need not repeat it.
                if self._clock.monotonic() - self._tried_at >= _PAUSE:
                    await self._try()
        elif age >= _AGE:
            self.refresh()

    def refresh(self) -> None:
        """Fetch the keys anew, unless that is under way; those that were had stay if it fails."""
        if self._refresh is None or self._refresh.done():
            self._refresh = asyncio.create_task(self._try())

    async def _try(self) -> None:
        self._tried_at = self._clock.monotonic()
        try:
            self._tokens.use_keys(await self._fetch())
        except (OSError, aiohttp.ClientError, TimeoutError, SigningKeysError) as error:
            _LOG.warning("signing keys not had from=%s error=%s", self._location, type(error).__name__)

    async def _fetch(self) -> bytes:
        if not _is_url(self._location):
            return await asyncio.to_thread(Path(self._location).read_bytes)
        timeout = aiohttp.ClientTimeout(total=_PATIENCE)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(self._location, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise SigningKeysError(f"the answer was {response.status}")
            return await _bounded(response)


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    content = b""
    async for piece in response.content.iter_any():
        content += piece
        if len(content) > _LARGEST:
            raise SigningKeysError("the document is too large")
    return content


def check_keys(rules: JwtRules) -> None:
    """Refuse a place for keys that cannot be one: a URL that is not safe, or a file without keys.

    Raises:
        SigningKeysError: it cannot be one.
        OSError: the file cannot be read.
    """
    if rules.keys is None:
        return
    if _is_url(rules.keys):
        check_url(rules.keys)
        return
    from ..core.signed_tokens import SignedTokens  # takes long to import

    SignedTokens(rules).use_keys(Path(rules.keys).read_bytes())


def check_url(location: str) -> None:
    """Refuse a URL over which anybody could slip in keys.

    Raises:
        SigningKeysError: it is neither ``https`` nor of this machine.
    """
    parts = urlsplit(location)
    try:
        is_local = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        is_local = parts.hostname == "localhost"
    if parts.scheme != "https" and not is_local:
        raise SigningKeysError(f"keys must come by https or from this machine: {location}")


def _is_url(location: str) -> bool:
    return location.startswith(("http://", "https://"))
