"""What the examples need around them: an environment that names a hub, and a local HTTP receiver."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from eventshub_mockserver import HubForTests


@pytest.fixture
def named_hub(events_hub: HubForTests, monkeypatch: pytest.MonkeyPatch) -> HubForTests:
    """A hub that the environment names."""
    monkeypatch.setenv("EVENTS_HUB_URL", events_hub.url)
    monkeypatch.setenv("EVENTS_HUB_TOKEN", events_hub.token)
    monkeypatch.delenv("EVENTS_HUB_API_KEY", raising=False)
    return events_hub


class Receiver:
    """An HTTP server that keeps what is posted to it and gives what it is told to."""

    def __init__(self) -> None:
        self.url = ""
        self.posted: list[Any] = []
        self.answer: Any = {}
        """The body of the answer to a GET."""
        self.failures = 0
        """How many requests will be answered with 503 from now on."""
        self.failed = 0


@pytest.fixture
def receiver() -> Generator[Receiver]:
    """A receiver on a free port of loopback."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            fails = state.failures > 0
            if fails:
                state.failures -= 1
                state.failed += 1
            content = b"" if fails else json.dumps(state.answer).encode()
            self.send_response(503 if fails else 200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            posted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not state.failures:
                state.posted.append(posted)
            self._answer()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield state
        server.shutdown()
        thread.join()
