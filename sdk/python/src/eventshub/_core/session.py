"""One subscription's decisions: frames in, events, frames and deadlines out.

The session never reads a clock or a socket. A shell opens a connection, hands over each frame with the time,
sends what ``take_outgoing`` gives, calls ``tick`` when ``next_deadline`` has come, and calls ``lose`` with
whatever ended the connection, the session's own exceptions included.
"""

from __future__ import annotations

import logging
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from typing import Any, Protocol, TypeVar, cast

import msgspec

from ..exceptions import (
    ConnectionLostError,
    EventsHubError,
    GlobalChannelError,
    MessageDecodeError,
    NotConnectedError,
    ProtocolError,
)
from .codec import Codec
from .invalid import InvalidEvent
from .message import Message
from .notices import with_likely_name
from .pending import PendingReplies, PendingReply
from .protocol import Operation, StreamProtocol
from .settings import Heartbeat, Timeouts

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)

logger = logging.getLogger("eventshub")


class SessionState(Enum):
    """Where a session stands."""

    IDLE = auto()
    """No connection yet."""
    OPENING = auto()
    """Connected, no welcome yet."""
    OPEN = auto()
    """Welcomed."""
    ENDED = auto()
    """The connection is gone."""


# A member of an enum is found slowly, and this one is looked at for each frame.
_OPENING = SessionState.OPENING


class WelcomeBody(Protocol):
    """What a message with the role ``welcome`` holds (protocol CONN-6)."""

    @property
    def client_id(self) -> str:
        """The connection's ID."""
        ...

    @property
    def subscriptions(self) -> Sequence[str]:
        """The channels that were granted."""
        ...


