"""What was said in one case, for the report."""

from __future__ import annotations

import time
from collections import deque
from typing import Final

_LINES: Final = 2000
_WIDTH: Final = 400


class Conversation:
    """Lines with their times; ``>`` was sent to the client, ``<`` came from it, ``|`` it printed."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._lines: deque[str] = deque(maxlen=_LINES)

    def add(self, who: str, direction: str, what: str) -> None:
        """Note one line."""
        shown = what if len(what) <= _WIDTH else f"{what[:_WIDTH]}... ({len(what)} characters)"
        elapsed = time.monotonic() - self._began
        self._lines.append(f"{elapsed:8.3f} {who} {direction} {_one_line(shown)}")

    @property
    def lines(self) -> tuple[str, ...]:
        """All of them, oldest first."""
        return tuple(self._lines)


def _one_line(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
