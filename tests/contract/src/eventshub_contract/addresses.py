"""Source addresses to connect from, because a hub takes one connection from each (protocol IP-1)."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from .target import Target
from .verdicts import unsupported

Address = str | None
"""A source address; None: whichever the system chooses."""

_LOOPBACK_CHOICE = range(2, 12)


class Addresses:
    """Lends each address to one connection at a time; the one returned longest ago first."""

    def __init__(self, target: Target) -> None:
        further = target.from_addresses or tuple(_bindable_loopback(target.host, target.port))
        self._free: deque[Address] = deque([None, *further])
        self._unlimited = target.connections_per_address is None
        self._lock = threading.Lock()
        self.count = len(self._free)

    def lend(self) -> Address:
        """An address that no other connection of the run has.

        Raises:
            Unsupported: All are in use.
        """
        with self._lock:
            if self._free:
                return self._free.popleft()
        if not self._unlimited:
            unsupported(f"needs more than {self.count} source addresses: give more with --from-address")
        return None

    def take_back(self, address: Address) -> None:
        """The connection from this address has ended."""
        with self._lock:
            if len(self._free) < self.count:
                self._free.append(address)


def _bindable_loopback(host: str, port: int) -> Iterator[str]:
    """Further loopback addresses, when the hub is on loopback and the system lets one bind them."""
    with suppress(OSError):
        found = socket.getaddrinfo(host, port, family=socket.AF_INET, type=socket.SOCK_STREAM)
        if not any(ipaddress.ip_address(address[4][0]).is_loopback for address in found):
            return
        for last in _LOOPBACK_CHOICE:
            candidate = f"127.0.0.{last}"
            if candidate == host:
                continue
            with socket.socket() as probe:
                probe.bind((candidate, 0))
            yield candidate
