"""Importing the package is cheap: no HTTP and no WebSocket library before it is needed."""

from __future__ import annotations

import subprocess
import sys

LISTS_MODULES = "import sys, eventshub; print(*sorted(name.partition('.')[0] for name in sys.modules))"


def test_import_loads_no_network_library() -> None:
    listing = subprocess.run(
        [sys.executable, "-c", LISTS_MODULES], capture_output=True, text=True, check=True
    )
    loaded = set(listing.stdout.split())
    assert "msgspec" in loaded
    assert not loaded & {"httpx", "httpcore", "websockets", "typer", "rich", "picows"}
