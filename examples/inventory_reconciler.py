"""Keep a copy of the VM inventory true: load it, follow its changes, and load it anew after every gap."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

import httpx

from eventshub import (
    AsyncEventsHub, Dropped, EventsHubError, InvalidEvent, Reconnected, UnknownEvent, VmAdded, VmRemoved,
    VmStateChanged, VmUpdated,
)  # fmt: skip

RETRY_DELAY = 5.0
logger = logging.getLogger("inventory")


async def load(url: str) -> dict[str, str]:
    """The state of every VM, from the system that keeps the inventory."""
    async with httpx.AsyncClient() as http:
        while True:
            try:
                response = await http.get(url)
                return dict(response.raise_for_status().json())
            except (httpx.HTTPError, ValueError) as error:
                logger.warning("no inventory (%s); again in %g s", type(error).__name__, RETRY_DELAY)
                await asyncio.sleep(RETRY_DELAY)


async def reconcile(hub: AsyncEventsHub, url: str, inventory: dict[str, str]) -> None:
    async with hub.subscribe("pdfm") as events:
        # Subscribed first and loaded second: what changes in between comes as an event.
        inventory |= await load(url)
        logger.info("loaded %d VMs", len(inventory))
        async for event in events:
            match event:
                case VmStateChanged(body=body):
                    inventory[body.vm_id] = str(body.current_state)
                case VmAdded(body=body) | VmUpdated(body=body):
                    inventory[body.vm_id] = body.new_vm.known.state or inventory.get(body.vm_id, "unknown")
                case VmRemoved(body=body):
                    inventory.pop(body.vm_id, None)
                case Reconnected() | Dropped():
                    fresh = await load(url)
                    differing = inventory.items() ^ fresh.items()
                    inventory.clear()
                    inventory |= fresh
                    logger.info("events were missed (%s); differing: %s", event, sorted(dict(differing)))
                case UnknownEvent() | InvalidEvent():
                    logger.warning("not understood: %r", event.raw)
                case _:
                    pass


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    try:
        asyncio.run(reconcile(AsyncEventsHub(), os.environ["INVENTORY_URL"], {}))
    except EventsHubError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        logger.info("stopped")
