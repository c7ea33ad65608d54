"""A hub that fails in every way a network can, and knows what it owes to each of its connections."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.sdk import frames
from tests.sdk.raw_frames import CLOSE, CONTINUATION, PING, PONG, TEXT, client_frame, frame, upgrade_answer
from tests.sdk.scripted_hub import http_answer

REFUSALS = {
    409: b'{"code": 409, "message": "another connection from 127.0.0.1"}',
    429: b'{"code": 429, "message": "slow down"}',
    503: b"<html>no hub here</html>",
}
CLOSE_CODES = (1001, 1011, 1012, 1013)
BEFORE_THE_STREAM = ("refuse", "end before the answer", "reset before the answer", "end before the welcome")
IN_THE_STREAM = (*("close frame", "end", "end within a frame", "reset", "drip") * 2, "silence")
LAST_EVENT = "the last one"


@dataclass
class Served:
    """One connection that was accepted, as the hub saw it."""

    client_id: str
    fault: str
    sent: list[str] = field(default_factory=list[str])
    """Names of all events that were handed to the network whole."""
    confirmed: int = 0
    """So many of them had come in for sure when the client answered a ping."""
    is_owed_all: bool = False
    """Whether the stream ended in a way that keeps what was sent before."""
    client_gave_up: bool = False
    answered: int = 0
    """So many of the client's commands were answered whole."""
    says_no_more: bool = False
    is_within_frame: bool = False
    answers: list[bytes] = field(default_factory=list[bytes], repr=False)
    """What has to wait until a frame is whole."""
    is_alone: bool = False
    """Whether the client is gone."""
    heard: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    """Something came from the client, or nothing will."""


class ChaosHub:
    """Serves connection after connection, each with a fault of its own; after ``calm`` none has any.

    Args:
        seed: Decides all that is decided here.
        faults: After so many connections the hub is calm.
    """

    def __init__(self, seed: int, faults: int) -> None:
        self.url = ""
        self.served: list[Served] = []
        self.faults = faults
        self.connections = 0
        self._seed = seed
        self._published = 0

    def calm(self) -> None:
        """From the next connection on, nothing fails any more."""
        self.faults = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, to its end."""
        number, self.connections = self.connections, self.connections + 1
        # Each connection has its own chance: how quick the one before was changes nothing.
        chance = random.Random(f"{self._seed}/{number}")
        try:
            await self._serve(number, chance, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _serve(
        self, number: int, chance: random.Random, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        is_calm = number >= self.faults
        # The first connection has to come about: no client would stay with what never was a hub.
        before = not is_calm and number > 0 and chance.random() < 0.3
        fault = "none" if is_calm else chance.choice(BEFORE_THE_STREAM if before else IN_THE_STREAM)
        answer = await upgrade_answer(reader)
        match fault:
            case "refuse":
                status = chance.choice(list(REFUSALS))
                writer.write(http_answer(f"{status} No", REFUSALS[status], Retry_After="0"))
                return
            case "end before the answer":
                writer.write(answer[: chance.randrange(len(answer))])
                return
            case "reset before the answer":
                reset(writer)
                return
            case "end before the welcome":
                welcome = frame(frames.welcome("pdfm", "global"))
                writer.write(answer + welcome[: chance.randrange(len(welcome))])
                return
            case _:
                await self._stream(Served(f"client-{number}", fault), chance, answer, reader, writer)

    async def _stream(
        self,
        served: Served,
        chance: random.Random,
        answer: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.served.append(served)
        body = {"client_id": served.client_id, "subscriptions": ["pdfm", "global"]}
        writer.write(answer + frame(frames.welcome(body=body)))
        listening = asyncio.create_task(listen(served, reader, writer))
        try:
            for _ in range(3 if served.fault == "none" else chance.randrange(1, 40)):
                await self._publish(served, chance, writer)
                if chance.random() < 0.1:
                    await confirm(served, writer)
            if served.fault == "none":
                await self._publish(served, chance, writer, LAST_EVENT)
            await end(served, chance, writer)
            # Until the client has gone too, or it could not be said whether it gave up before it was cut.
            await asyncio.wait([listening], timeout=10)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _publish(
        self, served: Served, chance: random.Random, writer: asyncio.StreamWriter, name: str = ""
    ) -> None:
        self._published += 1
        name = name or f"vm-{self._published}"
        event = frames.vm_state(name + "." * chance.choice([0, 0, 0, 100, 5_000, 70_000]))
        if chance.random() < 0.05:
            event = frames.event("pdfm", "VM_STATE_CHANGED", {"vm_id": name})
        data = frame(event)
        if chance.random() < 0.1:
            cut = chance.randrange(len(event))
            data = frame(event[:cut], flags=0) + frame(b"", PING) + frame(event[cut:], CONTINUATION)
        served.is_within_frame = True
        while data:
            size = chance.choice([1, 300, len(data), len(data)])
            writer.write(data[:size])
            data = data[size:]
            if chance.random() < 0.3:
                await writer.drain()
                await asyncio.sleep(0)
        served.is_within_frame = False
        served.sent.append(name)
        answer(served, writer)


async def listen(served: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read what the client sends until it is gone."""
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        while True:
            kind, payload = await client_frame(reader)
            if kind == PONG and payload:
                served.confirmed = max(served.confirmed, int.from_bytes(payload, "big"))
                served.heard.set()
            elif kind == PING and served.fault != "silence":
                answer(served, writer, frame(payload, PONG))
            elif kind == TEXT:
                answer(served, writer, frame(frames.pong(json.loads(payload)["id"])))
            elif kind == CLOSE:
                served.client_gave_up = int.from_bytes(payload[:2], "big") == 1011
    served.is_alone = True
    served.heard.set()


