"""Frames to messages and commands to frames.

Decoding has two stages: the header says which message it is, then the decoder of exactly that message
reads the frame. That is cheaper than any union, and what is unknown costs the header alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar, cast

import msgspec

from ..exceptions import MessageDecodeError
from .foreign_text import one_line
from .message import Message, decode_open, encode_open
from .protocol import StreamProtocol

MessageT = TypeVar("MessageT", bound=Message)
ValueT = TypeVar("ValueT")

# All that msgspec raises for bytes it cannot make a value of.
_FAILURES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_PATHS = re.compile(r"(?: - at `\$[^`]*`)+\Z")
_PATH = re.compile(r" - at `\$([^`]*)`")


def decoder(value_type: type[ValueT]) -> msgspec.json.Decoder[ValueT]:
    """A JSON decoder of a generated type."""
    return msgspec.json.Decoder(value_type, dec_hook=decode_open)


def explain(error: Exception) -> tuple[str, str]:
    """Split a failure of msgspec into a reason and one JSON path."""
    if isinstance(error, RecursionError):
        return "nested too deep", "$"
    text = str(error)
    found = _PATHS.search(text)
    if found is None:
        return text, "$"
    # An open object is converted by a decoder of its own: its path comes first, the way to it after that.
    inner_to_outer = _PATH.findall(found[0])
    return text[: found.start()], "$" + "".join(reversed(inner_to_outer))


class Codec:
    """Reads and writes the messages of one protocol."""

    decode: Callable[[bytes], Message]
    """Read one frame; a message that the protocol does not list comes back as its header type.

    Raises:
        MessageDecodeError: the frame is no JSON object with a header, or its message breaks the schema.
    """

    def __init__(self, protocol: StreamProtocol) -> None:
        self.decode = _two_stages(protocol)
        self._encode = msgspec.json.Encoder(enc_hook=encode_open).encode

    def decode_as(self, message_type: type[MessageT], raw: bytes) -> MessageT:
        """Read a frame whose type is known by other means than its header.

        Raises:
            MessageDecodeError: the frame is no such message.
        """
        try:
            message = decoder(message_type).decode(raw)
        except _FAILURES as error:
            raise _decode_error(error, raw, None, "a frame") from error
        vars(message)["raw"] = raw
        return message

    def encode(self, message: Message) -> bytes:
        """Write a message as one frame."""
        return self._encode(message)


class _Decoders(dict[Any, Callable[[bytes], Message] | None]):
    """The decoder of each message, made at first sight: most connections see few of all messages."""

    def __init__(self, protocol: StreamProtocol) -> None:
        super().__init__()
        self._messages = protocol.messages
        self._is_single = len(protocol.discriminators) == 1

    def __missing__(self, values: Any) -> Callable[[bytes], Message] | None:
        message_type = self._messages.get((values,) if self._is_single else values)
        if message_type is None:
            # Not remembered: a peer could make up names without end.
            return None
        decode = self[values] = decoder(message_type).decode
        return decode


def _two_stages(protocol: StreamProtocol) -> Callable[[bytes], Message]:
    # A closure, and `__dict__` spelled out: at a million events an hour each look-up counts.
    decode_header = decoder(protocol.header).decode
    values = attrgetter(*protocol.discriminators) if protocol.discriminators else _no_values
    decoders = _Decoders(protocol)

    def decode(raw: bytes) -> Message:
        try:
            message = decode_header(raw)
            decode_message = decoders[values(message)]
            if decode_message is not None:
                message = decode_message(raw)
        except _FAILURES as error:
            raise explained(error, raw) from error
        message.__dict__["raw"] = raw  # pyright: ignore[reportIndexIssue] - a Struct's with dict=True is a dict
        return message

    def explained(error: Exception, raw: bytes) -> MessageDecodeError:
        try:
            header = decode_header(raw)
        except _FAILURES:
            return _decode_error(error, raw, None, "a frame")
        what = f"the message {_name(values(header))}" if protocol.discriminators else "a frame"
        return _decode_error(error, raw, header, what)

    return decode


def _no_values(_: Message) -> tuple[()]:
    return ()


def _name(values: object) -> str:
    return "/".join(map(str, cast("tuple[object, ...]", values) if isinstance(values, tuple) else (values,)))


def _decode_error(error: Exception, raw: bytes, header: Message | None, what: str) -> MessageDecodeError:
    reason, path = explain(error)
    return MessageDecodeError(reason=one_line(reason), path=path, raw=raw, header=header, what=one_line(what))
