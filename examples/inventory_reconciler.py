"""Keep a copy of the VM inventory true: load it, follow its changes, load it anew after every gap."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

import httpx

import eventshub

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


async def reconcile(hub: eventshub.AsyncEventsHub, url: str, inventory: dict[str, str]) -> None:
    async with hub.subscribe("pdfm") as events:
        # Subscribed first and loaded second: what changes in between comes as an event.
        inventory |= await load(url)
        logger.info("loaded: %s", sorted(inventory.items()))
        async for event in events:
            match event:
                case eventshub.VmStateChanged(body=body):
                    inventory[body.vm_id] = str(body.current_state)
                case eventshub.VmAdded(body=body) | eventshub.VmUpdated(body=body):
                    inventory[body.vm_id] = body.new_vm.known.state or inventory.get(body.vm_id, "unknown")
                case eventshub.VmRemoved(body=body):
                    inventory.pop(body.vm_id, None)
                case eventshub.Reconnected() | eventshub.Dropped():
                    fresh = await load(url)
                    logger.info("missed: %s", sorted(fresh.items() ^ inventory.items()))
                    inventory.clear()
                    inventory |= fresh
                case _:
                    logger.info("passed over: %r", event)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    try:
        asyncio.run(reconcile(eventshub.AsyncEventsHub(), os.environ["INVENTORY_URL"], {}))
    except eventshub.EventsHubError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        logger.info("stopped")
