"""Forward what operators must know to a webhook that takes Slack's ``{"text": …}``."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

import httpx

from eventshub import (
    AsyncEventsHub, Dropped, Event, EventsHubError, Gap, HostHealth, HostHealthUpdate, HostRemoved,
    HostWebsocketDegraded, HostWebsocketDisconnected, InvalidEvent, Reconnected,
)  # fmt: skip

RETRY_DELAYS = (1.0, 5.0, 30.0)
logger = logging.getLogger("alerts")


def alert(event: Event | InvalidEvent | Gap) -> str | None:
    match event:
        case HostHealthUpdate(body=body) if body.state is not HostHealth.HEALTHY:
            return f":rotating_light: host {body.host_id} is {body.state}"
        case HostWebsocketDisconnected(body=body) | HostWebsocketDegraded(body=body):
            return f":warning: the events of host {body.host_id} are unreliable: {body.state}"
        case HostRemoved(body=body):
            return f":wastebasket: host {body.host_id} was removed"
        case Reconnected():
            return f":hole: alerts may be missing: no connection for {event.gap.total_seconds():.0f} s"
        case Dropped():
            return f":hole: {event.count} events came while this webhook was too slow"
        case _:
            return None


async def post(http: httpx.AsyncClient, webhook: str, text: str) -> None:
    for delay in (*RETRY_DELAYS, None):
        try:
            response = await http.post(webhook, json={"text": text})
            response.raise_for_status()
            return
        except httpx.HTTPError as error:
            # Not the error's text: it holds the webhook's URL, which is a secret.
            logger.warning(
                "not delivered (%s), %s", type(error).__name__, f"again in {delay} s" if delay else text
            )
            await asyncio.sleep(delay or 0)


async def forward(hub: AsyncEventsHub, webhook: str) -> None:
    async with httpx.AsyncClient(timeout=10) as http, hub.subscribe("orchestrator", "health") as events:
        async for event in events:
            if (text := alert(event)) is not None:
                await post(http, webhook, text)


if __name__ == "__main__":
    try:
        # A webhook that hangs stops nothing: events wait, and the oldest are dropped and counted.
        asyncio.run(forward(AsyncEventsHub(when_full="drop_oldest"), os.environ["ALERT_WEBHOOK"]))
    except EventsHubError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(0)
