"""TLS, and the faults that come before HTTP."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
import uvloop
from tests.mockserver.core_harness import VM
from tests.mockserver.fault_peers import read_ending, strikes, upgrade
from tests.mockserver.raw_peer import PATIENCE, RawPeer
from tests.mockserver.settings import READER, until
from tests.mockserver.spec_oracle import checked_frame

from eventshub_mockserver import FaultError, HubConfig, HubServer, ManualClock

EXPIRED = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture(scope="session")
def authority() -> Any:
    return trustme.CA()  # its types need pyOpenSSL, which nothing here uses


@pytest.fixture
def server_tls(authority: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def client_tls(authority: Any) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
async def secure(start_hub: Any, server_tls: ssl.SSLContext) -> HubServer:
    """A hub with TLS."""
    hub: HubServer = await start_hub(tls=server_tls, connections_per_address=None, journal=True)
    return hub


async def dial_tls(hub: HubServer, context: ssl.SSLContext) -> RawPeer:
    """Connect and do a TLS handshake that checks the certificate."""
    async with asyncio.timeout(PATIENCE):
        return RawPeer(*await asyncio.open_connection("127.0.0.1", hub.port, ssl=context))


async def answer_to_a_client_hello(hub: HubServer) -> tuple[bytes, bool]:
    """What comes back over the bare socket, and whether it ends with a reset."""
    hello = ssl.MemoryBIO()
    context = ssl.create_default_context()
    tls = context.wrap_bio(ssl.MemoryBIO(), hello, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    peer = await RawPeer.dial(hub.url)
    peer.writer.write(hello.read())
    try:
        return await read_ending(peer)
    finally:
        await peer.end()


async def test_a_hub_with_tls_serves_both_its_sides(secure: HubServer, client_tls: ssl.SSLContext) -> None:
    assert secure.url.startswith("https://")
    assert secure.ws_url.startswith("wss://")
    peer = await dial_tls(secure, client_tls)
    assert (await upgrade(peer)).status == 101
    _, welcome = await peer.read_frame()
    checked_frame(welcome, is_welcome=True)
    secure.publish("pdfm", "VM_STATE_CHANGED", VM)
    assert (await peer.read_event())["body"] == VM
    await peer.end()
    again = await dial_tls(secure, client_tls)
    answer = await again.request(
        "GET /v1/ws/stats HTTP/1.1", {"Host": "hub", "Authorization": f"Bearer {READER}"}
    )
    assert answer.status == 200
    await again.end()


async def test_a_hub_with_tls_outlives_peers_that_speak_something_else(
    secure: HubServer, client_tls: ssl.SSLContext
) -> None:
    plain = await RawPeer.dial(secure.url)
    plain.writer.write(b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n")
    await plain.read_end()
    await plain.end()
    untrusting = ssl.create_default_context()
    with pytest.raises(ssl.SSLCertVerificationError):
        await dial_tls(secure, untrusting)
    peer = await dial_tls(secure, client_tls)
    assert (await upgrade(peer)).status == 101
    await peer.end()


async def test_a_tls_handshake_that_stalls_is_ended(start_hub: Any, server_tls: ssl.SSLContext) -> None:
    hub = await start_hub({"request_timeout": 0.2}, tls=server_tls)
    peer = await RawPeer.dial(hub.url)
    assert await peer.read_end() == b""
    await peer.end()


async def test_a_tls_hub_that_stops_tells_its_clients(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    async with HubServer(HubConfig(tls=server_tls)) as hub:
        peer = await dial_tls(hub, client_tls)
        await upgrade(peer, token=hub.token)
        await peer.read_frame()
        idle = await RawPeer.dial(hub.url)
        stopping = asyncio.ensure_future(hub.stop())
        code, _, events = await peer.read_close()
        assert (code, events[-1]["message"]) == (1001, "SHUTDOWN")
        await peer.end()
        await stopping
        await idle.end()


@pytest.mark.parametrize("has_tls", [True, False])
@pytest.mark.parametrize("end", ["drop", "reset"])
async def test_tls_close(start_hub: Any, server_tls: ssl.SSLContext, has_tls: bool, end: str) -> None:
    hub = await start_hub(tls=server_tls if has_tls else None)
    hub.faults.add("tls-close", end=end)
    assert await answer_to_a_client_hello(hub) == (b"", end == "reset")


@pytest.mark.parametrize("has_tls", [True, False])
async def test_tls_garbage(start_hub: Any, server_tls: ssl.SSLContext, has_tls: bool) -> None:
    hub = await start_hub(tls=server_tls if has_tls else None)
    hub.faults.add("tls-garbage", bytes=33, times=1)
    answer, _ = await answer_to_a_client_hello(hub)
    assert len(answer) == 33
    assert answer[0] not in (0x14, 0x15, 0x16, 0x17), "no record of TLS begins like that"
    assert not answer.startswith(b"HTTP")


async def test_tls_alert(secure: HubServer, client_tls: ssl.SSLContext) -> None:
    secure.faults.add("tls-alert", alert=80, times=2)
    answer, _ = await answer_to_a_client_hello(secure)
    assert answer == bytes.fromhex("15 0303 0002 02 50")
    with pytest.raises(ssl.SSLError, match=r"(?i)internal.error"):
        await dial_tls(secure, client_tls)
    await (await dial_tls(secure, client_tls)).end()
    assert strikes(secure) == [("tls-alert", 1, None)] * 2


@pytest.mark.parametrize(
    ("names", "expires_at", "complaint"),
    [
        (["127.0.0.1"], EXPIRED, "expired"),
        (["elsewhere.example"], None, "(?i)mismatch"),
    ],
    ids=["expired", "another host"],
)
async def test_tls_certificate(
    secure: HubServer,
    client_tls: ssl.SSLContext,
    authority: Any,
    tmp_path: Path,
    names: list[str],
    expires_at: datetime.datetime | None,
    complaint: str,
) -> None:
    file = tmp_path / "other.pem"
    authority.issue_cert(*names, not_after=expires_at).private_key_and_cert_chain_pem.write_to_path(file)
    secure.faults.add("tls-certificate", file=str(file), times=1)
    with pytest.raises(ssl.SSLCertVerificationError, match=complaint):
        await dial_tls(secure, client_tls)
    await (await dial_tls(secure, client_tls)).end()


async def test_a_certificate_that_cannot_be_shown_is_refused_at_once(
    secure: HubServer, hub: HubServer, tmp_path: Path
) -> None:
    with pytest.raises(FaultError, match=r"missing\.pem"):
        secure.faults.add("tls-certificate", file=str(tmp_path / "missing.pem"))
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    with pytest.raises(FaultError, match=r"empty\.pem"):
        secure.faults.add("tls-certificate", file=str(empty))
    with pytest.raises(FaultError, match="no TLS"):
        hub.faults.add("tls-certificate", file=str(empty))
    assert secure.faults.active() == hub.faults.active() == []


async def test_a_reset_ends_a_tls_connection_as_well(secure: HubServer, client_tls: ssl.SSLContext) -> None:
    peer = await dial_tls(secure, client_tls)
    await upgrade(peer)
    await peer.read_frame()
    secure.faults.add("reset")
    _, is_reset = await read_ending(peer)
    assert is_reset


async def test_delay_of_the_first_answer(start_hub: Any, server_tls: Any, client_tls: Any) -> None:
    for tls in (None, server_tls):
        clock = ManualClock()
        hub = await start_hub(clock=clock, tls=tls)
        hub.faults.add("delay", step="connect", seconds=30, times=1)
        verify = True if tls is None else client_tls
        async with httpx.AsyncClient(base_url=hub.url, verify=verify, timeout=PATIENCE) as client:
            asked = asyncio.ensure_future(client.get("/healthz"))
            await asyncio.wait([asked], timeout=0.05)
            assert not asked.done()
            while not asked.done():
                clock.advance(10)  # the fault may have struck by now, or be about to
                await asyncio.sleep(0.01)
            assert (await asked).status_code == 200
            assert hub.faults.active()[0].struck == 1


def test_delay_of_the_first_answer_with_the_event_loop_of_the_command() -> None:
    async def ask() -> int:
        async with HubServer(HubConfig()) as hub:
            hub.faults.add("delay", step="connect", seconds=0.05, times=1)
            async with httpx.AsyncClient(base_url=hub.url, timeout=PATIENCE) as client:
                return (await client.get("/healthz")).status_code

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(ask()) == 200


async def test_a_delayed_client_that_leaves_is_let_go(start_hub: Any) -> None:
    hub = await start_hub(clock=ManualClock())
    with hub.faults.add("delay", step="connect", seconds=30, times=1):
        peer = await RawPeer.dial(hub.url)
        await until(lambda: hub.faults.active()[0].struck == 1)
        peer.reset()
    await (await RawPeer.subscribe(hub.url, READER)).end()
