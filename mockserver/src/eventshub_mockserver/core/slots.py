"""Connections per client address (protocol IP-1 to IP-5)."""

from __future__ import annotations


class AddressSlots:
    """Counts connections by address; taking and counting is one step, so no two can win one slot."""

    def __init__(self, limit: int | None = 1) -> None:
        """Allow ``limit`` connections an address; ``None`` allows any number.

        Raises:
            ValueError: ``limit`` is less than one.
        """
        if limit is not None and limit < 1:
            raise ValueError(f"connections_per_address must be at least 1, got {limit}")
        self._limit = limit
        self._taken: dict[str, int] = {}

    def take(self, address: str) -> bool:
        """Take a slot if one is free and say whether it was."""
        taken = self._taken.get(address, 0)
        if self._limit is not None and taken >= self._limit:
            return False
        self._taken[address] = taken + 1
        return True

    def release(self, address: str) -> None:
        """Give back a slot that was taken."""
        left = self._taken[address] - 1
        if left:
            self._taken[address] = left
        else:
            del self._taken[address]

    def taken(self, address: str) -> int:
        """How many slots the address holds."""
        return self._taken.get(address, 0)
