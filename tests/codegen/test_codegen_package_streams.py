"""Generated connections against a real server that does what their document says."""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.codegen.packages import DOCUMENTS, Package, make_package
from websockets.asyncio.server import Server, ServerConnection, serve

from eventshub import runtime
from eventshub.exceptions import CommandError, ConnectionLostError, CredentialError


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return make_package(
        tmp_path_factory.mktemp("streams"),
        asyncapi=DOCUMENTS / "greenhouse.asyncapi.yaml",
        openapi=DOCUMENTS / "greenhouse.openapi.yaml",
    )


@dataclass
class Greenhouse:
    """The server's side: what was asked for, what came, what to say."""

    url: str = ""
    paths: list[str] = field(default_factory=list[str])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    received: list[str | bytes] = field(default_factory=list[str | bytes])
    greeting: list[str | bytes] = field(default_factory=list[str | bytes])
    closes_after_greeting: bool = False

    async def serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.paths.append(connection.request.path)
        self.headers.append({name.lower(): value for name, value in connection.request.headers.raw_items()})
        for frame in self.greeting:
            await connection.send(frame)
        if self.closes_after_greeting:
            await connection.close(1012)
        async for frame in connection:
            self.received.append(frame)
            answer = self.answer(json.loads(frame)) if isinstance(frame, str) else None
            if answer is not None:
                await connection.send(json.dumps(answer))

    def answer(self, command: dict[str, Any]) -> dict[str, Any] | None:
        match command:
            case {"kind": "move", "vent": "stuck", "seq": seq}:
                return {"kind": "jammed", "seq": seq}
            case {"kind": "move", "seq": seq}:
                return {"kind": "moved", "seq": seq, "open": True}
            case {"kind": "calibrate", "sensor": sensor}:
                return {"kind": "calibrated", "sensor": sensor}
            case _:
                return None


