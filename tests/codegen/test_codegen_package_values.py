"""Frames that are no JSON objects: arrays, numbers, strings, text."""

from __future__ import annotations

from typing import Any

import pytest
from tests.codegen.packages import DOCUMENTS, Package, make_package
from websockets.asyncio.server import ServerConnection, serve

from eventshub import runtime
from eventshub.runtime.codec import OpenCodec


@pytest.fixture(scope="module")
def ticker(tmp_path_factory: pytest.TempPathFactory) -> Package:
    document = DOCUMENTS / "ticker.asyncapi.yaml"
    return make_package(tmp_path_factory.mktemp("values"), asyncapi=document, is_client_view=True)


def test_examples_come_back_as_they_were(ticker: Package) -> None:
    assert ticker.round_trips() == 4


@pytest.mark.parametrize(
    ("raw", "name", "attribute", "held"),
    [
        (b'[{"price":2.5}]', "Prices", "value", None),
        (b"[]", "Prices", "value", ()),
        (b"7", "Count", "value", 7),
        (b'"high"', "Level", "value", "high"),
        (b'"green"', "Color", "value", "green"),
        (b'"mauve"', "Level", "value", "mauve"),
        (b"7.5", "Line", "text", "7.5"),
        (b"market closed", "Line", "text", "market closed"),
        (b'{"price":1}', "Line", "text", '{"price":1}'),
    ],
)
def test_a_frame_is_the_first_that_it_fits(
    ticker: Package, raw: bytes, name: str, attribute: str, held: object
) -> None:
    message = OpenCodec(ticker.part("protocol").STREAM).decode(raw)
    assert type(message).__name__ == name
    assert message.raw == raw
    if held is not None:
        assert getattr(message, attribute) == held


def test_bytes_that_are_no_text_are_told(ticker: Package) -> None:
    with pytest.raises(runtime.MessageDecodeError):
        OpenCodec(ticker.part("protocol").STREAM).decode(b"\xff\xfe")


async def test_text_and_arrays_are_sent_as_they_are(ticker: Package) -> None:
    received: list[str | bytes] = []

    async def serve_one(connection: ServerConnection) -> None:
        async for frame in connection:
            received.append(frame)
            await connection.send("[]" if str(frame).startswith("[") else str(len(frame)))

    messages: Any = ticker.part("messages")
    settings = runtime.ClientSettings(reconnect=None, proxy=None)
    async with serve(serve_one, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        kind = next(value for name, value in vars(ticker.module).items() if name.endswith("Client"))
        client = kind(f"ws://127.0.0.1:{port}", settings=settings)
        async with client, client.connect() as connection:
            answer = await connection.shout(messages.Shout(text='say "hi"'))
            await connection.limit(messages.Limits(value=(1.5, 2)))
            prices = await connection.wait_for(messages.Prices, timeout=20)
    assert received == ['say "hi"', "[1.5,2]"]
    assert answer == messages.Count(value=8)
    assert prices.value == ()
