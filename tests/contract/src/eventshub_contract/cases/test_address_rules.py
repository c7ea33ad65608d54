"""IP: one connection for each address."""

from __future__ import annotations

import ipaddress
import re

import pytest

from eventshub_contract.addresses import Address
from eventshub_contract.connection import Connection
from eventshub_contract.hub import SUBSCRIBE, Hub
from eventshub_contract.target import NO_CREDENTIAL, Credential
from eventshub_contract.verdicts import unsupported

BURST = 100
MANY = 10
CLIENT = "203.0.113.77"


def limit_of(hub: Hub) -> int:
    """How many connections the hub takes from one address."""
    limit = hub.target.connections_per_address
    if limit is None:
        unsupported("--connections-per-ip off says that the hub has no limit")
    return limit


def fill(hub: Hub, address: Address) -> list[Connection]:
    """As many connections as one address may have."""
    return [hub.connect("health", source=address) for _ in range(limit_of(hub))]


@pytest.mark.rule("IP-1")
def test_one_connection_too_many_is_refused(hub: Hub) -> None:
    limit_of(hub)
    address = hub.lend_address()
    connections = fill(hub, address)
    answer, _ = hub.subscribe(source=address)
    assert answer.status == 409, (
        f"one connection too many from {address} was answered {answer.status}, not 409"
    )
    named = re.findall(r"[0-9a-fA-F:.]*[0-9a-fA-F]", answer.message)
    assert any(_is_address(word) for word in named), f"409 names no address: {answer.message!r}"
    if address is not None and ipaddress.ip_address(address).is_loopback:
        assert address in answer.message, f"409 does not name {address}: {answer.message!r}"
    for connection in connections:
        connection.send({"event_type": "health", "type": "health", "message": "ping", "id": "still-there"})
        connection.expect(
            "pong on the connection that was there before", message="pong", ref_id="still-there"
        )


@pytest.mark.rule("IP-1")
def test_other_addresses_are_not_concerned(hub: Hub) -> None:
    limit_of(hub)
    fill(hub, hub.lend_address())
    answer, _ = hub.subscribe(source=hub.lend_address())
    assert answer.status == 101, f"a first connection from another address was answered {answer.status}"


@pytest.mark.rule("IP-2")
def test_of_many_at_once_as_many_win_as_may(hub: Hub) -> None:
    limit = limit_of(hub)
    address = hub.lend_address()
    statuses = [answer.status for answer, _ in hub.subscribe_at_once(BURST, address)]
    assert statuses.count(101) == limit, (
        f"of {BURST} simultaneous handshakes from one address {statuses.count(101)} got 101, not {limit}"
    )
    assert statuses.count(409) == BURST - limit, (
        f"the others were not all answered 409: {sorted(set(statuses))}"
    )


@pytest.mark.rule("IP-3")
def test_slot_is_free_once_the_socket_is_closed(hub: Hub) -> None:
    limit_of(hub)
    address = hub.lend_address()
    hub.connect(source=address).close()
    for round_ in range(10):
        answer, connection = hub.subscribe(source=address)
        assert connection is not None, (
            f"closed and connected again at once ({round_}): {answer.status}, not 101"
        )
        connection.receive_welcome()
        connection.close()


@pytest.mark.rule("IP-3")
@pytest.mark.parametrize("reset", [False, True], ids=["FIN", "RST"])
def test_slot_of_a_client_that_drops_the_socket(hub: Hub, reset: bool) -> None:
    limit_of(hub)
    connection = hub.connect(keep_reading=False)
    connection.vanish(reset=reset)
    # The hub learns of it when the segment arrives, so the first tries may be too early.
    hub.connect(source=connection.source)


@pytest.mark.rule("IP-3")
def test_slot_after_a_failed_handshake(hub: Hub) -> None:
    limit_of(hub)
    address = hub.lend_address()
    hub.request("GET", SUBSCRIBE)
    hub.subscribe(source=address, credential=NO_CREDENTIAL)
    hub.subscribe(source=address, path="/no-such-path")
    hub.connect(source=address)


@pytest.mark.rule("IP-4")
def test_nobody_can_choose_an_address(hub: Hub) -> None:
    limit_of(hub)
    if hub.target.is_trusted_proxy:
        unsupported("--trusted-proxy says that the hub trusts this machine as a proxy")
    address = hub.lend_address()
    fill(hub, address)
    answer, _ = hub.subscribe(credential=forwarded(hub, CLIENT), source=address)
    assert answer.status == 409, f"X-Forwarded-For gave an address in use a slot: {answer.status}, not 409"
    assert CLIENT not in answer.message, f"the hub took the address from X-Forwarded-For: {answer.message!r}"


@pytest.mark.rule("IP-4")
@pytest.mark.parametrize(
    ("header", "status"),
    [
        (CLIENT, 409),
        (f"::ffff:{CLIENT}", 409),
        (f"198.51.100.1, {CLIENT}", 409),
        ("203.0.113.78", 101),
        (f"{CLIENT}, 203.0.113.78", 101),
    ],
    ids=["the same", "the same, mapped", "the same, rightmost", "another", "another, rightmost"],
)
def test_address_behind_a_trusted_proxy(hub: Hub, header: str, status: int) -> None:
    limit = limit_of(hub)
    if not hub.target.is_trusted_proxy:
        unsupported("needs a hub that trusts this machine as a proxy: say so with --trusted-proxy")
    address = hub.lend_address()
    for _ in range(limit):
        hub.connect(credential=forwarded(hub, CLIENT), source=address)
    answer, _ = hub.subscribe(credential=forwarded(hub, header), source=address)
    assert answer.status == status, f"X-Forwarded-For: {header} was answered {answer.status}, not {status}"


@pytest.mark.rule("IP-5")
def test_limit_that_was_set(hub: Hub) -> None:
    limit = hub.target.connections_per_address
    if limit == 1:
        unsupported("needs a hub whose limit is not the default of 1: say which with --connections-per-ip")
    address = hub.lend_address()
    for count in range(1, MANY + 1 if limit is None else limit + 1):
        answer, _ = hub.subscribe(source=address)
        assert answer.status == 101, f"connection {count} from one address was answered {answer.status}"
    if limit is not None:
        answer, _ = hub.subscribe(source=address)
        assert answer.status == 409, f"connection {limit + 1} was answered {answer.status}, not 409"


def forwarded(hub: Hub, header: str) -> Credential:
    """The main credential, in a request that says it comes from elsewhere."""
    extra = Credential(f"X-Forwarded-For {header}", {"X-Forwarded-For": header})
    return hub.target.credential.and_also(extra)


def _is_address(word: str) -> bool:
    try:
        ipaddress.ip_address(word.rstrip(".:"))
    except ValueError:
        return False
    return True
