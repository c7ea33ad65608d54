"""The REST part of the spec, driven by Schemathesis against a hub that runs, with IDs of live connections."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.mockserver.fuzzing import field, findings
from tests.mockserver.settings import CREDENTIALS, READER
from websockets.sync.client import connect

from eventshub_mockserver import HubConfig, ThreadedHub, serve_in_thread

DOCUMENT = Path(__file__).parents[3] / "spec" / "events-hub.openapi.yaml"
OPERATIONS = {"unsubscribe", "clients", "stats", "liveness", "readiness"}
"""All but ``subscribe``, which is no REST."""
CLIENT_ID = re.compile(r"[0-9a-f-]{36}", re.IGNORECASE)
ALLOWED = ["200", "400", "403", "404"]
"""Answers to data that fits the schemas, which cannot say what a connection is subscribed to."""


@pytest.fixture
def hub() -> Generator[ThreadedHub]:
    with serve_in_thread(HubConfig(credentials=CREDENTIALS, connections_per_address=None)) as hub:
        yield hub


@pytest.mark.timeout(240)
def test_nothing_is_found(hub: ThreadedHub) -> None:
    answers: Counter[int] = Counter()
    with ExitStack() as stack:

        def opened() -> str:
            """The client ID of a new connection, which has every channel."""
            url = f"{hub.ws_url}/v1/ws/subscribe?event_types=pdfm,orchestrator,health,system"
            headers = {"Authorization": f"Bearer {READER}"}
            connection = stack.enter_context(connect(url, additional_headers=headers))
            return str(json.loads(connection.recv())["body"]["client_id"])

        live, turns = [opened()], list[int]()

        def filter_case(context: Any, case: Any) -> bool:
            """Without a second credential beside the first, which is an error (protocol AUTH-6)."""
            del context
            return "X-Api-Key" not in (case.headers or {})

        def before_call(context: Any, case: Any, kwargs: Any) -> None:
            """Let every other ID that could be one be a live connection's, and name one of its channels."""
            del context, kwargs
            body: Any = case.body
            names: Any = field(body, "event_types")
            if not CLIENT_ID.fullmatch(str(field(body, "client_id"))):
                return
            turns.append(1)
            if len(turns) % 2:
                body["client_id"] = live[-1]
            if len(turns) % 4 == 1 and names and hasattr(names, "append"):
                names.append("pdfm")

        def after_call(context: Any, case: Any, response: Any) -> None:
            del context
            if case.path == "/v1/ws/unsubscribe":
                answers[response.status_code] += 1
                if response.status_code == 200:
                    live.append(opened())

        tested, found = findings(
            *(DOCUMENT, hub.url, READER, OPERATIONS, (filter_case, before_call, after_call)),
            examples=30,
            every_boundary=True,
            allowed=ALLOWED,
        )
    assert found == []
    assert tested == len(OPERATIONS)
    assert min(answers[200], answers[400]) > 3
    assert answers[404]
