"""Commands from clients: reading one from a frame, and the answers to those that the spec describes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from .._generated.messages import ClientIdReply, ClientIdRequest, Ping, Pong
from .._generated.models import ClientIdReplyBody
from .._generated.protocol import CommandHandler
from .connection import Connection
from .message import Message
from .protocol import Command, HubProtocol
from .validation import SchemaValidator


class Answers(CommandHandler[Connection]):
    """What this hub answers (protocol CMD-2). Correlation and addressing are filled in by the hub."""

    def ping(self, command: Ping, connection: Connection) -> Pong:
        """A pong."""
        del command, connection
        return Pong()

    def client_id(self, command: ClientIdRequest, connection: Connection) -> ClientIdReply:
        """The connection's ID."""
        del command
        return ClientIdReply(body=ClientIdReplyBody(client_id=connection.id))


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """A command that the spec describes."""

    command: Command
    channel: str
    request: Message
    ref_id: str | None
    """The command's own ID; ``None`` when it has none or an empty one (protocol CMD-3)."""


@dataclass(frozen=True, slots=True)
class CommandFault:
    """A frame that is no command of the spec, and why (protocol CMD-5)."""

    error: str
    channel: str | None = None
    """The channel it was meant for, when that is known."""
    ref_id: str | None = None
    """The command's own ID, when it could be read."""


class CommandParser:
    """Reads commands by the protocol's table."""

    def __init__(
        self, protocol: HubProtocol, validator: SchemaValidator, *, reads_aliases: bool = True
    ) -> None:
        self._protocol = protocol
        self._keys = tuple(keys if reads_aliases else keys[:1] for keys in protocol.discriminators)
        self._unread = {key for keys in protocol.discriminators for key in keys} - {
            key for keys in self._keys for key in keys
        }
        self._validator = validator

    def parse(self, text: str) -> ParsedCommand | CommandFault:
        """Read one text message; never raises, whatever it holds."""
        try:
            frame = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.ValidationError:
            return CommandFault("the frame is not a JSON object")
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return CommandFault("the frame is not JSON")
        return self._read(frame)

    def _read(self, frame: dict[str, Any]) -> ParsedCommand | CommandFault:
        frame = {key: value for key, value in frame.items() if key not in self._unread}
        ref_id = _text(frame.get("id"))
        values: list[str] = []
        for keys in self._keys:
            value = _one_value(frame, keys)
            if isinstance(value, CommandFault):
                return replace(value, channel=values[0] if values else None, ref_id=ref_id)
            values.append(value)
        channel = values[0]
        if channel not in self._protocol.channels:
            known = ", ".join(self._protocol.channels)
            return CommandFault(f"unknown channel {_shown(channel)}: there are {known}", None, ref_id)
        command = self._protocol.commands.get(tuple(values))
        if command is None:
            return CommandFault(f"unknown command on {channel}: {_shown(values[-1])}", channel, ref_id)
        ref_id = _text(frame.get(command.request_correlation))
        fault = self._validator.message_fault(command.request.__name__, frame)
        if fault is not None:
            return CommandFault(fault, channel, ref_id)
        canonical = dict(zip((keys[0] for keys in self._keys), values, strict=True))
        try:
            request = msgspec.convert({**frame, **canonical}, command.request)
        except msgspec.ValidationError as error:
            return CommandFault(str(error), channel, ref_id)
        return ParsedCommand(command, channel, request, ref_id)


def _one_value(frame: Mapping[str, Any], keys: tuple[str, ...]) -> str | CommandFault:
    """The value under a key or its aliases (protocol CMD-1)."""
    present = [key for key in keys if key in frame]
    if not present:
        return CommandFault(f"{' or '.join(keys)} is missing")
    for key in present:
        if not isinstance(frame[key], str):
            return CommandFault(f"{key} is not a string")
    if len({frame[key] for key in present}) > 1:
        return CommandFault(f"{' and '.join(present)} differ: send one, or both with the same value")
    return str(frame[present[0]])


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _shown(value: str) -> str:
    return repr(value if len(value) <= 64 else f"{value[:64]}…")
