"""What a hub has to survive: peers that break off, dribble, flood and come by the thousand."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
from typing import Any

import pytest
from tests.mockserver.core_harness import VM
from tests.mockserver.raw_peer import CLOSE, CONTINUATION, PING, PONG, TEXT, RawPeer
from tests.mockserver.settings import CREDENTIALS, READER, until

from eventshub_mockserver import HubConfig, HubServer

ASK = {"type": "health", "message": "ping", "id": "p-1"}
BEARER = {"Authorization": f"Bearer {READER}"}
PATH = "/v1/ws/subscribe"


async def answers(peer: RawPeer) -> None:
    """The hub goes on for this peer."""
    peer.say(ASK)
    assert (await peer.read_event())["message"] == "pong"


@pytest.mark.parametrize("said", [1, 2, 5, 8, 30])
async def test_a_reset_in_the_middle_of_a_frame_frees_the_slot(
    start_hub: Any, subscribe: Any, said: int
) -> None:
    hub: HubServer = await start_hub()
    peer = await subscribe(hub, "health")
    # Two bytes of head, four of mask, 40 of payload: broken off in each of them.
    frame = bytes([0x80 | TEXT, 0x80 | 40]) + b"mask" + b"x" * 40
    peer.writer.write(frame[:said])
    await asyncio.sleep(0.01)  # let it arrive before the reset overtakes it
    peer.reset()
    await until(lambda: not hub.connections)
    await answers(await subscribe(hub, "health"))


async def test_a_reset_in_the_middle_of_an_event_hurts_no_other(hub: HubServer, subscribe: Any) -> None:
    leaver, other = await subscribe(hub, "pdfm", receive_buffer=4096), await subscribe(hub, "pdfm,health")
    leaver.stop_reading()
    for _ in range(50):
        hub.publish("pdfm", "VM_STATE_CHANGED", {**VM, "vm_id": "x" * 50_000})
        await other.read_event()
    leaver.reset()
    await until(lambda: len(hub.connections) == 1)
    await answers(other)


async def test_handshakes_that_dribble_are_given_up_and_hold_nobody_up(start_hub: Any, dial: Any) -> None:
    hub: HubServer = await start_hub({"request_timeout": 1.0})
    dribblers: list[RawPeer] = [await dial(hub) for _ in range(30)]
    ended: set[int] = set()

    async def dribble(number: int, peer: RawPeer) -> None:
        """A byte now and then, so that it never is quite silent."""
        end = asyncio.create_task(peer.read_end())
        peer.writer.write(f"GET {PATH} HTTP/1.1\r\nX-Slow: ".encode())
        while not end.done():
            peer.writer.write(b"x")
            await asyncio.wait([end], timeout=0.05)
        ended.add(number)

    slow = asyncio.gather(*(dribble(number, peer) for number, peer in enumerate(dribblers)))
    assert (await (await dial(hub)).upgrade(PATH, BEARER)).status == 101
    async with asyncio.timeout(10):
        await slow
    assert len(ended) == 30


async def test_a_flood_of_frames_without_content_hurts_no_other(hub: HubServer, subscribe: Any) -> None:
    flooder, other = await subscribe(hub, "health"), await subscribe(hub, "health")
    flooder.send(TEXT, b"", first=0)
    for _ in range(2_000):
        flooder.send(CONTINUATION, b"", first=0)
    await answers(other)
    flooder.send(CONTINUATION, b"{}")
    assert (await flooder.read_event())["message"] == "error"


async def test_control_frames_between_all_fragments_are_answered_and_limited(
    start_hub: Any, subscribe: Any
) -> None:
    hub = await start_hub({"command_rate": 1, "command_burst": 20})
    peer = await subscribe(hub, "health")
    peer.send(TEXT, b"{", first=0)
    for number in range(10):
        peer.send(PING, str(number).encode())
        peer.send(CONTINUATION, b" ", first=0)
    for number in range(10):
        assert await peer.read_frame() == (PONG, str(number).encode())
    for _ in range(15):
        peer.send(PING, b"more")
    opcodes: list[int] = []
    while (opcode := (await peer.read_frame())[0]) != CLOSE:
        opcodes.append(opcode)
    assert set(opcodes) == {PONG, TEXT}  # the text says why


async def test_connections_by_the_thousand_leave_nothing_behind() -> None:
    config = HubConfig(credentials=CREDENTIALS, connections_per_address=None)
    hub = HubServer(config)

    async def come_and_go(number: int) -> None:
        peer = await RawPeer.dial(hub.url)
        try:
            if number % 5 == 0:  # leaves before it is answered
                return
            answer = await peer.upgrade(PATH, BEARER if number % 5 > 1 else {})
            if number % 5 == 3:  # leaves in good order
                assert answer.status == 101
                await peer.read_frame()
                peer.send(CLOSE, b"\x03\xe8")
                await peer.read_close()
            elif number % 5 == 4:
                peer.reset()
        finally:
            await peer.end()

    async def batch(size: int) -> tuple[int, int, int]:
        """Have so many come and go; count what is there afterwards."""
        for start in range(0, size, 50):
            await asyncio.gather(*(come_and_go(start + number) for number in range(50)))
        await until(lambda: not hub.connections and len(asyncio.all_tasks()) <= idle_tasks)
        gc.collect()
        return len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd")), len(gc.get_objects())  # noqa: PTH208 - names alone

    async with hub:
        idle_tasks = len(asyncio.all_tasks())
        tasks, files, objects = await batch(300)
        after = await batch(1_000)
        assert after[0] <= tasks
        assert after[1] <= files + 2
        # One object a connection, of any kind, would be hundreds more.
        assert after[2] < objects + 250


@pytest.mark.parametrize("family", [socket.AF_INET6, socket.AF_INET])
async def test_addresses_of_ipv6_and_mapped_ones_are_one_address_each(
    start_hub: Any, dial: Any, family: socket.AddressFamily
) -> None:
    if family is socket.AF_INET6:
        hub, expected = await start_hub(host="::1"), "::1"
    else:
        # A listener for both families sees IPv4 peers at addresses that are mapped into IPv6.
        listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(("::ffff:127.0.0.1", 0))
        listener.listen()
        with listener:
            hub = HubServer(HubConfig(credentials=CREDENTIALS), listener=listener)
            await hub.start()
        expected = "127.0.0.1"
    try:
        host = "::1" if family is socket.AF_INET6 else "127.0.0.1"
        peers: list[RawPeer] = []
        for _ in range(2):
            reader, writer = await asyncio.open_connection(host, hub.port)
            peers.append(RawPeer(reader, writer))
        assert (await peers[0].upgrade(PATH, BEARER)).status == 101
        refused = await peers[1].upgrade(PATH, BEARER)
        assert refused.status == 409
        assert f"from {expected} " in refused.body.decode()
        for peer in peers:
            await peer.end()
    finally:
        await hub.stop()
