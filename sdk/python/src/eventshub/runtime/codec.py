"""Frames of any stream: by fixed values, else by what they hold, else as unknown messages."""

from __future__ import annotations

import msgspec

from .._core.codec import Codec, decoder
from .._core.frames import BinaryFrame
from .._core.message import Message, known_keys
from ..exceptions import MessageDecodeError
from .tables import BinaryMessage, StreamTable

_FAILURES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class OpenCodec(Codec):
    """Reads every frame: what the table does not name is told by its structure, or is unknown."""

    def __init__(self, table: StreamTable) -> None:
        super().__init__(table)
        self._table = table
        self._decode_listed = self.decode
        self._structural = [(kind, decoder(kind)) for kind in table.structural]
        self.decode = self._decode_any

    def encode(self, message: Message) -> bytes:
        """Write a message as one frame; a ``BinaryMessage`` as a binary one."""
        return BinaryFrame(message.data) if isinstance(message, BinaryMessage) else super().encode(message)

    def _decode_any(self, raw: bytes) -> Message:
        unknown = self._table.header
        try:
            message = self._decode_listed(raw)
        except MessageDecodeError as error:
            if error.header is not None:
                raise
            found = self._without_header(raw)
            if found is None:
                raise
            return found
        if type(message) is unknown and self._structural:
            return self._by_structure(raw) or message
        return message

    def _without_header(self, raw: bytes) -> Message | None:
        try:
            msgspec.json.decode(raw)
        except _FAILURES:
            if self._table.binary is None:
                return None
            message = self._table.binary(data=raw)
            vars(message)["raw"] = raw
            return message
        found = self._by_structure(raw)
        if found is None:
            found = self._table.header()
            vars(found)["raw"] = raw
        return found

    def _by_structure(self, raw: bytes) -> Message | None:
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
        if found is not None:
            vars(found)["raw"] = raw
        return found
