"""Protocol EVT-7 with many readers: one that has stopped costs others nothing, and the hub a full queue."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc

import pytest

pytest.importorskip("resource", reason="only POSIX limits open files")

import resource

from tests.mockserver.core_harness import VM
from tests.mockserver.net.conftest import StartHub, Subscribe
from tests.mockserver.raw_peer import RawPeer

from eventshub_mockserver.open_files import allow_connections

READERS, QUEUE, EVENTS = 500, 20, 20
BODY = {**VM, "vm_id": "x" * 5_000}


@pytest.mark.timeout(120)
async def test_one_stalled_reader_among_five_hundred(start_hub: StartHub, subscribe: Subscribe) -> None:
    allow_connections(2 * READERS)  # both ends are in this process
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 2 * READERS + 50:
        pytest.skip("this process may not have so many files open")
    limits = {"queue_size": QUEUE, "stall_timeout": 60, "write_buffer": 4096}
    hub = await start_hub(limits, connections_per_address=None, control_token=None)
    stopped = await subscribe(hub, "pdfm", receive_buffer=4096)
    (stopped_id,) = (entry["id"] for entry in hub.connections)
    readers: list[RawPeer] = []
    while len(readers) < READERS - 1:
        count = min(50, READERS - 1 - len(readers))
        readers += await asyncio.gather(*(subscribe(hub, "pdfm") for _ in range(count)))
    stopped.stop_reading()
    while not hub.connections[0]["evicted"]:
        hub.publish("pdfm", "VM_STATE_CHANGED", BODY, client_id=stopped_id)
        await asyncio.sleep(0)

    async def publish_and_read() -> None:
        published: list[bytes] = []
        for _ in range(EVENTS):
            published.append(hub.publish("pdfm", "VM_STATE_CHANGED", BODY).id.encode())
            await asyncio.sleep(0)
        frames = [(await readers[0].read_frame())[1] for _ in range(EVENTS)]
        assert [id_ in frame for id_, frame in zip(published, frames, strict=True)] == [True] * EVENTS
        size = sum(4 + len(frame) for frame in frames)
        async with asyncio.timeout(60):
            heard = await asyncio.gather(*(reader.reader.readexactly(size) for reader in readers[1:]))
        assert len(set(heard)) == 1
        assert all(frame in heard[0] for frame in frames)

    async def held() -> int:
        await publish_and_read()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    evicted = hub.connections[0]["evicted"]
    await publish_and_read()
    tracemalloc.start()
    try:
        first, second = await held(), await held()
    finally:
        tracemalloc.stop()
    of_stopped, *of_others = hub.connections
    assert of_stopped["evicted"] == evicted + 3 * EVENTS
    assert of_stopped["queue_depth"] == QUEUE
    assert {(other["evicted"], other["queue_depth"]) for other in of_others} == {(0, 0)}
    # Were what the stopped one misses kept, it would be twice as much.
    assert second - first < EVENTS * len(BODY["vm_id"]) / 2
