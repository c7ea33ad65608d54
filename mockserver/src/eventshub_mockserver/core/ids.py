"""Identifiers that the hub gives out."""

from __future__ import annotations

import random
import uuid


class Ids:
    """Makes identifiers from a source of randomness: the system's, or a seeded one to have them again."""

    def __init__(self, source: random.Random | None = None) -> None:
        self._source = source or random.SystemRandom()

    def event_id(self) -> str:
        """64 hexadecimal digits, as the production service writes them."""
        return f"{self._source.getrandbits(256):064x}"

    def client_id(self) -> str:
        """A random UUID (protocol CONN-6)."""
        return str(uuid.UUID(int=self._source.getrandbits(128), version=4))
