"""What tells whether ten thousand clients have left something in a hub."""

from __future__ import annotations

import asyncio
import sys

import pytest

from eventshub_mockserver import HubConfig, HubServer

if sys.platform != "linux":
    pytest.skip("it reads /proc", allow_module_level=True)

from bench.connects import Holdings, holdings, settled, trends


def held(kilobytes: float = 100.0, resident: float = 50.0) -> Holdings:
    return Holdings(connections=0, tasks=2, files=9, kilobytes=kilobytes, resident=resident)


FLAT = [100.0] * 10


@pytest.mark.parametrize(
    ("kilobytes", "grown"),
    [
        (FLAT, 0.0),
        ([100.0 + 10 * step for step in range(10)], 50.0),  # a leak: the mean of 7, 8, 9 less that of 2, 3, 4
        ([10.0, 50.0, *FLAT[2:]], 0.0),  # caches that fill up at first
        ([100.0 - 10 * step for step in range(10)], -50.0),
        ([*FLAT[:9], 130.0], 10.0),
    ],
    ids=["flat", "leak", "warm-up", "less", "at the end"],
)
def test_the_trend_is_that_after_the_first_fifth(kilobytes: list[float], grown: float) -> None:
    seen = [held(each, resident=2 * each) for each in kilobytes]
    assert trends(seen) == pytest.approx((grown, 2 * grown))


def test_holdings_are_told_in_a_line() -> None:
    assert str(held()) == ("0 connections, 2 tasks, 9 file descriptors, 100.0 kB allocated, 50.0 MB resident")


async def test_what_a_hub_holds_is_seen() -> None:
    async with HubServer(HubConfig()) as hub:
        idle = holdings(hub)
        assert (idle.connections, idle.tasks) == (0, len(asyncio.all_tasks()))
        assert idle.resident > 1
        reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n")
        await reader.readuntil(b"ok")
        assert holdings(hub).files == idle.files + 2  # both ends are in this process
        writer.close()
        await writer.wait_closed()
        await settled(hub, idle.tasks)
        assert holdings(hub).connections == 0


async def test_waiting_for_what_does_not_end_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.connects.PATIENCE", 0.05)
    async with HubServer(HubConfig()) as hub:
        with pytest.raises(TimeoutError):
            await settled(hub, tasks=0)