@pytest.fixture
async def greenhouse() -> AsyncIterator[Greenhouse]:
    house = Greenhouse()
    server: Server
    async with serve(house.serve, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        house.url = f"ws://127.0.0.1:{port}/live"
        yield house


def client_of(package: Package, greenhouse: Greenhouse, *, is_sync: bool = False, **options: Any) -> Any:
    kind = next(
        value
        for name, value in vars(package.module).items()
        if name.endswith("Client") and name.startswith("Sync") == is_sync
    )
    settings = runtime.ClientSettings(reconnect=None, proxy=None)
    return kind(greenhouse.url, **{"gardener": "secret", "settings": settings} | options)


async def test_the_address_is_filled_in_and_the_credential_goes_where_it_belongs(
    package: Package, greenhouse: Greenhouse
) -> None:
    client = client_of(package, greenhouse, gardener=None, ticket=lambda: "a/b")
    async with client.connect_climate(zone="cacti & co", every=5, units="metric", x_trace="t1"):
        pass
    assert greenhouse.paths == ["/live/zones/cacti%20%26%20co/climate?every=5&units=metric&ticket=a%2Fb"]
    assert greenhouse.headers[0]["x-trace"] == "t1"
    assert "authorization" not in greenhouse.headers[0]


async def test_messages_are_told_by_values_by_structure_or_are_unknown(
    package: Package, greenhouse: Greenhouse
) -> None:
    greenhouse.greeting = [
        json.dumps({"kind": "reading", "sensor": "t", "at": "2031-05-01T10:00:00Z", "class": "x"}),
        json.dumps({"sensor": "t", "offset": 2}),
        json.dumps({"kind": "alarm", "cause": {"litres": 1}}),
        json.dumps({"kind": "fog", "density": 3}),
        json.dumps([1, 2]),
        json.dumps({"kind": "alarm"}),
        b"\xff\xd8jpeg",
    ]
    messages = package.part("messages")
    found: list[Any] = []
    async with client_of(package, greenhouse).connect_climate(zone="ferns", every=1) as climate:
        async for message in climate:
            found.append(message)
            if len(found) == len(greenhouse.greeting):
                break
    reading, drift, alarm, fog, array, invalid, picture = found
    assert (reading.class_, reading.at) == ("x", datetime(2031, 5, 1, 10, tzinfo=UTC))
    assert drift == messages.Drift(sensor="t", offset=2.0)
    assert alarm.cause.value == package.part("models").Leak(litres=1.0)
    assert (fog.kind, fog.payload["density"]) == ("fog", 3)
    assert isinstance(fog, runtime.UnknownMessage)
    assert isinstance(array, runtime.UnknownMessage)
    assert array.payload == [1, 2]
    assert isinstance(invalid, runtime.InvalidEvent)
    assert picture == messages.Picture(data=b"\xff\xd8jpeg")


async def test_commands_get_the_answers_that_are_theirs(package: Package, greenhouse: Greenhouse) -> None:
    messages = package.part("messages")
    client = client_of(package, greenhouse)
    async with client.connect_vents() as vents:
        waiting: list[asyncio.Task[Any]] = [
            asyncio.create_task(vents.move_vent(messages.Move(vent=name))) for name in ("a", "b")
        ]
        both = [await answer for answer in waiting]
        assert [(answer.seq, answer.open) for answer in both] == [(1, True), (2, True)]
        with pytest.raises(CommandError) as refusal:
            await vents.move_vent(messages.Move(vent="stuck"))
        assert isinstance(refusal.value.reply, messages.Jammed)
        await vents.upload_firmware(messages.Firmware(data=b"\x00\x01"))
        await vents.reply_to_ask_gardener(messages.Confirm(yes=True))
        await vents.move_vent(messages.Move(vent="c"))
    assert greenhouse.received[3] == b"\x00\x01"
    assert json.loads(greenhouse.received[4]) == {"kind": "confirm", "yes": True}
    async with client.connect_climate(zone="ferns", every=1) as climate:
        answer = await climate.calibrate(messages.Calibrate(sensor="t-9"))
        assert answer == messages.Calibrated(sensor="t-9")


async def test_a_connection_that_is_lost_is_made_again_and_told(
    package: Package, greenhouse: Greenhouse
) -> None:
    greenhouse.greeting = [json.dumps({"kind": "query", "text": "?"})]
    settings = runtime.ClientSettings(
        reconnect=runtime.Reconnect(min_delay=0.001, max_delay=0.002), proxy=None
    )
    messages = package.part("messages")
    kinds: list[Any] = []
    async with client_of(package, greenhouse, settings=settings).connect_vents() as vents:
        async for message in vents:
            kinds.append(type(message))
            if kinds == [messages.Query]:
                vents._stream.driver._transport.abort()
            if len(kinds) == 3:
                break
    assert kinds == [messages.Query, runtime.Reconnected, messages.Query]


async def test_secrets_and_values_that_cannot_be_sent_are_refused_before_anything_is_sent(
    package: Package, greenhouse: Greenhouse
) -> None:
    with pytest.raises(CredentialError, match="ticket= or gardener="):
        await client_of(package, greenhouse, gardener=None).connect_vents().__aenter__()
    with pytest.raises(ValueError, match="'zone' must not be empty"):
        client_of(package, greenhouse).connect_climate(zone="..", every=1)
    with pytest.raises(ValueError, match="X-Trace"):
        client_of(package, greenhouse).connect_climate(zone="ferns", every=1, x_trace="a\r\nb: c")
    assert greenhouse.paths == []


async def test_errors_do_not_show_what_is_in_the_query(package: Package, greenhouse: Greenhouse) -> None:
    client = client_of(package, greenhouse, gardener=None, ticket="hidden")
    greenhouse_gone = greenhouse.url
    client = type(client)(
        greenhouse_gone.rsplit(":", 1)[0] + ":1/live", ticket="hidden", settings=client.settings
    )
    with pytest.raises(runtime.EventsHubError) as failure:
        await client.connect_vents().__aenter__()
    assert "hidden" not in f"{failure.value!r} {client!r} {client.settings!r}"


async def test_the_twin_for_threads_does_the_same(package: Package, greenhouse: Greenhouse) -> None:
    messages = package.part("messages")
    greenhouse.greeting = [json.dumps({"kind": "query", "text": "?"})]
    client = client_of(package, greenhouse, is_sync=True)

    def in_a_thread() -> list[Any]:
        with client, client.connect_vents() as vents:
            first = next(vents)
            answer = vents.move_vent(messages.Move(vent="a"))
            vents.send(messages.Firmware(data=b"\x00\x01"))
            with pytest.raises(CommandError):
                vents.move_vent(messages.Move(vent="stuck"))
            vents.close()
            return [first, answer, *vents]

    first, answer = await asyncio.to_thread(in_a_thread)
    assert (type(first), answer.seq) == (messages.Query, 1)
    assert greenhouse.received[1] == b"\x00\x01"
    assert not [thread for thread in threading.enumerate() if thread.name == "eventshub"]


async def test_threads_get_a_lost_connection_back_and_the_end_of_one_that_stays_lost(
    package: Package, greenhouse: Greenhouse
) -> None:
    greenhouse.greeting = [json.dumps({"kind": "query", "text": "?"})]
    greenhouse.closes_after_greeting = True
    reconnect = runtime.Reconnect(min_delay=0.001, max_delay=0.002)
    settings = runtime.ClientSettings(reconnect=reconnect, proxy=None)
    lasting = client_of(package, greenhouse, is_sync=True, settings=settings)

    def three() -> list[str]:
        with lasting.connect_vents() as vents:
            return [type(next(vents)).__name__ for _ in range(3)]

    assert await asyncio.to_thread(three) == ["Query", "Reconnected", "Query"]

    def all_of_it() -> None:
        with client_of(package, greenhouse, is_sync=True).connect_vents() as vents:
            for _ in vents:
                pass

    with pytest.raises(ConnectionLostError):
        await asyncio.to_thread(all_of_it)


def test_the_twins_have_the_same_methods(package: Package) -> None:
    clients, twins = package.part("client"), package.part("sync_client")
    names: list[str] = [name for name in dir(twins) if name.startswith("Sync")]
    assert len(names) == 3
    for name in names:
        assert parameters_of(getattr(twins, name)) == parameters_of(
            getattr(clients, name.removeprefix("Sync"))
        )


def parameters_of(kind: type[object]) -> dict[str, list[inspect.Parameter]]:
    methods = {name: each for name, each in vars(kind).items() if inspect.isfunction(each)}
    return {name: list(inspect.signature(each).parameters.values()) for name, each in methods.items()}
