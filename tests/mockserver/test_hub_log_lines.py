"""Log lines of the command: text or JSON, each with the connection it is about, none with a secret."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from tests.mockserver.raw_peer import CLOSE, RawPeer
from tests.mockserver.settings import CREDENTIALS, READER, until

from eventshub_mockserver import HubConfig, HubServer
from eventshub_mockserver.log import CONNECTION, ConnectionFilter, JsonFormatter, OneLineFormatter


@pytest.fixture
def written() -> Any:
    """Attach a handler with a formatter; gives what it has written."""
    root = logging.getLogger("eventshub_mockserver")
    handlers: list[logging.Handler] = []
    level = root.level
    root.setLevel(logging.INFO)

    def attach(formatter: logging.Formatter) -> Callable[[], list[str]]:
        stream = StringIO()
        handler = logging.StreamHandler(stream)
        handler.addFilter(ConnectionFilter())
        handler.setFormatter(formatter)
        root.addHandler(handler)
        handlers.append(handler)
        return lambda: stream.getvalue().splitlines()

    yield attach
    root.setLevel(level)
    for handler in handlers:
        root.removeHandler(handler)


async def talk(token: str = READER) -> str:
    """A refused handshake, a connection that opens and closes, and a request nobody understands."""
    async with HubServer(HubConfig(credentials=CREDENTIALS)) as hub:
        refused = await RawPeer.dial(hub.url)
        await refused.upgrade("/v1/ws/subscribe?access_token=s3cret-wrong", {})
        await refused.end()
        peer = await RawPeer.subscribe(hub.url, token)
        client_id: str = hub.connections[0]["id"]
        peer.send(CLOSE, b"\x03\xe8")
        await peer.read_close()
        await peer.end()
        await until(lambda: not hub.connections)
        broken = await RawPeer.dial(hub.url)
        await broken.raw(b"NONSENSE s3cret\r\n\r\n")
        await broken.end()
        return client_id


async def test_each_json_line_says_what_and_of_which_connection(written: Any) -> None:
    lines = written(JsonFormatter())
    client_id = await talk()
    told = [json.loads(line) for line in lines()]
    assert all({"time", "level", "logger", "connection", "message"} <= line.keys() for line in told)
    of = {line["message"]: line for line in told}
    assert of["connection opened"]["connection"] == client_id
    assert of["connection opened"]["principal"] == "reader"
    assert of["connection closed"]["connection"] == client_id
    assert of["connection closed"]["code"] == 1000
    refused, upgraded = (
        line for line in told if line["message"] == "request" and line["status"] in (401, 101)
    )
    assert re.fullmatch(r"tcp-\d+", refused["connection"])
    assert upgraded["connection"] == client_id
    assert re.fullmatch(r"tcp-\d+", of["request unreadable"]["connection"])
    assert of["stopped"]["connection"] == "-"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", of["stopped"]["time"])
    assert "s3cret" not in "".join(lines())


async def test_text_lines_have_the_connection_too(written: Any) -> None:
    lines = written(OneLineFormatter())
    client_id = await talk()
    assert any(f"[{client_id}] connection opened principal=reader" in line for line in lines())
    assert all(
        re.search(r"Z [A-Z]+ eventshub_mockserver\S* \[(-|tcp-\d+|[0-9a-f-]{36})\] ", line)
        for line in lines()
    )
    assert "s3cret" not in "".join(lines())


def test_a_traceback_stays_on_its_line(written: Any) -> None:
    text, as_json = written(OneLineFormatter()), written(JsonFormatter())
    log = logging.getLogger("eventshub_mockserver")
    try:
        raise ValueError("two\nlines")
    except ValueError:
        log.exception("it failed: %s", "a\nb")
    log.warning({"no": "text"})
    log.warning("share=%d%%", 5)
    assert len(text()) == len(as_json()) == 3
    first, second, third = (json.loads(line) for line in as_json())
    assert first["message"] == "it failed: a\nb"
    assert "two\nlines" in first["traceback"]
    assert second["message"] == "{'no': 'text'}"
    assert third["message"] == "share=5%"


def test_there_is_no_connection_outside_of_one() -> None:
    assert CONNECTION.get() == "-"
