"""Connects the Python client `eventshub`, on asyncio, to the judge: each event is one line of JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from eventshub import (
    AsyncEventsHub,
    Dropped,
    EventsHubError,
    Heartbeat,
    InvalidEvent,
    Message,
    Reconnect,
    Reconnected,
    StatusError,
    Timeouts,
)


def settings() -> dict[str, Any]:
    """The short times that the judge asks for, or the client's own."""
    if not os.environ.get("EVENTSHUB_JUDGE_FAST"):
        return {}
    return {
        "reconnect": Reconnect(min_delay=0.1, max_delay=1.0, conflict_budget=2.0),
        "heartbeat": Heartbeat(interval=0.5, timeout=2.0),
        "timeouts": Timeouts(connect=2.0, welcome=2.0),
    }


def say(line: object) -> None:
    """Print one line at once."""
    print(json.dumps(line), flush=True)


def say_item(item: object) -> None:
    """Print an event, or a notice."""
    if isinstance(item, Message):
        say(item.payload)
    elif isinstance(item, InvalidEvent):
        say({"notice": "invalid", "reason": item.reason})
    elif isinstance(item, Reconnected):
        say({"notice": "reconnected", "gap": item.gap.total_seconds()})
    elif isinstance(item, Dropped):
        say({"notice": "dropped", "count": item.count})


async def main(url: str, token: str) -> int:
    """Print events until the stream ends."""
    api_key = os.environ.get("EVENTSHUB_JUDGE_API_KEY")
    credential: dict[str, Any] = {"api_key": api_key} if api_key else {"token": token}
    channels = os.environ.get("EVENTSHUB_JUDGE_CHANNELS", "pdfm").split(",")
    leave = os.environ.get("EVENTSHUB_JUDGE_UNSUBSCRIBE")
    hub = AsyncEventsHub(url, **credential, **settings())
    try:
        async with hub.subscribe(*channels) as events:
            if events.channels_refused:
                say({"notice": "refused", "channels": list(events.channels_refused)})
            if leave:
                await events.unsubscribe(leave)
                say({"notice": "unsubscribed", "channels": [leave]})
            async for item in events:
                say_item(item)
    except StatusError as error:
        say({"notice": "error", "status": error.status, "text": error.text})
        return 1
    except EventsHubError as error:
        say({"notice": "error", "status": None, "text": str(error)})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:3])))
