"""A request turned down, as a value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not carried out: an HTTP status and a text for the caller (protocol ERR-1)."""

    status: int
    message: str
    headers: tuple[tuple[str, str], ...] = ()
    oauth_error: str | None = None
    """What OAuth calls it, where a credential is refused (RFC 6750, section 3.1)."""
