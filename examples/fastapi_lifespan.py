"""A FastAPI service that follows the hub while it serves: ``uvicorn examples.fastapi_lifespan:app``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from fastapi import FastAPI, HTTPException, Request

from eventshub import (
    AsyncEventsHub, Connected, Disconnected, Dropped, EventsHubError, Reconnect, Reconnected, VmRemoved,
    VmStateChanged,
)  # fmt: skip


@dataclass
class Fleet:
    states: dict[str, str] = field(default_factory=dict[str, str])
    is_connected: bool = False
    gaps: int = 0


async def follow(fleet: Fleet) -> None:
    # The service starts whether or not the hub is there yet.
    hub = AsyncEventsHub(reconnect=Reconnect(from_start=True))
    try:
        async with hub.subscribe("pdfm", notices="all") as events:
            async for event in events:
                match event:
                    case Connected() | Reconnected():
                        fleet.is_connected = True
                        fleet.gaps += isinstance(event, Reconnected)
                    case Disconnected():
                        fleet.is_connected = False
                    case Dropped():
                        fleet.gaps += 1
                    case VmStateChanged(body=body):
                        fleet.states[body.vm_id] = str(body.current_state)
                    case VmRemoved(body=body):
                        fleet.states.pop(body.vm_id, None)
                    case _:
                        pass
    except EventsHubError:
        fleet.is_connected = False
        logging.getLogger("uvicorn.error").exception("the hub is lost for good; /health says so")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    app.state.fleet = Fleet()
    following = asyncio.create_task(follow(app.state.fleet))
    yield
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following


app = FastAPI(lifespan=lifespan)


@app.get("/vms")
async def vms(request: Request) -> dict[str, str]:
    fleet: Fleet = request.app.state.fleet
    return fleet.states


@app.get("/health")
async def health(request: Request) -> dict[str, int]:
    fleet: Fleet = request.app.state.fleet
    if not fleet.is_connected:
        raise HTTPException(503, "no connection to the hub")
    return {"gaps": fleet.gaps}
