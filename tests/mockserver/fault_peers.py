"""What tests of faults do with raw peers."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.mockserver.core_harness import VM
from tests.mockserver.raw_peer import PATIENCE, Answer, RawPeer
from tests.mockserver.settings import READER

from eventshub_mockserver import HubServer, Kind

EVENT = ("pdfm", "VM_STATE_CHANGED")


def publish(hub: HubServer, vm_id: str = "vm-1") -> None:
    """Publish an event that says which it is."""
    hub.publish(*EVENT, {**VM, "vm_id": vm_id})


async def read_vm(peer: RawPeer) -> str:
    """Which event comes next, after the spec has found nothing wrong with it."""
    event = await peer.read_event()
    vm_id: str = event["body"]["vm_id"]
    return vm_id


async def read_raw_frame(peer: RawPeer) -> tuple[int, bytes]:
    """The first byte and the payload of the next frame, whatever it is."""
    async with asyncio.timeout(PATIENCE):
        first, size = await peer.reader.readexactly(2)
        if size >= 126:
            size = int.from_bytes(await peer.reader.readexactly(2 if size == 126 else 8), "big")
        return first, await peer.reader.readexactly(size)


async def read_json(peer: RawPeer) -> Any:
    """The next message, decoded and not checked."""
    _, payload = await peer.read_frame()
    return json.loads(payload)


async def upgrade(peer: RawPeer, event_types: str = "pdfm,health", token: str = READER) -> Answer:
    """Ask for the stream; the welcome is not read."""
    path = f"/v1/ws/subscribe?event_types={event_types}"
    return await peer.upgrade(path, {"Authorization": f"Bearer {token}"})


async def nothing_comes(peer: RawPeer) -> None:
    """Nothing arrives, and the connection stays."""
    try:
        data = await asyncio.wait_for(peer.reader.read(1), 0.05)
    except TimeoutError:
        return
    raise AssertionError(f"{data!r} came")


async def read_ending(peer: RawPeer) -> tuple[bytes, bool]:
    """What still comes until the connection ends, and whether it ends with a reset."""
    data = b""
    async with asyncio.timeout(PATIENCE):
        try:
            while piece := await peer.reader.read(1 << 16):
                data += piece
        except ConnectionResetError:
            return data, True
    return data, False


def strikes(hub: HubServer) -> list[tuple[str | None, int | None, str | None]]:
    """What the journal says of faults: ID, number, and the credential's name."""
    return [(e.fault, e.fault_number, e.principal) for e in hub.journal.select(Kind.FAULT)]
