"""The spec's messages as the hub uses them: found by name or role, filled in, checked, serialised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from .clock import Clock, rfc3339
from .frames import text_frame
from .ids import Ids
from .message import Message
from .outbox import Frame
from .protocol import HubProtocol
from .validation import SchemaValidator

_FILLED_IN: Final = frozenset({"id", "timestamp", "client_id"})


class InvalidEventError(ValueError):
    """The spec does not allow this event; the text says where and why."""


class UnknownEventError(InvalidEventError):
    """The spec has no message of this name on this channel."""


class Catalogue:
    """Turns messages into frames. IDs are unique and timestamps never decrease (protocol EVT-1, EVT-4)."""

    def __init__(self, protocol: HubProtocol, validator: SchemaValidator, clock: Clock, ids: Ids) -> None:
        self.protocol = protocol
        self._validator = validator
        self._clock = clock
        self._ids = ids
        self._keys = [names[0] for names in protocol.discriminators]
        self._named = {message: self.named(*values) for values, message in protocol.events.items()}
        # Recognised by its position, the welcome has no name of its own: just a channel.
        self._named[protocol.welcome] = {self._keys[0]: protocol.always_subscribed[0]}
        self._latest = 0.0
        self._fallback_error = next(
            protocol.errors[channel] for channel in protocol.always_subscribed if channel in protocol.errors
        )

    def named(self, channel: str, message: str) -> dict[str, Any]:
        """What names a message on the wire, be it in the spec or not."""
        return dict(zip(self._keys, (channel, message), strict=True))

    def find(self, channel: str, message: str) -> type[Message]:
        """The class of an event.

        Raises:
            UnknownEventError: the spec has none; the text lists what there is.
        """
        found = self.protocol.events.get((channel, message))
        if found is None:
            if channel not in self.protocol.channels:
                known = ", ".join(self.protocol.channels)
                raise UnknownEventError(f"no channel {channel!r}: the spec has {known}")
            known = ", ".join(values[1] for values in self.protocol.events if values[0] == channel)
            raise UnknownEventError(f"no message {message!r} on {channel}: the spec has {known}")
        return found

    def error_of(self, channel: str | None) -> type[Message]:
        """The error message of a channel, or the one that serves all others."""
        return self.protocol.errors.get(channel or "", self._fallback_error)

    def content_of(self, message: Message) -> dict[str, Any]:
        """What a message built in code says, by wire key.

        Raises:
            UnknownEventError: the class is none of the hub's messages.
            InvalidEventError: an attribute is set that is the hub's to fill in.
        """
        if type(message) not in self._named:
            raise UnknownEventError(f"{type(message).__name__} is no message that a hub sends")
        content: dict[str, Any] = msgspec.to_builtins(message)
        own = sorted(_FILLED_IN & content.keys())
        if own:
            raise InvalidEventError(f"leave {', '.join(own)} unset: the hub fills that in")
        return content

    def frame(self, name: type[Message] | None, content: Mapping[str, Any]) -> tuple[str, Frame]:
        """Complete, check and serialise a message, once for all its recipients.

        Args:
            name: the class to check against; ``None`` to leave everything unchecked.
            content: what the message says, by wire key; what names the message,
                ``id`` and ``timestamp`` are filled in.

        Returns:
            The event's ID and the frame.

        Raises:
            InvalidEventError: the spec does not allow the message, or it is no JSON.
        """
        self._latest = max(self._latest, self._clock.time())
        event_id = self._ids.event_id()
        complete: dict[str, Any] = {
            "id": event_id,
            **({} if name is None else self._named[name]),
            "timestamp": rfc3339(self._latest),
            **content,
        }
        if name is not None:
            fault = self._validator.message_fault(name.__name__, complete)
            if fault is not None:
                raise InvalidEventError(f"{name.__name__} is not as the spec wants it: {fault}")
        try:
            wire = text_frame(msgspec.json.encode(complete))
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidEventError(f"the event cannot be written as JSON: {error}") from error
        return event_id, Frame(complete[self._keys[0]], wire, "client_id" in complete)
