"""A FastAPI service that follows the hub while it serves: ``uvicorn examples.fastapi_lifespan:app``."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator

from fastapi import FastAPI

import eventshub

states: dict[str, str] = {}
status = {"is_connected": False, "is_complete": False}


async def follow() -> None:
    # The service starts whether or not the hub is there yet.
    hub = eventshub.AsyncEventsHub(reconnect=eventshub.Reconnect(from_start=True))
    try:
        async with hub.subscribe("pdfm", notices="all") as events:
            async for event in events:
                match event:
                    case eventshub.Connected():
                        status.update(is_connected=True, is_complete=True)
                    case eventshub.Disconnected():
                        # Changes are being missed from here on.
                        status.update(is_connected=False, is_complete=False)
                    case eventshub.Reconnected():
                        status.update(is_connected=True)
                    case eventshub.Dropped():
                        status.update(is_complete=False)
                    case eventshub.VmStateChanged(body=body):
                        states[body.vm_id] = str(body.current_state)
                    case eventshub.VmRemoved(body=body):
                        states.pop(body.vm_id, None)
                    case _:
                        pass
    except eventshub.EventsHubError as error:
        logging.getLogger("uvicorn.error").error("the hub is lost for good: %s", error)
    finally:
        status.update(is_connected=False)


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
    following = asyncio.create_task(follow())
    yield
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


app = FastAPI(lifespan=lifespan)


@app.get("/vms")
async def vms() -> dict[str, object]:
    return {"states": states, **status}
