"""A token that expires while a connection is open (protocol AUTH-7), watched beside all other cases."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from .hub import STATS, Hub
from .target import bearer
from .verdicts import unsupported

LONGEST_LIFE: Final = 65.0
"""Seconds within which the token has to expire."""

GRACE: Final = 6.0
"""Seconds that the hub may take to close the connection of a token that it refuses already."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """What became of the connection and of the token."""

    is_closed: bool
    close_code: int | None
    answer_afterwards: int
    """To the next handshake with the same token."""


def watch_expiry(hub: Hub) -> Expiry:
    """Connect with the token, and wait for its end.

    Raises:
        Unsupported: No such token was given, or it has expired already.
    """
    token = hub.target.expiring_token
    if token is None:
        unsupported("needs a token that expires during the run: give one with --expiring-token")
    credential = bearer(token, "the token that expires")
    answer, connection = hub.subscribe(credential=credential)
    if connection is None:
        unsupported(f"the token that expires was refused at once: {answer.status}")
    until = time.monotonic() + LONGEST_LIFE
    while connection.wait_gone(1.0) is None and time.monotonic() < until:
        if hub.request("GET", STATS, credential=credential).status == 401:
            connection.wait_gone(GRACE)
            break
    is_closed, code = not connection.is_open, connection.close_code
    answer, _ = hub.subscribe(credential=credential)
    return Expiry(is_closed, code, answer.status)
