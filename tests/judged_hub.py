"""A hub set up so that every rule can be judged: ``python -m tests.judged_hub READY_FILE LIFE DIALECT``.

Credentials come from the environment, as for ``eventshub-mockserver serve``. Beside them there is the token
EVENTS_HUB_EXPIRING_TOKEN, which lives for LIFE seconds. Queues are short, heartbeats fast.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

from eventshub_mockserver.config import HubConfig
from eventshub_mockserver.core.credentials import ApiKey, Token
from eventshub_mockserver.core.limits import Limits
from eventshub_mockserver.net.server import HubServer

QUEUE_LIMIT = 64
CONNECTIONS = 2
"""From one address: not the default of 1, so that IP-5 is judged too."""
PING_INTERVAL, PONG_TIMEOUT = 0.5, 8.0
"""Long enough that a client which does not read is flooded before it counts as dead."""


def config(life: float, dialect: str) -> HubConfig:
    """The hub, with every identity that the judge can use."""
    secret = os.environ.__getitem__
    key, api_secret = secret("EVENTS_HUB_API_KEY").split(":")
    return HubConfig(
        port=0,
        dialect=dialect,
        credentials=(
            Token("owner", secret("EVENTS_HUB_TOKEN")),
            Token("other", secret("EVENTS_HUB_OTHER_TOKEN")),
            Token("guest", secret("EVENTS_HUB_NO_READ_TOKEN"), claims=frozenset()),
            Token("passing", secret("EVENTS_HUB_EXPIRING_TOKEN"), expires_at=time.time() + life),
            ApiKey(key, api_secret),
        ),
        connections_per_address=CONNECTIONS,
        control_token=secret("EVENTS_HUB_CONTROL_TOKEN"),
        limits=Limits(ping_interval=PING_INTERVAL, pong_timeout=PONG_TIMEOUT, queue_size=QUEUE_LIMIT),
        trusted_proxies=("127.0.0.0/8",),
    )


async def serve(ready_file: Path, hub: HubConfig) -> None:
    """Serve until SIGTERM."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with HubServer(hub) as server:
        partial = ready_file.with_suffix(".partial")
        partial.write_text(json.dumps({"url": server.url}))
        partial.rename(ready_file)
        await stopping.wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), config(float(sys.argv[2]), sys.argv[3])))
