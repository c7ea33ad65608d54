"""Which address a request comes from (protocol IP-4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks in CIDR notation; a bare address is a network of one.

    Raises:
        ValueError: one of them is neither; the message quotes it.
    """
    return tuple(ip_network(text.strip()) for text in texts)


def client_address(peer: str, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> str:
    """The client's address, as text that is equal for equal addresses.

    Args:
        peer: the TCP peer.
        forwarded_for: every ``X-Forwarded-For`` field of the request, in order.
        trusted: proxies whose word counts.

    Forwarded addresses are read from the right, for as long as the one who
    reported them is trusted: a client can put what it likes on the left. An
    entry that is no address ends the reading, and its reporter is the client.
    """
    current = _parse(peer)
    if current is None:
        return peer
    hops = [hop for field in forwarded_for for hop in field.split(",")]
    while hops and _is_trusted(current, trusted):
        previous = _parse(hops.pop())
        if previous is None:
            break
        current = previous
    return str(current)


def _parse(text: str) -> Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
