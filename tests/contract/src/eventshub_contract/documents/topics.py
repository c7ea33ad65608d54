"""What texts state of the hub in several ways, and what the spec says. A new topic is a new row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that texts state in several ways, of which the spec knows one."""

    name: str
    about: re.Pattern[str]
    """Finds the statements."""
    outcomes: tuple[tuple[str, re.Pattern[str]], ...]
    """What may be stated; the first is what the spec says."""
    rules: tuple[str, ...]
    apart: re.Pattern[str] | None = None
    """Finds statements about something else."""


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


TOPICS: Final = (
    Topic(
        "what becomes of missing, invalid or unknown event types",
        _words(
            r"\b(?:missing or )?(?:invalid|unknown|unsupported|misspelt|mistyped)(?: or missing)?"
            r" (?:event[ _-]?types?|types?|channels?|channel names?)\b",
            r"\b(?:typo|unsupported channel name)\b",
        ),
        (
            (
                "they are passed over",
                _words(
                    r"\b(?:defaults?(?:ed)? to|falls? back|ignored?|passed over|drop(?:s|ped)?)\b",
                    r"\b(?:left out|refused channel)\b",
                ),
            ),
            (
                "they are an error",
                _words(
                    r"\berror\b", r"\brejected\b", r"\bbad request\b", r"\b400\b", r"\bfails? the handshake\b"
                ),
            ),
        ),
        ("CONN-4", "CONN-5"),
        _words(r"\b(?:commands?|verbs?|frames?|unsubscrib\w+|remov\w+)\b"),
    ),
    Topic(
        "what becomes of a second connection from one address",
        _words(
            r"\b(?:second|another|more than one|two) (?:active )?(?:connections?|sessions?)\b"
            r".*\b(?:IP|address)\b"
        ),
        (
            ("it is refused with 409", _words(r"\b409\b", r"\bconflict\b")),
            ("it is refused with another status", _words(r"\b(?:40[0-8]|429|503)\b")),
            ("it replaces the first", _words(r"\breplaces?\b", r"\bcloses the (?:first|old)\b")),
        ),
        ("IP-1",),
    ),
    Topic(
        "whether `global` can be removed",
        _words(
            r"\b(?:removed?|unsubscribe from|drop)\b[^.]*`global`",
            r"`global`[^.]*\b(?:removed|unsubscribed)\b",
        ),
        (
            (
                "it cannot",
                _words(
                    r"\b(?:cannot|can't|can not|not|never|refused|includes)\b", r"\bremove `global` and\b"
                ),
            ),
            ("it can", _words(r"\b(?:can|may) (?:also )?(?:be )?(?:remove|drop|unsubscribe)")),
        ),
        ("UNSUB-2",),
    ),
    Topic(
        "how a channel is added to a connection",
        _words(r"\badd(?:ing)?\b[^.?]*\bchannels?\b"),
        (
            (
                "by a new connection",
                _words(
                    r"\b(?:reconnect|new connection|connects? again|another connection)",
                    r"\b(?:close the socket|cannot|no way)\b",
                ),
            ),
            (
                "in place",
                _words(r"\bwithout (?:reconnecting|closing)\b", r"\b(?:POST|call) [^.]*\bsubscribe\b"),
            ),
        ),
        ("UNSUB-7",),
    ),
    Topic(
        "whether heartbeats can be switched off",
        _words(
            r"\b(?:disable|switch(?:ed)? off|turn(?:ed)? off)\b[^.]*\bheartbeats?\b",
            r"\bheartbeats?\b[^.]*\b(?:disabled|off)\b",
        ),
        (
            ("they cannot", _words(r"\bno\b", r"\bcannot\b", r"\bnever\b", r"\bnot\b")),
            ("they can", _words(r"\bcan be\b", r"\byes\b")),
        ),
        ("HB-1",),
    ),
)
"""All of them."""