class Session:
    """What one connection's frames mean, what to answer and what to tell the application."""

    def __init__(
        self,
        protocol: StreamProtocol,
        channels: Iterable[str],
        *,
        timeouts: Timeouts,
        heartbeat: tuple[Operation[Any, Any], Heartbeat] | None = None,
        codec: Codec | None = None,
    ) -> None:
        self._protocol = protocol
        self._codec = codec or Codec(protocol)
        self.decode: Callable[[bytes], Message] = self._codec.decode
        """Reads an event: all that ``receive`` does while the session is open and no command waits."""
        self._timeouts = timeouts
        self._heartbeat = heartbeat
        self.pending: PendingReplies = PendingReplies(protocol.errors)
        """Commands that wait for their answers."""
        self._outgoing: deque[bytes] = deque()
        self._prefix = secrets.token_hex(6)
        self._requests = 0
        self._deadline: float | None = None
        self._beat: PendingReply[Any] | None = None
        self._next_beat: float | None = None
        self._is_paused = False
        self.state: SessionState = SessionState.IDLE
        self.failure: EventsHubError | None = None
        """Why the connection ended; None when the application ended it."""
        self.asked: tuple[str, ...] = channel_names(channels)
        """The channels asked for, as they go into the URL."""
        self.channels: tuple[str, ...] = ()
        """The channels that the connection has now."""
        self.refused: tuple[str, ...] = ()
        """What was asked for and not granted (protocol CONN-5)."""
        self.welcome: Message | None = None

    @property
    def client_id(self) -> str:
        """The connection's ID, from the welcome."""
        if self.welcome is None:
            raise NotConnectedError("no welcome has arrived yet")
        return _welcome_body(self.welcome).client_id

    @property
    def has_opened(self) -> bool:
        """Whether the connection has come so far that messages can be exchanged."""
        return self.welcome is not None

    @property
    def awaits_reply(self) -> bool:
        """Whether a command waits for its answer."""
        return self.pending.count > 0

    def open(self, now: float) -> None:
        """A connection is there; its first frame has to be the welcome."""
        self.state = SessionState.OPENING
        self._deadline = now + self._timeouts.welcome

    def receive(self, raw: bytes, now: float) -> Message | InvalidEvent | None:
        """Take one frame; what comes back is for the application, if anything does.

        Raises:
            ProtocolError: it should have been the welcome and is not.
        """
        if self.state is _OPENING:
            self._accept_welcome(raw, now)
            return None
        try:
            message = self.decode(raw)
        except MessageDecodeError as error:
            if self.pending.count and self.pending.answer_undecodable(error, now):
                return None
            return InvalidEvent(error)
        if self.pending.count and self.pending.answer(message, now):
            return None
        return message

    def require_open(self) -> None:
        """Do nothing on a welcomed connection.

        Raises:
            NotConnectedError: there is none; what ended the last one is the cause.
        """
        if self.state is not SessionState.OPEN:
            raise NotConnectedError("there is no open connection") from self.failure

    def request(
        self,
        operation: Operation[RequestT, ReplyT],
        command: RequestT,
        *,
        now: float,
        timeout: float | None,
        notify: Callable[[], object],
    ) -> PendingReply[ReplyT]:
        """Queue a command. ``notify`` is called once, when it is answered, failed or overdue.

        Args:
            operation: Which.
            command: The command; it gets a correlation ID of the session's.
            now: The time, from the clock that ``tick`` is called by.
            timeout: Seconds to wait for the answer; None for the session's own.
            notify: Called from within ``receive``, ``tick``, ``lose`` or ``close``.

        Raises:
            NotConnectedError: there is no welcomed connection.
        """
        self.require_open()
        self._requests += 1
        correlation = f"{self._prefix}-{self._requests}"
        command = msgspec.structs.replace(command, **{operation.request_correlation: correlation})
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

    def forget(self, pending: PendingReply[Any]) -> None:
        """Nobody waits for this answer any more."""
        self.pending.discard(pending)

    def unsubscribed(self, channels: Iterable[str], remaining: Iterable[str] | None) -> None:
        """The hub took channels away: those it says remain, or all but the ones given, are left."""
        if remaining is None:
            gone = frozenset(channels)
            self.channels = tuple(name for name in self.channels if name not in gone)
        else:
            self.channels = tuple(dict.fromkeys(map(str, remaining)))
        if not self._has_heartbeat():
            self._next_beat = None
            if self._beat is not None:
                self.pending.discard(self._beat)
                self._beat = None

    def pause(self) -> None:
        """Reading has stopped: a pong may wait unread, so its absence proves nothing."""
        self._is_paused = True

    def resume(self, now: float) -> None:
        """Reading goes on."""
        self._is_paused = False
        if self._beat is not None and self._heartbeat is not None:
            self._beat.deadline = now + self._heartbeat[1].timeout

    def tick(self, now: float) -> None:
        """Do what time demands: expire commands, send heartbeats.

        Raises:
            ProtocolError: no welcome came in time.
            ConnectionLostError: a heartbeat was not answered in time (protocol HB-2).
        """
        if self._deadline is not None and self._deadline <= now:
            raise ProtocolError(f"the hub sent no welcome within {self._timeouts.welcome:g} s")
        beat = self._beat
        if beat is not None and self._is_paused and self._heartbeat is not None:
            beat.deadline = max(beat.deadline, now + self._heartbeat[1].timeout)
        self.pending.expire(now)
        if self.state is not SessionState.OPEN or self._heartbeat is None:
            return
        operation, settings = self._heartbeat
        if beat is not None and beat.is_done:
            self._beat = None
            if isinstance(beat.failure, TimeoutError):
                raise ConnectionLostError(
                    f"the connection is dead: a heartbeat was not answered within {settings.timeout:g} s"
                ) from beat.failure
        if self._next_beat is not None and self._next_beat <= now:
            self._next_beat = now + settings.interval
            if self._beat is None:
                self._beat = self.request(
                    operation, operation.request(), now=now, timeout=settings.timeout, notify=_nobody_waits
                )

    def lose(self, error: EventsHubError, now: float) -> None:
        """The connection has ended for a reason; commands that wait fail."""
        if self.state is not SessionState.ENDED:
            self.failure = error
            self._end(now, f"the connection ended before the answer came: {error}", error)

    def close(self, now: float) -> None:
        """The application ends the connection; commands that wait fail."""
        if self.state is not SessionState.ENDED:
            self._end(now, "the subscription was closed before the answer came", None)

    def take_outgoing(self) -> bytes | None:
        """The next frame to be sent, if there is one."""
        return self._outgoing.popleft() if self._outgoing else None

    def next_deadline(self) -> float | None:
        """When ``tick`` has to be called, unless something else happens first."""
        times = (self._deadline, self._next_beat, self.pending.next_deadline())
        return min((time for time in times if time is not None), default=None)

    def _accept_welcome(self, raw: bytes, now: float) -> None:
        welcome_type = self._protocol.welcome
        if welcome_type is None:
            raise ProtocolError("the protocol has no welcome")
        try:
            welcome = self._codec.decode_welcome(welcome_type, raw)
        except MessageDecodeError as error:
            raise ProtocolError(
                f"the first frame is not the hub's welcome: {error.reason} at {error.path}"
            ) from error
        self.welcome = welcome
        self.channels = tuple(dict.fromkeys(map(str, _welcome_body(welcome).subscriptions)))
        self.refused = tuple(name for name in self.asked if name not in self.channels)
        self.state = SessionState.OPEN
        self._deadline = None
        if self.refused:
            others = set(self._protocol.channels) - {*self.asked}
            named = [with_likely_name(name, others) for name in self.refused]
            logger.warning("the hub did not grant the channels %s", ", ".join(named))
        if self._heartbeat is not None and self._has_heartbeat():
            self._next_beat = now + self._heartbeat[1].interval

    def _has_heartbeat(self) -> bool:
        if self._heartbeat is None:
            return False
        # The first discriminator names the channel; a command's is a constant of its class.
        channel = getattr(self._heartbeat[0].request(), self._protocol.discriminators[0])
        return channel in self.channels

    def _end(self, now: float, text: str, cause: EventsHubError | None) -> None:
        self.state = SessionState.ENDED
        self._deadline = self._next_beat = self._beat = None
        self._outgoing.clear()

        def error() -> EventsHubError:
            failure = NotConnectedError(text) if cause is None else _lost(text, cause)
            failure.__cause__ = cause
            return failure

        self.pending.fail(error, now)