def answer(served: Served, writer: asyncio.StreamWriter, *answers: bytes) -> None:
    """Answer now, or once the frame is whole that is being written."""
    served.answers += answers
    if served.is_within_frame or served.says_no_more:
        return
    for data in served.answers:
        writer.write(data)
        served.answered += data[0] & 0x0F == TEXT
    served.answers.clear()


async def confirm(served: Served, writer: asyncio.StreamWriter) -> None:
    """Wait until everything so far has come in, or the client is gone."""
    count = len(served.sent)
    writer.write(frame(count.to_bytes(4, "big"), PING))
    await writer.drain()
    while served.confirmed < count and not served.is_alone:
        served.heard.clear()
        await served.heard.wait()


async def end(served: Served, chance: random.Random, writer: asyncio.StreamWriter) -> None:
    """Commit the connection's fault."""
    served.says_no_more = served.fault not in {"none", "silence"}
    match served.fault:
        case "close frame":
            writer.write(frame(chance.choice(CLOSE_CODES).to_bytes(2, "big"), CLOSE))
            served.is_owed_all = True
        case "end":
            served.is_owed_all = True
        case "end within a frame":
            partial = frame(frames.vm_state("never whole"))
            writer.write(partial[: chance.randrange(1, len(partial))])
            served.is_owed_all = True
        case "drip":
            for byte in frame(frames.vm_state("never whole"))[:-1]:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0)
            served.is_owed_all = True
        case "reset":
            reset(writer)
            return
        case _:
            # Silence, which the client has to notice, or calm, which it has to end.
            served.is_owed_all = served.fault == "none"
            await writer.drain()
            return
    await writer.drain()
    if not served.is_alone:
        writer.write_eof()


def reset(writer: asyncio.StreamWriter) -> None:
    """Cut the connection as a router does that has forgotten it: what is on its way is lost."""
    plain: socket.socket = writer.get_extra_info("socket")
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def chaos_hub(seed: int, faults: int) -> AsyncGenerator[ChaosHub]:
    """Run a hub on loopback."""
    hub = ChaosHub(seed, faults)
    serving: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        await hub.accept(reader, writer)

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        hub.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield hub
        await asyncio.gather(*serving)


def name_of(payload: dict[str, dict[str, str]]) -> str:
    """The name of a published event, from its whole frame."""
    return payload["body"]["vm_id"].rstrip(".")
