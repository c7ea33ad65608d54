"""What the hub does with its sources of events."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from tests.mockserver.raw_peer import RawPeer
from tests.mockserver.settings import until

from eventshub_mockserver import (
    HubConfig,
    HubServer,
    Publish,
    Published,
    messages,
    models,
)
from eventshub_mockserver.core.clock import Clock
from eventshub_mockserver.core.message import Message


class Once:
    """Publishes one event for everyone and ends."""

    def run(self, publish: Publish, clock: Clock) -> Iterator[float]:
        yield 0.01
        publish(messages.Shutdown(body=models.ShutdownBody(reason=f"{clock.time():.0f}")))


class Broken:
    """Publishes what the spec does not allow."""

    def run(self, publish: Publish, clock: Clock) -> Iterator[float]:
        yield clock.monotonic() * 0
        publish(messages.VmRemoved(body=models.VmRemovedBody(vm_id="")))


async def test_sources_run_with_the_hub_and_a_broken_one_harms_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    published: list[Message] = []

    class Endless:
        def run(self, publish: Publish, clock: Clock) -> Iterator[float]:
            while clock.monotonic() >= 0:
                yield 0.01
                message = messages.VmRemoved(body=models.VmRemovedBody(vm_id="vm"))
                assert isinstance(publish(message), Published)
                published.append(message)

    async with HubServer(HubConfig(sources=(Broken(), Once(), Endless()))) as hub:
        peer = await RawPeer.subscribe(hub.url, hub.token, "pdfm")
        messages_seen = {(await peer.read_event())["message"] for _ in range(5)}
        assert "VM_REMOVED" in messages_seen
        await peer.end()
    assert "Broken" in caplog.text
    count = len(published)
    await asyncio.sleep(0.05)
    assert len(published) == count
    await until(lambda: len(asyncio.all_tasks()) == 1)
