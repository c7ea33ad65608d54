"""Identifiers that the hub gives out."""

from __future__ import annotations

import random
import uuid
from typing import Self


class Ids:
    """Makes identifiers from a source of randomness: the system's, or a seeded one to have them again."""

    def __init__(
        self, source: random.Random | None = None, *, of_clients: random.Random | None = None
    ) -> None:
        """Draw from these sources.

        Args:
            source: for the IDs of events; the system's randomness by default.
            of_clients: for those of clients; ``source`` by default.
        """
        self._source: random.Random = source or random.SystemRandom()
        self._of_clients = of_clients or self._source

    @classmethod
    def seeded(cls, seed: int) -> Self:
        """IDs that can be had again: with one seed, events get the same ones whoever connects meanwhile.

        They can be foretold. That is for tests alone.
        """
        ids = cls()
        ids.reseed(seed)
        return ids

    def reseed(self, seed: int) -> None:
        """Draw from this seed from now on, see ``seeded``."""
        self._source = random.Random(f"events {seed}")  # noqa: S311
        self._of_clients = random.Random(f"clients {seed}")  # noqa: S311

    def event_id(self) -> str:
        """64 hexadecimal digits, as the production service writes them."""
        return f"{self._source.getrandbits(256):064x}"

    def client_id(self) -> str:
        """A random UUID (protocol CONN-6)."""
        return str(uuid.UUID(int=self._of_clients.getrandbits(128), version=4))
