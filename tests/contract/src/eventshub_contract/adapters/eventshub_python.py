"""Connects the Python client `eventshub` to the judge: each event is one line of JSON.

The third argument says which of the twins: ``async`` or ``sync``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from eventshub import (
    AsyncEventsHub,
    ChannelsRefused,
    Dropped,
    EventsHub,
    EventsHubError,
    Heartbeat,
    InvalidEvent,
    Message,
    Reconnect,
    Reconnected,
    StatusError,
    Timeouts,
)

CHANNELS = os.environ.get("EVENTSHUB_JUDGE_CHANNELS", "pdfm").split(",")
LEAVE = os.environ.get("EVENTSHUB_JUDGE_UNSUBSCRIBE")


def settings(token: str) -> dict[str, Any]:
    """The credential, and the short times that the judge asks for or else the client's own."""
    api_key = os.environ.get("EVENTSHUB_JUDGE_API_KEY")
    credential: dict[str, Any] = {"api_key": api_key} if api_key else {"token": token}
    if not os.environ.get("EVENTSHUB_JUDGE_FAST"):
        return credential
    return {
        **credential,
        "reconnect": Reconnect(min_delay=0.1, max_delay=1.0, healthy_after=2.0, conflict_budget=2.0),
        "heartbeat": Heartbeat(interval=0.5, timeout=3.0),
        "timeouts": Timeouts(connect=5.0, welcome=5.0),
    }


def say(line: object) -> None:
    """Print one line at once."""
    print(json.dumps(line), flush=True)


def say_item(item: object) -> None:
    """Print an event, or a notice."""
    match item:
        case Message():
            say(item.payload)
        case InvalidEvent():
            say({"notice": "invalid", "reason": item.reason})
        case ChannelsRefused():
            say({"notice": "refused", "channels": list(item.channels)})
        case Reconnected():
            say({"notice": "reconnected", "gap": item.gap.total_seconds()})
        case Dropped():
            say({"notice": "dropped", "count": item.count})
        case _:
            say({"notice": type(item).__name__})


def say_error(error: EventsHubError) -> None:
    """Print what ended the stream."""
    if isinstance(error, StatusError):
        say({"notice": "error", "status": error.status, "text": error.text})
    else:
        say({"notice": "error", "status": None, "text": str(error)})


async def run_async(url: str, token: str) -> None:
    """Print events until the stream ends."""
    async with AsyncEventsHub(url, **settings(token)).subscribe(*CHANNELS) as events:
        if LEAVE:
            await events.unsubscribe(LEAVE)
            say({"notice": "unsubscribed"})
        async for item in events:
            say_item(item)


def run_sync(url: str, token: str) -> None:
    """Print events until the stream ends."""
    with EventsHub(url, **settings(token)).subscribe(*CHANNELS) as events:
        if LEAVE:
            events.unsubscribe(LEAVE)
            say({"notice": "unsubscribed"})
        for item in events:
            say_item(item)


def main(url: str, token: str, twin: str) -> int:
    """Run one of the twins."""
    try:
        if twin == "sync":
            run_sync(url, token)
        else:
            asyncio.run(run_async(url, token))
    except EventsHubError as error:
        say_error(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
