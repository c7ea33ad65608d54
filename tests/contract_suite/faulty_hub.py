"""A hub with faults: ``python -m tests.contract_suite.faulty_hub HUB_PORT READY_FILE [FAULT...]``."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from tests.contract_suite import http_faults, stream_faults
from tests.contract_suite.distorting_proxy import Fault, Proxy

FAULTS: dict[str, type[Fault]] = {
    name: value
    for module in (http_faults, stream_faults)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, Fault) and value.breaks
}
"""Every fault, by name."""


async def serve(hub_port: int, ready_file: Path, names: list[str]) -> None:
    """Stand before a hub until SIGTERM."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    proxy = Proxy(hub_port, [FAULTS[name]() for name in names])
    server = await asyncio.start_server(proxy.take, "127.0.0.1", 0, limit=2**20, backlog=512)
    partial = ready_file.with_suffix(".partial")
    partial.write_text(str(server.sockets[0].getsockname()[1]))
    partial.rename(ready_file)
    await stopping.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
