"""Names for schemas: the same schema gets the same name wherever it is met, no two get the same."""

from __future__ import annotations

import re

from ..ir.origin import Origin
from .wishes import Wishes


class Names:
    """Gives each place in the documents a name of its own."""

    def __init__(self, wishes: Wishes | None = None) -> None:
        self.wishes = wishes or Wishes()
        self._by_place: dict[Origin, str] = {}
        self._taken: set[str] = set()

    def name(self, origin: Origin, wanted: str, qualifier: str = "") -> str:
        """The name of a place: the wanted one; if taken, with the qualifier before or a number after it."""
        if origin not in self._by_place:
            name = self.wishes.renamed(pascal(wanted))
            if name.lower() in self._taken and qualifier:
                name = pascal(qualifier) + name
            base, number = name, 2
            while name.lower() in self._taken:
                name, number = f"{base}{number}", number + 1
            self._taken.add(name.lower())
            self._by_place[origin] = name
        return self._by_place[origin]


def pascal(text: str) -> str:
    """``client-id`` becomes ``ClientId``; capitals inside of words stay."""
    words = [word for word in re.split(r"[^0-9A-Za-z]+", text) if word]
    return "".join(word[0].upper() + word[1:] for word in words) or "Unnamed"
