"""A real nginx in front of a hub, with the configuration of docs/operating.md."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import ssl
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import trustme

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "operating.md"
PATIENCE: Final = 20.0
ATTEMPTS: Final = 5
BINARY: Final = shutil.which("nginx", path="/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin")

needs_nginx = pytest.mark.skipif(
    BINARY is None or sys.platform != "linux", reason="nginx is not installed, or loopback has one address"
)

AROUND: Final = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log notice;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{documented}
}}
"""
"""What belongs around the documented part, for a process that writes nowhere but to its folder."""


@dataclass(frozen=True)
class Nginx:
    """Where it listens, with TLS, and what believes its certificate."""

    port: int
    context: ssl.SSLContext


@asynccontextmanager
async def nginx_before(hub_url: str, folder: Path) -> AsyncGenerator[Nginx]:
    """Run nginx on loopback, with all that it writes in a folder."""
    assert BINARY is not None
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(str(folder / "chain.pem"))
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    context = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    port, process = await _start(BINARY, hub_url, folder)
    try:
        yield Nginx(port, context)
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(PATIENCE):
            await process.wait()


async def _start(binary: str, hub_url: str, folder: Path) -> tuple[int, asyncio.subprocess.Process]:
    for _ in range(ATTEMPTS):
        port = _free_port()
        config = folder / "nginx.conf"
        config.write_text(AROUND.format(folder=folder, documented=_documented(hub_url, folder, port)))
        process = await asyncio.create_subprocess_exec(
            *(binary, "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log"))
        )
        if await _listens(process, port):
            return port, process
        # Somebody else has taken the port meanwhile.
    raise AssertionError((folder / "error.log").read_text())


async def _listens(process: asyncio.subprocess.Process, port: int) -> bool:
    async with asyncio.timeout(PATIENCE):
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                await writer.wait_closed()
                return process.returncode is None
    return False


def _documented(hub_url: str, folder: Path, port: int) -> str:
    """The documented configuration, with the places of this test in it and nothing else changed."""
    found = re.findall(r"```nginx\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == 1
    text: str = found[0]
    for documented, here in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("/etc/eventshub/tls/chain.pem", f"{folder}/chain.pem"),
        ("/etc/eventshub/tls/key.pem", f"{folder}/key.pem"),
        ("http://127.0.0.1:8080;", f"{hub_url};"),
    ):
        assert text.count(documented) == 1, documented
        text = text.replace(documented, here)
    return text


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
