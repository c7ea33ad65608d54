"""Importing the package is cheap: no HTTP and no WebSocket library before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

LISTS_MODULES = "import sys; print(*sorted(name.partition('.')[0] for name in sys.modules))"
MAKES_SUBSCRIPTION = "hub = eventshub.{}('https://hub.invalid', token='t'); hub.subscribe('pdfm'); "
COUNTS_THREADS = "import threading; assert threading.active_count() == 1; "


@pytest.mark.parametrize(
    "use", ["", MAKES_SUBSCRIPTION.format("AsyncEventsHub"), MAKES_SUBSCRIPTION.format("EventsHub")]
)
def test_nothing_is_loaded_or_started_before_it_is_needed(use: str) -> None:
    code = f"import eventshub; {use}{COUNTS_THREADS}{LISTS_MODULES}"
    listing = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(listing.stdout.split())
    assert "msgspec" in loaded
    assert not loaded & {"httpx", "httpcore", "websockets", "typer", "rich", "picows", "python_socks"}
