"""The session of a stream that need not begin with a welcome."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast
from uuid import uuid4

import msgspec

from .._core.message import Message
from .._core.pending import PendingReplies, PendingReply
from .._core.protocol import Operation
from .._core.session import Session, SessionState
from .._core.settings import Timeouts
from ..exceptions import CommandError, MessageDecodeError, ProtocolError
from .codec import OpenCodec
from .tables import Exchange, StreamTable

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)


class _Replies(PendingReplies):
    """Commands that wait; those without correlation IDs get their answers in the order they were sent."""

    def __init__(self, table: StreamTable, codec: OpenCodec) -> None:
        super().__init__(table.errors)
        self._fatal = table.errors
        self._structural = table.structural
        self._unknown = table.header
        self._codec = codec

    def answer(self, message: Message, now: float) -> bool:
        """Settle the command that a message answers; false when it answers none."""
        for pending in self._all():
            exchange = cast("Exchange[Any, Any]", pending.operation)
            key = exchange.reply_correlation
            if key and getattr(message, key, None) != pending.correlation:
                continue
            refusals = (*exchange.errors, *(self._fatal if key else ()))
            if isinstance(message, exchange.replies):
                pending.settle(message, now)
            elif key and (reply := self._as_reply(message, exchange.replies)) is not None:
                pending.settle(reply, now)
            elif isinstance(message, refusals):
                text = f"a {type(message).__name__} came"
                pending.settle(CommandError(operation=exchange.name, text=text, reply=message), now)
            elif key:
                text = f"{exchange.name} was answered with a {type(message).__name__}"
                pending.settle(ProtocolError(text), now)
            else:
                continue
            self.discard(pending)
            return True
        return type(message) is self._unknown and self._answer_unlisted(message, now)

    def _answer_unlisted(self, message: Message, now: float) -> bool:
        """Fail the command whose correlation ID is in a message that the document does not describe."""
        pending = self.named_by(message.raw)
        if pending is None:
            return False
        self.discard(pending)
        error = MessageDecodeError(
            reason="it is none of those that are described",
            path="$",
            raw=message.raw,
            header=message,
            what=f"the answer to {pending.operation.name}",
        )
        pending.settle(error, now)
        return True

    def _as_reply(self, message: Message, replies: tuple[type[Message], ...]) -> Message | None:
        """A frame that looks like several messages as the one that was asked for; None if it is not that."""
        if isinstance(message, self._structural):
            for kind in replies:
                with suppress(MessageDecodeError):
                    return self._codec.decode_as(kind, message.raw)
        return None


class OpenSession(Session):
    """A connection that is open as soon as it is there; its first frame is a message like any other."""

    def __init__(self, table: StreamTable, *, timeouts: Timeouts, codec: OpenCodec) -> None:
        super().__init__(table, (), timeouts=timeouts, codec=codec)
        self._codec = codec
        self.pending: PendingReplies = _Replies(table, codec)

    @property
    def has_opened(self) -> bool:
        """Whether the connection was open."""
        return self.state is not SessionState.IDLE

    @property
    def client_id(self) -> str:
        """Empty: nothing gives such a connection an ID."""
        return ""

    def open(self, now: float) -> None:  # noqa: ARG002 - no welcome has to come in time
        """A connection is there."""
        self.state = SessionState.OPEN

    def push(self, message: Message) -> None:
        """Queue a message that nobody answers.

        Raises:
            NotConnectedError: there is no open connection.
        """
        self.require_open()
        self._outgoing.append(self._codec.encode(message))

    def request(
        self,
        operation: Operation[RequestT, ReplyT],
        command: RequestT,
        *,
        now: float,
        timeout: float | None,
        notify: Callable[[], object],
    ) -> PendingReply[ReplyT]:
        """Queue a command; see ``Session.request``. Its correlation ID is made here, if it has one."""
        self.require_open()
        self._requests += 1
        exchange = cast("Exchange[Any, Any]", operation)
        correlation: Any = f"{self._prefix}-{self._requests}"
        if exchange.correlation == "number":
            correlation = self._requests
        elif exchange.correlation == "uuid":
            correlation = str(uuid4())
        if exchange.request_correlation:
            command = msgspec.structs.replace(command, **{exchange.request_correlation: correlation})
        pending = PendingReply(
            operation,
            correlation,
            sent_at=now,
            deadline=now + (self._timeouts.reply if timeout is None else timeout),
            notify=notify,
        )
        self.pending.add(pending)
        self._outgoing.append(self._codec.encode(command))
        return pending
