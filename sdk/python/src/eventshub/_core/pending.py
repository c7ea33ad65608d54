"""Commands that wait for their answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Generic, TypeVar, cast

import msgspec

from ..exceptions import CommandError, EventsHubError, MessageDecodeError, ProtocolError, ReplyTimeoutError
from .foreign_text import one_line
from .message import Message
from .protocol import Operation

ReplyT = TypeVar("ReplyT", bound=Message)


class PendingReply(Generic[ReplyT]):
    """One command on its way: answered, failed or overdue exactly once."""

    __slots__ = ("_notify", "_outcome", "answered_at", "correlation", "deadline", "operation", "sent_at")

    def __init__(
        self,
        operation: Operation[Any, ReplyT],
        correlation: str,
        *,
        sent_at: float,
        deadline: float,
        notify: Callable[[], object],
    ) -> None:
        self.operation: Operation[Any, ReplyT] = operation
        self.correlation: str = correlation
        self.sent_at: float = sent_at
        self.deadline: float = deadline
        self.answered_at: float = sent_at
        self._outcome: ReplyT | EventsHubError | None = None
        self._notify = notify

    @property
    def is_done(self) -> bool:
        """Whether there is an outcome."""
        return self._outcome is not None

    @property
    def failure(self) -> EventsHubError | None:
        """Why there is no reply; None when there is one, or nothing yet."""
        return self._outcome if isinstance(self._outcome, EventsHubError) else None

    @property
    def round_trip(self) -> timedelta:
        """From the command to its answer."""
        return timedelta(seconds=self.answered_at - self.sent_at)

    def result(self) -> ReplyT:
        """The reply.

        Raises:
            CommandError: the answer was an ``error`` message.
            EventsHubError: there is no reply, for the reason it says.
        """
        if isinstance(self._outcome, EventsHubError):
            raise self._outcome
        if self._outcome is None:
            raise RuntimeError(f"{self.operation.name} is not answered yet")
        return self._outcome

    def settle(self, outcome: Message | EventsHubError, now: float) -> None:
        """Set the outcome and tell who waits for it; later outcomes are ignored."""
        if self._outcome is None:
            self._outcome = cast("ReplyT | EventsHubError", outcome)
            self.answered_at = now
            self._notify()


class PendingReplies:
    """All commands of one connection that wait."""

    def __init__(self, errors: tuple[type[Message], ...]) -> None:
        self._errors = errors
        # Attribute of a reply -> its value -> who waits. All operations of a protocol tend to share one.
        self._waiting: dict[str, dict[str, PendingReply[Any]]] = {}
        self.count: int = 0
        """How many wait."""

    def add(self, pending: PendingReply[Any]) -> None:
        """Expect a reply from now on."""
        self._waiting.setdefault(pending.operation.reply_correlation, {})[pending.correlation] = pending
        self.count += 1

    def discard(self, pending: PendingReply[Any]) -> None:
        """Expect it no longer; an answer that comes all the same is an event like any other."""
        waiting = self._waiting.get(pending.operation.reply_correlation, {})
        if waiting.get(pending.correlation) is pending:
            del waiting[pending.correlation]
            self.count -= 1

    def answer(self, message: Message, now: float) -> bool:
        """Settle the command that a message answers; false when it answers none."""
        for attribute, waiting in self._waiting.items():
            pending = waiting.get(getattr(message, attribute, ""))
            if pending is None:
                continue
            self.discard(pending)
            operation = pending.operation
            if isinstance(message, operation.reply):
                pending.settle(message, now)
            elif isinstance(message, (*operation.errors, *self._errors)):
                pending.settle(_command_error(operation, message), now)
            else:
                pending.settle(
                    ProtocolError(
                        f"{operation.name} was answered with a {type(message).__name__},"
                        f" not a {operation.reply.__name__}"
                    ),
                    now,
                )
            return True
        return False

    def answer_undecodable(self, error: MessageDecodeError, now: float) -> bool:
        """Fail the command that a malformed message answers; false when it answers none."""
        pending = self.named_by(error.raw)
        if pending is None:
            return False
        self.discard(pending)
        pending.settle(error, now)
        return True

    def named_by(self, raw: bytes) -> PendingReply[Any] | None:
        """Whose correlation ID is in a frame, whatever else is in it; None if nobody's."""
        try:
            payload: object = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if not isinstance(payload, dict):
            return None
        members = cast("dict[str, object]", payload)
        for pending in self._all():
            key = _wire_name(pending.operation.reply, pending.operation.reply_correlation)
            if members.get(key) == pending.correlation:
                return pending
        return None

    def expire(self, now: float) -> None:
        """Fail what is overdue."""
        for pending in self._all():
            if pending.deadline <= now:
                self.discard(pending)
                timeout = pending.deadline - pending.sent_at
                pending.settle(ReplyTimeoutError(operation=pending.operation.name, timeout=timeout), now)

    def fail(self, error: Callable[[], EventsHubError], now: float) -> None:
        """Fail everything, with an exception of its own for each."""
        for pending in self._all():
            self.discard(pending)
            pending.settle(error(), now)

    def next_deadline(self) -> float | None:
        """When ``expire`` has something to do."""
        return min((pending.deadline for pending in self._all()), default=None)

    def _all(self) -> list[PendingReply[Any]]:
        return [pending for waiting in self._waiting.values() for pending in waiting.values()]


def _command_error(operation: Operation[Any, Any], message: Message) -> CommandError:
    # What a message with the role `error` holds; the spec names its text `error`.
    text = getattr(getattr(message, "body", None), "error", None)
    return CommandError(
        operation=operation.name, text=one_line(str(text or "no reason given")), reply=message
    )


def _wire_name(message_type: type[Message], attribute: str) -> str:
    for field in msgspec.structs.fields(message_type):
        if field.name == attribute:
            return field.encode_name
    return attribute