def channel_names(channels: Iterable[str]) -> tuple[str, ...]:
    """Channels as they go over the wire: trimmed, lower case (protocol CONN-2), each once.

    Raises:
        ValueError: a name is empty or holds a comma, which would make two of it.
    """
    names = tuple(dict.fromkeys(str(channel).strip().lower() for channel in channels))
    for name in names:
        if not name or "," in name:
            raise ValueError(f"{name!r} is not a channel name: give each channel as an argument of its own")
    return names


def removable_channels(protocol: StreamProtocol, channels: Iterable[str]) -> tuple[str, ...]:
    """Channels to be unsubscribed, as they go over the wire.

    Raises:
        GlobalChannelError: a channel is among them that every connection has (protocol UNSUB-2).
        ValueError: there is none, or a name is no name.
    """
    names = channel_names(channels)
    if not names:
        raise ValueError("unsubscribe needs at least one channel")
    for name in names:
        if name in protocol.always_subscribed:
            raise GlobalChannelError(name)
    return names


def _lost(text: str, cause: EventsHubError) -> ConnectionLostError:
    if not isinstance(cause, ConnectionLostError):
        return ConnectionLostError(text)
    return ConnectionLostError(
        text,
        code_received=cause.code_received,
        reason_received=cause.reason_received,
        code_sent=cause.code_sent,
        reason_sent=cause.reason_sent,
    )


def _welcome_body(welcome: Message) -> WelcomeBody:
    return cast("WelcomeBody", cast("Any", welcome).body)


def _nobody_waits() -> None:
    """A heartbeat's answer is looked at in ``tick``."""
