"""Keeps credentials out of all that the judge says."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from urllib.parse import quote, quote_plus


class Secrets:
    """The credentials of a run, in every form in which they go over the wire."""

    def __init__(self, secrets: Iterable[str | None]) -> None:
        known = {secret for secret in secrets if secret}
        encoded = {base64.b64encode(secret.encode()).decode() for secret in known}
        quoted = {quoting(secret) for secret in known | encoded for quoting in (_quote, quote_plus)}
        self._forms = sorted(known | encoded | quoted, key=len, reverse=True)

    def __repr__(self) -> str:
        return f"Secrets({len(self._forms)} forms)"

    def redact(self, text: str) -> str:
        """The text with every credential in it replaced."""
        for form in self._forms:
            text = text.replace(form, "[secret]")
        return text

    def leak_in(self, text: str) -> bool:
        """Whether a text from the hub repeats a credential."""
        return any(form in text for form in self._forms)


def _quote(secret: str) -> str:
    return quote(secret, safe="")
