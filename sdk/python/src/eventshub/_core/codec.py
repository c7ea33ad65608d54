"""Frames to messages and commands to frames.

Decoding has two stages: the header says which message it is, then the decoder of exactly that message
reads the frame. That is cheaper than any union, and what is unknown costs the header alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar

import msgspec

from ..exceptions import MessageDecodeError
from .foreign_text import one_line
from .message import Message, decode_open, encode_open
from .one_pass import one_pass_decoder
from .protocol import StreamProtocol

MessageT = TypeVar("MessageT", bound=Message)
ValueT = TypeVar("ValueT")
_Decode: TypeAlias = Callable[[bytes], Message]

# All that msgspec raises for bytes it cannot make a value of.
_FAILURES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_REMEMBERED = 1000
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
        self._protocol = protocol
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

    def decode_welcome(self, welcome_type: type[MessageT], raw: bytes) -> MessageT:
        """Read the first frame of a connection, whose type its position tells.

        Raises:
            MessageDecodeError: the frame is no welcome, or has no name.
        """
        try:
            msgspec.json.decode(raw, type=_named_by(welcome_type, self._protocol))
        except _FAILURES as error:
            raise _decode_error(error, raw, None, "a frame") from error
        return self.decode_as(welcome_type, raw)

    def encode(self, message: Message) -> bytes:
        """Write a message as one frame."""
        return self._encode(message)


class _Decoders(dict[Any, _Decode]):
    """The decoder of each message, made at first sight: most connections see few of all messages."""

    def __init__(self, makers: Mapping[Any, Callable[[], _Decode]], unknown: _Decode) -> None:
        super().__init__()
        self._makers = makers
        self._unknown = unknown

    def __missing__(self, name: Any) -> _Decode:
        make = self._makers.get(name)
        decode = self._unknown if make is None else make()
        # A peer could make up names without end.
        if make is not None or len(self) < _REMEMBERED:
            self[name] = decode
        return decode


class _DecodersByFirst(dict[Any, _Decoders]):
    """The same in two steps, for messages that two values name: no tuple has to be made to look one up."""

    def __init__(self, makers: Mapping[tuple[Any, ...], Callable[[], _Decode]], unknown: _Decode) -> None:
        by_first: dict[Any, dict[Any, Callable[[], _Decode]]] = {}
        for (first, second), make in makers.items():
            by_first.setdefault(first, {})[second] = make
        super().__init__((first, _Decoders(seconds, unknown)) for first, seconds in by_first.items())
        self._none = _Decoders({}, unknown)

    def __missing__(self, first: Any) -> _Decoders:
        return self._none


def _makers(protocol: StreamProtocol) -> dict[tuple[Any, ...], Callable[[], _Decode]]:
    return {
        values: partial(
            _message_decoder, message_type, dict(zip(protocol.discriminators, values, strict=False))
        )
        for values, message_type in protocol.messages.items()
    }


def _message_decoder(message_type: type[Message], name: Mapping[str, object]) -> _Decode:
    return one_pass_decoder(message_type, name) or decoder(message_type).decode


# What follows runs a million times an hour: closures, names spelled out, no call too many.


def _two_stages(protocol: StreamProtocol) -> Callable[[bytes], Message]:
    if len(protocol.discriminators) == 2:
        return _by_two_names(protocol)
    decode_header = decoder(protocol.header).decode
    names = attrgetter(*protocol.discriminators) if protocol.discriminators else _no_names
    is_single = len(protocol.discriminators) == 1
    makers = {key[0] if is_single else key: make for key, make in _makers(protocol).items()}
    decoders = _Decoders(makers, decode_header)

    def decode(raw: bytes) -> Message:
        try:
            message = decoders[names(decode_header(raw))](raw)
        except _FAILURES as error:
            message = _decoded_otherwise(protocol, error, raw)
        message.__dict__["raw"] = raw  # pyright: ignore[reportIndexIssue] - a Struct's with dict=True is a dict
        return message

    return decode


def _by_two_names(protocol: StreamProtocol) -> Callable[[bytes], Message]:
    decode_header = msgspec.json.Decoder(_two_names(protocol)).decode
    decoders = _DecodersByFirst(_makers(protocol), decoder(protocol.header).decode)

    def decode(raw: bytes) -> Message:
        try:
            header = decode_header(raw)
            message = decoders[header.first][header.second](raw)
        except _FAILURES as error:
            message = _decoded_otherwise(protocol, error, raw)
        message.__dict__["raw"] = raw  # pyright: ignore[reportIndexIssue] - a Struct's with dict=True is a dict
        return message

    return decode


def _no_names(_: Message) -> tuple[()]:
    return ()


def _two_names(protocol: StreamProtocol) -> type[Any]:
    """The header reduced to what names the message, under attributes that code can spell out."""
    fields = {field.name: field for field in msgspec.structs.fields(protocol.header)}
    named = [
        (
            attribute,
            fields[name].type,
            msgspec.field(name=fields[name].encode_name, default=fields[name].default),
        )
        for attribute, name in zip(("first", "second"), protocol.discriminators, strict=True)
    ]
    return msgspec.defstruct("TwoNames", named, kw_only=True, gc=False)


def _named_by(message_type: type[Message], protocol: StreamProtocol) -> type[Any]:
    """The part of a message's name that has to be there; the message's own class has defaults for it."""
    header = {field.name: field for field in msgspec.structs.fields(protocol.header)}
    named = [
        (field.name, header[field.name].type, msgspec.field(name=field.encode_name))
        for field in msgspec.structs.fields(message_type)
        if field.name in protocol.discriminators
        and header[field.name].required
        and field.default is not msgspec.UNSET
    ]
    return msgspec.defstruct("Named", named, kw_only=True)


def _decoded_otherwise(protocol: StreamProtocol, error: Exception, raw: bytes) -> Message:
    """What one pass could not decode, or why there is nothing to decode."""
    try:
        header = decoder(protocol.header).decode(raw)
    except _FAILURES:
        raise _decode_error(error, raw, None, "a frame") from error
    if not protocol.discriminators:
        raise _decode_error(error, raw, header, "a frame") from error
    values = tuple(getattr(header, each) for each in protocol.discriminators)
    try:
        return decoder(protocol.messages.get(values, protocol.header)).decode(raw)
    except _FAILURES as failure:
        raise _decode_error(failure, raw, header, f"the message {_name(values)}") from failure


def _name(values: tuple[object, ...]) -> str:
    return "/".join(map(str, values))


def _decode_error(error: Exception, raw: bytes, header: Message | None, what: str) -> MessageDecodeError:
    reason, path = explain(error)
    return MessageDecodeError(reason=one_line(reason), path=path, raw=raw, header=header, what=one_line(what))
