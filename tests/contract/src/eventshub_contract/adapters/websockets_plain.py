"""Connects the library `websockets`, as it comes, to the judge: each event is one line of JSON."""

from __future__ import annotations

import asyncio
import os
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


async def main(url: str, token: str) -> None:
    """Print what comes, and connect again whenever the connection is lost."""
    base = "ws" + url.removeprefix("http").removeprefix("ws").rstrip("/")
    stream = f"{base}/v1/ws/subscribe?event_types={os.environ.get('EVENTSHUB_JUDGE_CHANNELS', 'pdfm')}"
    async for hub in connect(stream, additional_headers={"Authorization": f"Bearer {token}"}):
        try:
            await hub.recv()  # the welcome
            async for frame in hub:
                print(frame if isinstance(frame, str) else frame.decode(), flush=True)
        except ConnectionClosed:
            continue


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
