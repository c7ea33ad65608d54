"""A frame that could not be decoded, as data in the stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import msgspec

from ..exceptions import MessageDecodeError
from .message import Message

OnInvalid: TypeAlias = Literal["yield", "raise"]


@dataclass(frozen=True, slots=True)
class InvalidEvent:
    """A frame that breaks the schema of its message, or that is no message at all.

    It takes the frame's place in the stream, which goes on after it.
    """

    error: MessageDecodeError

    @property
    def reason(self) -> str:
        """What is wrong."""
        return self.error.reason

    @property
    def path(self) -> str:
        """Where, as a JSON path; ``$`` is the whole frame."""
        return self.error.path

    @property
    def header(self) -> Message | None:
        """What could be read of it; None when not even that."""
        return self.error.header

    @property
    def raw(self) -> bytes:
        """The frame exactly as it was received."""
        return self.error.raw

    @property
    def payload(self) -> Any:
        """The frame as plain JSON data; None when it is no JSON."""
        try:
            return msgspec.json.decode(self.raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
