"""What a case has to work with: a hub of its own, the command, and what has to come of them."""

from __future__ import annotations

import asyncio
import secrets
import ssl
import time
import uuid
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, Final

from ..bundle import Bundle, Json
from ..errors import ClientMisbehaved
from ..redaction import Secrets
from ..traffic import CaseTraffic
from ..verdicts import unsupported
from .adversary import LOOPBACK, Adversary
from .command import Command, Printed
from .conversation import Conversation
from .frames import Frames, RawFrame
from .options import ClientSettings
from .pace import Pace
from .visit import Visit

START_PATIENCE: Final = 30.0
"""Seconds for the command to start and to connect, on a machine that is busy."""
_STREAM: Final = "/v1/ws/subscribe"
_BATCH: Final = 50


class Scene:
    """One case's hub and clients."""

    def __init__(self, settings: ClientSettings, bundle: Bundle, traffic: CaseTraffic) -> None:
        self.settings = settings
        self.bundle = bundle
        self.log = Conversation()
        self._traffic = traffic
        self.hub = Adversary(self.log, traffic)
        self.frames = Frames(bundle, settings.seed)
        self.token = f"judge-{secrets.token_hex(12)}"
        self.api_key = f"judge-{secrets.token_hex(4)}:{secrets.token_hex(12)}"
        self.secrets = Secrets([self.token, self.api_key])
        self.commands: list[Command] = []
        self._others: list[Adversary] = []
        self._latest: dict[Adversary, Command] = {}

    @property
    def pace(self) -> Pace:
        """How fast the client is expected to act."""
        return self.settings.pace

    @property
    def patience(self) -> float:
        """Seconds to wait for what comes at once."""
        return self.settings.patience

    async def open(self) -> None:
        """Make the hub listen."""
        await self.hub.open()

    async def close(self) -> None:
        """End the command and the hubs."""
        await asyncio.gather(*(command.stop() for command in self.commands))
        for hub in (self.hub, *self._others):
            await hub.close()

    async def another_hub(self, name: str, tls: ssl.SSLContext | None = None) -> Adversary:
        """One more hub, on another port."""
        hub = Adversary(self.log, self._traffic, name, tls)
        self._others.append(hub)
        await hub.open()
        return hub

    async def start(
        self,
        channels: Sequence[str] = ("pdfm",),
        *,
        hub: Adversary | None = None,
        url: str = "http://{host}",
        environment: Mapping[str, str] | None = None,
    ) -> Command:
        """Start the command against the hub.

        Args:
            channels: What the client is told to ask for.
            hub: Another hub than the case's own.
            url: The base URL, with ``{host}`` for address and port.
            environment: More variables for the command.
        """
        host = f"{LOOPBACK}:{(hub or self.hub).port}"
        filled = {"url": url.format(host=host), "token": self.token}
        words = [_filled(word, filled) for word in self.settings.words]
        given = {"EVENTSHUB_JUDGE_CHANNELS": ",".join(channels), **(environment or {})}
        if self.settings.is_fast:
            given["EVENTSHUB_JUDGE_FAST"] = "1"
        name = f"client{len(self.commands) + 1}"
        command = await Command.start(words, given, self.log, name)
        self.commands.append(command)
        self._latest[hub or self.hub] = command
        return command

    async def visit(self, what: str, within: float = START_PATIENCE, hub: Adversary | None = None) -> Visit:
        """The next connection of the client.

        Raises:
            ClientMisbehaved: It does not come.
        """
        target = hub or self.hub
        command = self._latest.get(target)
        deadline = time.monotonic() + within
        visit: Visit | None = None
        while visit is None and time.monotonic() < deadline:
            visit = await target.visit(min(0.25, within))
            if visit is None and command is not None and command.has_ended:
                visit = await target.visit(0.1)
                break
        if visit is None:
            raise ClientMisbehaved(f"{what}: the client did not connect{self._how_it_ended(within)}")
        return visit

    async def welcomed(
        self, what: str = "at first", within: float = START_PATIENCE, **changes: Json
    ) -> Visit:
        """The next connection of the client, accepted and welcomed with all it asked for."""
        visit = await self.visit(what, within)
        await self.welcome(visit, **changes)
        return visit

    async def welcome(self, visit: Visit, granted: Iterable[str] | None = None, **changes: Json) -> None:
        """Accept a connection and send its welcome; JSON pings are answered from then on."""
        visit.client_id = str(uuid.uuid4())
        visit.reply = self.pong
        await visit.accept()
        names = visit.request.channels if granted is None else granted
        subscriptions = [*(name for name in names if name in self.bundle.stream.channels), "global"]
        subscriptions = list(dict.fromkeys(subscriptions))
        await visit.send(self.frames.welcome(visit.client_id, subscriptions, **changes))

    async def connected(
        self, channels: Sequence[str] = ("pdfm",), environment: Mapping[str, str] | None = None
    ) -> tuple[Command, Visit]:
        """A client that is connected and has shown that it receives."""
        command = await self.start(channels, environment=environment)
        visit = await self.welcomed()
        await self.deliver(command, visit, self.frames.event("pdfm"), "an event of the documents")
        return command, visit

    async def returned(self, what: str, extra: float = 0.0) -> Visit:
        """The client's next connection after a loss, welcomed."""
        return await self.welcomed(what, self.pace.longest_delay + self.patience + extra)

    def pong(self, command: Mapping[str, Json]) -> dict[str, Json] | None:
        """The answer to a JSON ping (protocol CMD-2)."""
        if command.get("message") != "ping":
            return None
        return self.frames.envelope("health", "pong", ref_id=command.get("id"), client_id="-")

    async def deliver(self, command: Command, visit: Visit, frame: dict[str, Json], what: str) -> None:
        """Send an event, and see it printed as it was sent.

        Raises:
            ClientMisbehaved: It was not printed, or not as it was sent.
        """
        await visit.send(frame)
        await self.expect(command, frame, what)

    async def expect(self, command: Command, frame: dict[str, Json], what: str) -> None:
        """See an event printed that was sent."""
        line = await command.wait_for(lambda line: line.value.get("id") == frame["id"], self.patience)
        if line is None:
            raise ClientMisbehaved(f"{what} was not delivered{self._how_it_ended(self.patience)}")
        if line.value != frame:
            keys = [key for key in frame if line.value.get(key) != frame[key]] or sorted(
                line.value.keys() - frame.keys()
            )
            raise ClientMisbehaved(f"{what} was delivered with other data at {', '.join(keys)}")

    async def survive(self, command: Command, visit: Visit, frames: Sequence[RawFrame]) -> None:
        """Send frames that mean nothing, a good event after each, and see every good one printed in order.

        Raises:
            ClientMisbehaved: One is missing; the report says after which frame.
        """
        for start in range(0, len(frames), _BATCH):
            markers: list[dict[str, Json]] = []
            seen = len(command.printed)
            for opcode, payload in frames[start : start + _BATCH]:
                markers.append(self.frames.event("pdfm"))
                await visit.send_frame(opcode, payload)
                await visit.send(markers[-1])
            last = markers[-1]["id"]
            await command.wait_for(_has_id(last), self.patience, seen)
            got = [line.value.get("id") for line in command.printed[seen:]]
            for (opcode, payload), marker in zip(frames[start : start + _BATCH], markers, strict=True):
                if marker["id"] not in got:
                    shown = payload[:200].decode("utf-8", "backslashreplace")
                    kind = "binary" if opcode == 2 else "text"
                    raise ClientMisbehaved(
                        f"no event was delivered after the {kind} frame {shown!r}{self._how_it_ended(0)}"
                    )

    async def notice(self, command: Command, *names: str, within: float | None = None) -> Printed | None:
        """A notice of one of these names; None: there was none in time."""
        return await command.wait_for(
            lambda line: line.notice in names, self.patience if within is None else within
        )

    async def no_visit(self, command: Command, what: str, within: float) -> None:
        """Watch that the client does not connect any more; a command that has ended cannot.

        Raises:
            ClientMisbehaved: It connects.
        """
        deadline = time.monotonic() + within
        while True:
            is_over = command.has_ended or time.monotonic() > deadline
            if await self.hub.visit(0.1) is not None:
                raise ClientMisbehaved(f"{what}: the client connected again")
            if is_over:
                return

    async def together(self, *jobs: Coroutine[Any, Any, None]) -> None:
        """Do several things at once; the first finding ends them all."""
        tasks = [asyncio.create_task(job) for job in jobs]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def pause(self, seconds: float) -> None:
        """Let time pass; never to guess that something has happened by then."""
        await asyncio.sleep(seconds)

    def needs(self, has_it: object, reason: str) -> None:
        """End the case without judging when the command lacks what the case needs."""
        if not has_it:
            unsupported(reason)

    def require(self, holds: object, finding: str) -> None:
        """End the case with a finding unless something holds.

        Raises:
            ClientMisbehaved: It does not.
        """
        if not holds:
            raise ClientMisbehaved(finding)

    def _how_it_ended(self, within: float) -> str:
        ended = [command for command in self.commands if command.has_ended]
        if not ended:
            return f" within {within:g} s" if within else ""
        last = ended[-1]
        said = f": {last.last_words}" if last.last_words else ""
        return f"; the command had ended with {last.exit_code}{said}"


def _has_id(wanted: Json) -> Callable[[Printed], bool]:
    return lambda line: line.value.get("id") == wanted


def _filled(word: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(f"{{{name}}}", value)
    return word


def stream_path(prefix: str = "") -> str:
    """Where a client has to subscribe (protocol CONN-1)."""
    return f"{prefix}{_STREAM}"
