"""A client as the user guide describes it and nothing more: plain ``websockets``, a bearer header,
commands under the key ``type``, no JSON pings. Prints one JSON line a frame; ends when the socket does."""

import asyncio
import json
import os

import websockets


async def main() -> None:
    """Subscribe, send the two commands once, print everything."""
    url = os.environ["HUB_URL"].replace("http", "ws", 1)
    uri = f"{url}/v1/ws/subscribe?event_types={os.environ['CHANNELS']}"
    headers = {"Authorization": f"Bearer {os.environ['HUB_TOKEN']}"}
    async with websockets.connect(uri, additional_headers=headers, ping_interval=None) as socket:
        first = True
        async for raw in socket:
            print(str(raw), flush=True)
            if first:
                first = False
                await socket.send(json.dumps({"type": "system", "message": "client-id", "id": "request-1"}))
                await socket.send(json.dumps({"type": "health", "message": "ping", "id": "request-2"}))
        print(json.dumps({"closed": socket.close_code}), flush=True)


asyncio.run(main())
