"""Forward what operators must know to a webhook that takes Slack's ``{"text": …}``."""

from __future__ import annotations

import asyncio
import os
import sys

import httpx

import eventshub

RETRY_DELAYS = (1.0, 5.0, 30.0)


def alert(event: object) -> str | None:
    match event:
        case eventshub.HostHealthUpdate(body=body) if body.state is not eventshub.HostHealth.HEALTHY:
            return f":rotating_light: host {body.host_id} is {body.state}"
        case eventshub.HostWebsocketDisconnected(body=body) | eventshub.HostWebsocketDegraded(body=body):
            return f":warning: events of host {body.host_id} are unreliable: {body.state}"
        case eventshub.Reconnected(gap=gap):
            return f":hole: alerts may be missing: no connection for {gap.total_seconds():.0f} s"
        case eventshub.Dropped(count=count):
            return f":hole: {count} events came faster than this webhook takes them"
        case eventshub.ChannelsRefused(channels=channels):
            return f":no_bell: no alerts from {', '.join(channels)}: not granted"
        case _:
            return None


async def post(http: httpx.AsyncClient, webhook: str, text: str) -> None:
    for delay in (*RETRY_DELAYS, None):
        try:
            (await http.post(webhook, json={"text": text})).raise_for_status()
            return
        except httpx.HTTPError as error:
            # Not the error's text: it holds the webhook's URL, which is a secret.
            print(f"not delivered, {type(error).__name__}; next try: {delay or 'none'}", file=sys.stderr)
            await asyncio.sleep(delay or 0)
    print("given up:", text, file=sys.stderr)


async def forward(hub: eventshub.AsyncEventsHub, webhook: str) -> None:
    async with httpx.AsyncClient(timeout=10) as http, hub.subscribe("orchestrator", "health") as events:
        async for event in events:
            if (text := alert(event)) is not None:
                await post(http, webhook, text)


if __name__ == "__main__":
    try:
        # While a webhook hangs, events wait, and beyond the buffer the oldest are dropped and counted.
        asyncio.run(forward(eventshub.AsyncEventsHub(when_full="drop_oldest"), os.environ["ALERT_WEBHOOK"]))
    except eventshub.EventsHubError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(0)
