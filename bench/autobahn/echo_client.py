"""The client's transports with nothing on top of them but an echo."""

from __future__ import annotations

import asyncio
import json
from typing import Literal, TypeAlias

from eventshub import ConnectionLostError, Timeouts
from eventshub._core.frames import BinaryFrame
from eventshub._net.options import ConnectionOptions
from eventshub.aio.clock import SystemClock
from eventshub.aio.transport import Transport, open_transport

from .echo_hub import LARGEST_MESSAGE

Library: TypeAlias = Literal["websockets", "picows"]
CASE_SECONDS = 60


class _Messages:
    """Keeps what comes; None is the end."""

    def __init__(self) -> None:
        self.queue = asyncio.Queue[bytes | None]()

    def frame_received(self, raw: bytes) -> None:
        self.queue.put_nowait(raw)

    def connection_lost(self, error: ConnectionLostError) -> None:  # noqa: ARG002 - the suite judges it
        self.queue.put_nowait(None)


async def _open(url: str, library: Library) -> tuple[Transport, asyncio.Queue[bytes | None]]:
    options = ConnectionOptions(
        timeouts=Timeouts(),
        keepalive=None,
        largest_frame=LARGEST_MESSAGE,
        ssl_context=None,
        proxy=None,
        transport=library,
        clock=SystemClock(),
    )
    transport = await open_transport(url, {}, options)
    messages = _Messages()
    transport.start(messages)
    return transport, messages.queue


async def _ask(url: str, library: Library) -> bytes:
    """The one message that comes from there."""
    transport, messages = await _open(url, library)
    answer = await messages.get()
    await transport.close()
    return answer or b""


async def _echo(url: str, library: Library, *, is_binary: bool) -> None:
    transport, messages = await _open(url, library)
    while (message := await messages.get()) is not None:
        await transport.send(BinaryFrame(message) if is_binary else message)
    await transport.close()


async def echo_all(url: str, library: Library) -> None:
    """Go through all cases of the suite's server, then have it write its reports."""
    count = int(await _ask(f"{url}/getCaseCount", library))
    for number in range(1, count + 1):
        # The seam does not say of what kind a message is, since a hub sends text only; the suite does.
        told = json.loads(await _ask(f"{url}/getCaseInfo?case={number}", library))
        is_binary = "binary message" in told["description"].lower()
        async with asyncio.timeout(CASE_SECONDS):
            await _echo(f"{url}/runCase?case={number}&agent={library}", library, is_binary=is_binary)
    await _ask(f"{url}/updateReports?agent={library}", library)
