"""Frames of any stream: by fixed values, else by what they hold, else as unknown messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import msgspec

from .._core.codec import Codec, decoder
from .._core.frames import BinaryFrame
from .._core.message import Message, OpenEnum, decode_open, known_keys
from ..exceptions import MessageDecodeError
from .tables import BinaryMessage, StreamTable, TextMessage, ValueMessage

_FAILURES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class OpenCodec(Codec):
    """Reads every frame: what the table does not name is told by its structure, or is unknown."""

    def __init__(self, table: StreamTable) -> None:
        super().__init__(table)
        self._table = table
        self._decode_listed = self.decode
        self._structural = [(kind, decoder(kind)) for kind in table.structural]
        self._values = [(kind, decoder(_type_of_value(kind))) for kind in table.values]
        self.decode: Callable[[bytes], Message] = self._decode_any

    def encode(self, message: Message) -> bytes:
        """Write a message as one frame; a ``BinaryMessage`` as a binary one."""
        if isinstance(message, BinaryMessage):
            return BinaryFrame(message.data)
        if isinstance(message, TextMessage):
            return message.text.encode()
        if isinstance(message, ValueMessage):
            return self._encode(cast("Any", message).value)
        return super().encode(message)

    def _decode_any(self, raw: bytes) -> Message:
        try:
            message = self._decode_listed(raw)
        except MessageDecodeError as error:
            if error.header is not None:
                raise
            found = self._without_header(raw)
            if found is None:
                raise
        else:
            if type(message) is not self._table.header:
                return message
            found = self._by_structure(raw) or self._value_or_text(raw) or message
        vars(found)["raw"] = raw
        return found

    def _without_header(self, raw: bytes) -> Message | None:
        try:
            msgspec.json.decode(raw)
        except _FAILURES:
            if self._table.binary is None:
                return self._text(raw)
            return self._text(raw) or self._table.binary(data=raw)
        return self._by_structure(raw) or self._value_or_text(raw) or self._table.header()

    def _by_structure(self, raw: bytes) -> Message | None:
        if not self._structural:
            return None
        data: object = msgspec.json.decode(raw)
        best, found = -1, None
        for kind, candidate in self._structural:
            try:
                message = candidate.decode(raw)
            except _FAILURES:
                continue
            known = known_keys(data, kind)
            if known > best:
                best, found = known, message
        return found

    def _value_or_text(self, raw: bytes) -> Message | None:
        newer: Message | None = None
        best: tuple[tuple[int, int], Message] | None = None
        for kind, candidate in self._values:
            try:
                value: object = candidate.decode(raw)
                if kind.positions:
                    value = _items_by_position(cast("tuple[object, ...]", value), kind.positions)
            except _FAILURES:
                continue
            found = cast("Callable[..., Message]", kind)(value=value)
            if kind.positions:
                listed, length = len(kind.positions), len(cast("tuple[object, ...]", value))
                fit = min(listed, length), min(length - listed, 0)
                if best is None or fit > best[0]:
                    best = fit, found
            elif best is None and (not isinstance(value, OpenEnum) or value.is_known):
                return found
            else:
                newer = newer or found
        return best[1] if best is not None else newer or self._text(raw)

    def _text(self, raw: bytes) -> Message | None:
        if self._table.text is None:
            return None
        try:
            return self._table.text(text=raw.decode())
        except UnicodeDecodeError:
            return None


def _items_by_position(items: tuple[object, ...], kinds: tuple[Any, ...]) -> tuple[object, ...]:
    """The items of an array, each of the type of its position; what comes after those stays as it is.

    Raises:
        ValidationError: one is not of its type.
    """
    typed = (
        msgspec.convert(item, kind, dec_hook=decode_open) for item, kind in zip(items, kinds, strict=False)
    )
    return (*typed, *items[len(kinds) :])


def _type_of_value(kind: type[ValueMessage]) -> Any:
    return next(field.type for field in msgspec.structs.fields(kind) if field.name == "value")
