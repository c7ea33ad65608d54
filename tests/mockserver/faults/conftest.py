"""Hubs on real sockets, as for the other tests of the network."""

from __future__ import annotations

from tests.mockserver.net.conftest import dial, hub, rest, stack, start_hub, subscribe

__all__ = ["dial", "hub", "rest", "stack", "start_hub", "subscribe"]
