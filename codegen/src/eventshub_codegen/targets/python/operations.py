"""Commands and what answers them, as far as Python targets can express it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...ir.stream import Message, Operation, Stream
from ..target import Reporter


@dataclass(frozen=True, slots=True)
class Exchange:
    """An operation with its messages; requests and replies are matched by one key at the top of each."""

    operation: Operation
    request: Message
    replies: tuple[Message, ...]
    request_key: str
    reply_key: str

    @property
    def reply(self) -> Message:
        """The first of the replies, which is the only one in almost every document."""
        return self.replies[0]


def exchanges(stream: Stream, reporter: Reporter) -> Iterator[Exchange]:
    """Each operation that can be expressed; what cannot is reported."""
    for operation in stream.operations:
        request = stream.message(operation.request)
        replies = tuple(stream.message(name) for name in operation.replies)
        keys = [_top_key(message) for message in (request, *replies)]
        if not all(keys):
            message = f"`{operation.name}` is left out: its correlation ID is not at the top of its messages"
            hint = "Point at a property of the payload itself, or use the target `python`."
            reporter.warn_at(operation.origin, "inexpressible", message, hint)
            continue
        if len(replies) > 1:
            message = (
                f"`{operation.name}` has several replies; generated code expects `{replies[0].name}` only"
            )
            hint = "List one reply, or use the target `python`, which takes all of them."
            reporter.warn_at(operation.origin, "inexpressible", message, hint)
        yield Exchange(operation, request, replies, request_key=keys[0], reply_key=keys[1])


def _top_key(message: Message) -> str:
    return message.correlation[0] if len(message.correlation) == 1 else ""
