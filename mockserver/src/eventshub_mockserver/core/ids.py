"""Identifiers that the hub gives out."""

from __future__ import annotations

import random
import uuid
from typing import Self


class Ids:
    """Makes identifiers from sources of randomness, or from seeded ones to have them again.

    Who knows a client's ID can name that client, so these come from the
    system's randomness. An event's ID gives nobody a right: it has to be
    unique, and asking the system for each would cost a tenth of publishing.
    """

    def __init__(
        self, source: random.Random | None = None, *, of_clients: random.Random | None = None
    ) -> None:
        """Draw from these sources.

        Args:
            source: for the IDs of events; a generator that the system seeds by default.
            of_clients: for those of clients; ``source`` by default, and the system's randomness without one.
        """
        self._source = source or random.Random()  # noqa: S311
        self._of_clients = of_clients or source or random.SystemRandom()

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
