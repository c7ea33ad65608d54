"""The hub itself, without I/O: who may connect, who gets what, what to answer, when to let go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from .._generated.protocol import PROTOCOL
from .burst import Burst
from .catalogue import Catalogue
from .clock import Clock
from .commands import Answers, CommandFault, CommandParser, ParsedCommand
from .connection import Connection, Ending, Impairment, Manner
from .credentials import Principal
from .dialect import GUIDE, Dialect
from .entry import Kind
from .frames import PING_FRAME
from .ids import Ids
from .interference import Interference, Step
from .limits import Limits
from .message import Message
from .outbox import Frame, Outbox
from .protocol import HubProtocol
from .rate import TokenBucket
from .recorder import RecordedOutbox, Recorder
from .refusal import Refusal
from .roster import Roster, granted_channels
from .slots import AddressSlots
from .tally import Tally
from .validation import SchemaValidator, packaged_validator

WELCOME: Final = "WebSocket connection established subscribed to global by default"
_RETRY_AFTER: Final = (("Retry-After", "1"),)
_LEFT_ALONE: Final = Ending(1006, "the hub stops", manner=Manner.DROP)


class UnknownClientError(LookupError):
    """No connection has this client ID."""


@dataclass(frozen=True, slots=True)
class Published:
    """An event that was published: its ID, and how many connections it is queued for."""

    id: str
    recipients: int


class Hub:
    """Connections, their subscriptions and their queues.

    Time comes from the clock; call ``tick`` often enough for the deadlines.
    Bytes go out through the queues: ``wake`` is called when there come to be
    connections with something to be written, ``take_pending`` hands them over.
    Who sets ``takes_bursts`` has to empty ``burst`` as well, and first.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        clock: Clock,
        dialect: Dialect = GUIDE,
        has_journal: bool = False,
        wake: Callable[[], None] = lambda: None,
        takes_bursts: bool = False,
        ids: Ids | None = None,
        protocol: HubProtocol = PROTOCOL,
        validator: SchemaValidator | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.protocol = protocol
        self.clock = clock
        self.validator = validator or packaged_validator()
        self.dialect = dialect
        self.roster = Roster(protocol.channels, AddressSlots(dialect.connections_per_address))
        self.is_accepting = True
        self.started_at = self.clock.time()
        self._started = self.clock.monotonic()
        self.recorder = (
            Recorder(self.limits, self.clock, protocol.discriminators, self._started) if has_journal else None
        )
        """Writes the journal; ``None`` when there is none."""
        self.broadcast_listeners: list[Callable[[Frame], object]] = []
        """Called with each event that is published for all, before it is queued for anyone."""
        self.interference: Interference | None = None
        """Comes between the hub and its queues while it is set."""
        self.tally = Tally()
        self._wake = wake
        # Journal and faults go by the single connection.
        self._takes_bursts = takes_bursts and not has_journal
        self._ids = ids or Ids()
        self._catalogue = Catalogue(protocol, self.validator, self.clock, self._ids)
        self._parser = CommandParser(protocol, self.validator, reads_aliases=dialect.reads_aliases)
        self._answers = Answers()
        self._pending: list[Connection] = []
        self.burst = Burst(self.limits.queue_size, self.roster.alike)
        """Broadcasts that are in no queue yet."""

    def connect(self, principal: Principal, address: str, event_types: str | None) -> Connection | Refusal:
        """Take a slot and open a connection whose first queued frame is the welcome, or say why not.

        To be called before the upgrade; every connection must be given back
        with ``disconnect``. A full hub or one that shuts down refuses with
        503 (protocol CONN-8), a taken slot with 409 (protocol IP-1).
        """
        self._settle()
        if not self.is_accepting:
            return Refusal(503, "the hub is shutting down", _RETRY_AFTER)
        if len(self.roster.by_id) >= self.limits.connections:
            return Refusal(503, "the hub has as many connections as it can take", _RETRY_AFTER)
        if not self.roster.slots.take(address):
            return Refusal(409, f"a connection from {address} is already active; close it first")
        now = self.clock.monotonic()
        outbox = Outbox(self.limits.queue_size) if self.recorder is None else self.recorder.outbox()
        connection = Connection(
            self._ids.client_id(),
            principal,
            address,
            granted_channels(event_types, self.protocol.channels, self.protocol.always_subscribed),
            outbox,
            now,
            self.clock.time(),
        )
        if isinstance(outbox, RecordedOutbox):
            outbox.connection = connection
        self.roster.add(connection)
        body = {"client_id": connection.id, "subscriptions": list(connection.subscriptions)}
        self._send(connection, self.protocol.welcome, {"message": WELCOME, "body": body}, Step.WELCOME)
        return connection

    def disconnect(self, connection: Connection) -> None:
        """Forget a connection and free its slot; harmless when that has been done (protocol IP-3)."""
        self._settle()
        self.roster.remove(connection)

    def receive(self, connection: Connection, text: str) -> None:
        """Handle one text message from a client; the answer goes into its queue (protocol CMD-1 to CMD-5)."""
        if self.recorder is not None:
            self.recorder.note_message(Kind.RECEIVED, connection, text)
        self.tally.received += 1
        if self._is_heard(connection):
            parsed = self._parser.parse(text)
            if isinstance(parsed, CommandFault):
                self._send_error(connection, parsed)
            else:
                self._answer(connection, parsed)

    def receive_binary(self, connection: Connection) -> None:
        """Handle a binary message: the spec has none (protocol CMD-5)."""
        self._note(Kind.RECEIVED, connection, detail="a binary message")
        if self._is_heard(connection):
            self._send_error(connection, CommandFault("the frame is binary: commands are JSON text"))

    def receive_ping(self, connection: Connection) -> bool:
        """Whether a client's protocol ping is to be answered; pings count against the rate as well."""
        self._note(Kind.CLIENT_PING, connection)
        return self._is_heard(connection)

    def receive_pong(self, connection: Connection) -> None:
        """Note that the peer is alive (protocol HB-1)."""
        self._note(Kind.PONG, connection)
        connection.last_pong, connection.last_pong_at = self.clock.monotonic(), self.clock.time()

    def publish(
        self,
        channel: str,
        message: str,
        body: object = UNSET,
        *,
        client_id: str | None = None,
        unchecked: bool = False,
    ) -> Published:
        """Publish an event by its name.

        Args:
            channel: the event's channel.
            message: the event's name within the channel.
            body: the event's data, plain JSON; absent when unset.
            client_id: the one connection it is for, whatever that is subscribed to (protocol EVT-3).
            unchecked: send what the spec does not allow. An event on a channel
                that the spec does not have goes to every connection.

        Raises:
            UnknownEventError: the spec has no such channel or message.
            InvalidEventError: the spec does not allow the body.
            UnknownClientError: no connection has the client ID.
        """
        name = None if unchecked else self._catalogue.find(channel, message)
        content = self._catalogue.named(channel, message) if unchecked else {}
        if not isinstance(body, UnsetType):
            content["body"] = body
        return self._distribute(channel, name, content, client_id)

    def publish_message(self, message: Message, *, client_id: str | None = None) -> Published:
        """Publish an event built from its generated class.

        Raises:
            UnknownEventError: the class is none of the hub's messages.
            InvalidEventError: the spec does not allow what is in it, or an
                attribute is set that is the hub's to fill in.
            UnknownClientError: no connection has the client ID.
        """
        content = self._catalogue.content_of(message)
        channel = content[self.protocol.discriminators[0][0]]
        return self._distribute(channel, type(message), content, client_id)

    def publish_frame(self, frame: Mapping[str, Any]) -> Published:
        """Publish a whole frame; an ID and a timestamp that it has are kept.

        Raises:
            UnknownEventError: the spec has no such channel or message.
            InvalidEventError: the spec does not allow the frame.
            UnknownClientError: it is for a client ID that no connection has.
        """
        channel, message = (str(frame.get(keys[0])) for keys in self.protocol.discriminators)
        return self._distribute(
            channel, self._catalogue.find(channel, message), frame, frame.get("client_id")
        )

    def unsubscribe(self, connection: Connection, channels: Collection[str]) -> None:
        """Remove channels that the connection has; what waits of them is not sent (protocol UNSUB-6)."""
        self.roster.unsubscribe(connection, channels)
        connection.outbox.drop_broadcasts(channels)
        self._note(Kind.UNSUBSCRIBED, connection, channels=tuple(channels))

    def tick(self) -> None:
        """Send pings that are due and end connections whose time is over (protocol HB-1, EVT-7, AUTH-7)."""
        now, wall = self.clock.monotonic(), self.clock.time()
        for connection in list(self.roster.by_id.values()):
            ending = self._overdue(connection, now, wall)
            if ending is not None:
                self.end(connection, ending)
            elif connection.ending is None and now - connection.last_ping >= self.limits.ping_interval:
                connection.last_ping, connection.last_ping_at = now, wall
                connection.outbox.put_control(PING_FRAME)
                self._mark_pending(connection)

    def end(self, connection: Connection, ending: Ending) -> None:
        """Decide that a connection ends. An abrupt one drops its queue and frees its slot at once (HB-3)."""
        if ending.is_abrupt:
            connection.outbox.clear()
            self.disconnect(connection)
        elif connection.ending is not None:
            return
        connection.ending = ending
        self._mark_pending(connection)

    def cut(self, connection: Connection, ending: Ending) -> None:
        """Forget a connection at once; what is queued still goes out before it ends."""
        self.disconnect(connection)
        connection.ending = ending
        self._mark_pending(connection)

    def enqueue(self, connection: Connection, frame: Frame) -> None:
        """Queue a frame that has been decided about."""
        self._settle()
        connection.outbox.put(frame)
        self._mark_pending(connection)

    def impair(self, connection: Connection, impairment: Impairment | None) -> None:
        """Say what a connection's socket is not to do from now on."""
        connection.impairment = impairment
        self._mark_pending(connection)

    def revoke(self, principal_name: str) -> None:
        """Close every connection of a principal whose credential no longer counts (protocol AUTH-7)."""
        if not self.dialect.ends_with_credential:
            return
        for connection in list(self.roster.by_id.values()):
            if connection.principal.name == principal_name:
                self.end(connection, Ending(1008, "the credential was revoked"))

    def shut_down(self, reason: str = "the hub is shutting down") -> None:
        """Accept nobody more, tell everybody, and end each connection when its queue is empty (END-1)."""
        if not self.is_accepting:
            return
        self.is_accepting = False
        if self.protocol.shutdown is not None and self.dialect.says_goodbye:
            channel = self.protocol.always_subscribed[0]
            self._distribute(channel, self.protocol.shutdown, {"body": {"reason": reason}}, None)
        for connection in list(self.roster.by_id.values()):
            self.end(connection, Ending(1001, reason) if self.dialect.says_goodbye else _LEFT_ALONE)

    def take_pending(self) -> list[Connection]:
        """Hand over the connections that have something to be written or have to be closed."""
        pending, self._pending = self._pending, []
        for connection in pending:
            connection.is_pending = False
        return pending

    @property
    def uptime(self) -> float:
        """Seconds since the start."""
        return self.clock.monotonic() - self._started

    def _overdue(self, connection: Connection, now: float, wall: float) -> Ending | None:
        stalled, expires_at = connection.stalled_since, connection.principal.expires_at
        if now - connection.last_pong >= self.limits.pong_timeout:
            self.tally.heartbeat_timeouts += 1
            return Ending(1011, "no pong arrived in time", is_abrupt=True)
        if stalled is not None and now - stalled >= self.limits.stall_timeout:
            return Ending(1013, "frames were not read in time", is_abrupt=True)
        if self.dialect.ends_with_credential and expires_at is not None and wall >= expires_at:
            return Ending(1008, "the credential has expired")
        return None

    def _is_heard(self, connection: Connection) -> bool:
        if connection.ending is not None:
            return False
        now, limits = self.clock.monotonic(), self.limits
        if connection.bucket is None:
            connection.bucket = TokenBucket(limits.command_rate, limits.command_burst, now)
        if connection.bucket.take(now):
            return True
        self._send_error(connection, CommandFault("too many messages in too short a time"))
        self.end(connection, Ending(1008, "too many messages in too short a time"))
        return False

    def _answer(self, connection: Connection, parsed: ParsedCommand) -> None:
        if self.dialect.commands_need_subscription and parsed.channel not in connection.subscriptions:
            text = f"this command needs a subscription to {parsed.channel}"
            self._send_error(connection, CommandFault(text, parsed.channel, parsed.ref_id))
            return
        command = parsed.command
        reply: Message = getattr(self._answers, command.handler)(parsed.request, connection)
        correlation = {command.reply_correlation: parsed.ref_id or self._ids.event_id()}
        self._send(connection, type(reply), {**msgspec.to_builtins(reply), **correlation})

    def _send_error(self, connection: Connection, fault: CommandFault) -> None:
        self._note(Kind.REJECTED, connection, channel=fault.channel, detail=fault.error)
        content: dict[str, Any] = {"body": {"error": fault.error}}
        if fault.ref_id is not None:
            content["ref_id"] = fault.ref_id
        self._send(connection, self._catalogue.error_of(fault.channel), content)

    def _send(
        self, connection: Connection, name: type[Message], content: Mapping[str, Any], step: Step = Step.REPLY
    ) -> None:
        _, frame = self._catalogue.frame(name, {**content, "client_id": connection.id})
        if self.interference is None:
            self.enqueue(connection, frame)
        else:
            self.interference.deliver(connection, frame, step)

    def _distribute(
        self, channel: str, name: type[Message] | None, content: Mapping[str, Any], client_id: str | None
    ) -> Published:
        recipients: Collection[Connection]
        if client_id is None:
            recipients = self.roster.recipients(channel)
        elif client_id in self.roster.by_id:
            recipients = (self.roster.by_id[client_id],)
            content = {**content, "client_id": client_id}
        else:
            raise UnknownClientError(f"no connection has the client ID {client_id!r}")
        event_id, frame = self._catalogue.frame(name, content)
        self.tally.published[channel if channel in self.protocol.channels else "other"] += 1
        if self.recorder is not None:
            self.recorder.note_published(frame, len(recipients))
        for listener in self.broadcast_listeners if client_id is None else ():
            listener(frame)
        if self.interference is not None:
            self._settle()
            # Interference may end connections, which removes them from among the recipients.
            for connection in tuple(recipients):
                self.interference.deliver(connection, frame, Step.EVENT)
        elif self._takes_bursts and client_id is None and name is not None:
            if not self._pending and not self.burst:
                self._wake()
            self.burst.add(frame)
            if self.burst.is_full:
                self._settle()
        else:
            for connection in recipients:
                self.enqueue(connection, frame)
        return Published(event_id, len(recipients))

    def _settle(self) -> None:
        """Queue what was broadcast, so that what comes now comes behind it."""
        if self.burst:
            self.burst.spread(self.enqueue, most=0)

    def _note(self, kind: Kind, connection: Connection, **facts: Any) -> None:
        if self.recorder is not None:
            self.recorder.note(kind, connection, **facts)

    def _mark_pending(self, connection: Connection) -> None:
        connection.writer = None
        if connection.is_pending:
            return
        connection.is_pending = True
        if not self._pending and not self.burst:
            self._wake()
        self._pending.append(connection)
