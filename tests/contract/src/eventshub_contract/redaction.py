"""Keeps credentials out of all that the judge says."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, quote_plus

_UNMISTAKABLE: Final = 8


class Secrets:
    """The credentials of a run, in every form in which they go over the wire."""

    def __init__(self, secrets: Iterable[str | None]) -> None:
        known = {secret for secret in secrets if secret}
        encoded = {base64.b64encode(secret.encode()).decode() for secret in known}
        quoted = {quoting(secret) for secret in known | encoded for quoting in (_quote, quote_plus)}
        forms = sorted(known | encoded | quoted, key=len, reverse=True)
        self._pattern = _any_of(forms)
        self._unmistakable = _any_of([form for form in forms if len(form) >= _UNMISTAKABLE])

    def redact(self, text: str) -> str:
        """The text with every credential in it replaced."""
        return self._pattern.sub("[secret]", text) if self._pattern else text

    def leak_in(self, text: str) -> bool:
        """Whether a text from the hub repeats a credential; a short one may be a word of the hub's own."""
        return self._unmistakable is not None and self._unmistakable.search(text) is not None


def _any_of(forms: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(_matching(form) for form in forms)) if forms else None


def _matching(form: str) -> str:
    """Short ones as a word of their own only: they may well be part of another."""
    pattern = re.escape(form)
    return pattern if len(form) >= _UNMISTAKABLE else rf"(?<![0-9A-Za-z]){pattern}(?![0-9A-Za-z])"


def _quote(secret: str) -> str:
    return quote(secret, safe="")
