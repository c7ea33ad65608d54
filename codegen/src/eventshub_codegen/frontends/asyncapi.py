"""AsyncAPI 3 documents: channels, messages, operations.

A document takes the hub's point of view unless it is said to take a client's:
what it ``send``s goes to the client, what it ``receive``s is a command.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..findings import Severity
from ..ir.origin import Origin
from ..ir.stream import Channel, Direction, Discriminator, Message, Operation, Stream
from ..ir.types import Named, Object
from .bundling import SchemaBundler
from .discriminators import find_discriminators, missing_keys, values_of
from .names import Names
from .schemas import SchemaReader
from .workspace import Place, Workspace


@dataclass(slots=True)
class _Draft:
    """A message as far as it is known."""

    name: str
    place: Place
    channels: list[str] = field(default_factory=list[str])
    direction: Direction | None = None
    is_two_way: bool = False
    payload: Object | None = None


@dataclass(frozen=True, slots=True)
class StreamDocument:
    """A stream, and where its messages are in the document."""

    stream: Stream
    places: dict[str, Place]


class AsyncApiReader:
    """Reads one document."""

    def __init__(
        self,
        workspace: Workspace,
        schemas: SchemaReader,
        bundler: SchemaBundler,
        names: Names,
        *,
        is_strict: bool,
        is_client_view: bool,
    ) -> None:
        """Take what to read with, and how.

        Args:
            workspace: Opens files and takes findings.
            schemas: Declares payloads.
            bundler: Copies the schemas of payloads.
            names: Names messages.
            is_strict: Messages that nothing tells apart are an error; if not, they are left out.
            is_client_view: What the document ``send``s goes to the hub.
        """
        self._workspace = workspace
        self._schemas = schemas
        self._bundler = bundler
        self._names = names
        self._taken = "send" if is_client_view else "receive"
        self._duplicates = Severity.ERROR if is_strict else Severity.WARNING
        self._drafts: dict[Origin, _Draft] = {}
        self._channels: dict[Origin, Channel] = {}

    def read(self, document: Place) -> StreamDocument:
        """Read all channels, messages and operations, as much of them as makes sense."""
        self._read_channels(document)
        operations = document.get("operations")
        places = [self._workspace.follow(place) for _, place in operations.entries()] if operations else []
        for place in places:
            if place is not None:
                self._assign_directions(place)
        for draft in self._drafts.values():
            self._read_payload(draft)
        messages, discriminators = self._finish_messages()
        if any(not discriminator.is_required for discriminator in discriminators):
            keys = " or ".join(f"`{discriminator.key}`" for discriminator in discriminators)
            found = f"messages are told apart by {keys}, which not all of them require"
            hint = "Whatever arrives without one that is known is an unknown message."
            self._workspace.warn(
                "optional-discriminator", document.get("channels") or document, found, hint, of_key=True
            )
        same = self._report_duplicates(messages, discriminators)
        if self._duplicates is Severity.WARNING:
            messages = {name: message for name, message in messages.items() if name not in same}
        if not any(
            message.direction is Direction.TO_CLIENT and not (discriminators and message.role == "welcome")
            for message in messages.values()
        ):
            found = "no operation sends a message to the client"
            hint = (
                "The document is read from the hub's point of view: what it sends has the action `send`. "
                'If it takes the client\'s, write `role = "client"` into [spec].'
            )
            if any(draft.direction is Direction.TO_CLIENT for draft in self._drafts.values()):
                found = (
                    "no message to the client can be told apart from others, so nothing is left of the stream"
                )
                hint = "Give each message a required property with a `const` of its own."
            self._workspace.report("no-messages", document, found, hint)
        channels = tuple(self._channels.values())
        self._check_addresses(document, channels)
        stream = Stream(
            address=channels[0].address if channels else "",
            channels=channels,
            discriminators=discriminators,
            messages=tuple(messages.values()),
            operations=tuple(
                operation
                for place in places
                if place and (operation := self._operation(place, messages)) is not None
            ),
            origin=(document.get("channels") or document).origin,
        )
        return StreamDocument(stream, {draft.name: draft.place for draft in self._drafts.values()})

    def _read_channels(self, document: Place) -> None:
        channels = document.get("channels")
        for name, entry in channels.entries() if channels else ():
            place = self._workspace.follow(entry)
            if place is None:
                continue
            listed: list[str] = []
            messages = place.get("messages")
            for key, reference in messages.entries() if messages else ():
                target = self._workspace.follow(reference)
                if target is None:
                    continue
                draft = self._drafts.get(target.origin)
                if draft is None:
                    wanted = target.last if target.pointer[:1] == ("components",) else key
                    draft = _Draft(self._names.name(target.origin, wanted, name), target)
                    self._drafts[target.origin] = draft
                draft.channels.append(name)
                listed.append(draft.name)
            self._channels[place.origin] = Channel(
                name=name,
                address=place.text("address"),
                description=place.text("summary") or place.text("description"),
                is_always_subscribed=place.is_true("x-always-subscribed"),
                messages=tuple(listed),
            )

    def _check_addresses(self, document: Place, channels: tuple[Channel, ...]) -> None:
        addresses = {channel.address for channel in channels}
        if len(addresses) > 1:
            found = ", ".join(f"`{address}`" for address in sorted(addresses))
            hint = "Channels of one stream share one address; the first is used."
            self._workspace.warn(
                "several-addresses", document.child("channels"), f"channels are at {found}", hint
            )

    def _assign_directions(self, operation: Place) -> None:
        forth = Direction.TO_HUB if operation.text("action") == self._taken else Direction.TO_CLIENT
        for draft in self._messages_of(operation):
            _assign(draft, forth)
        reply = self._reply(operation)
        back = Direction.TO_CLIENT if forth is Direction.TO_HUB else Direction.TO_HUB
        for draft in self._messages_of(reply) if reply is not None else ():
            _assign(draft, back)

    def _reply(self, operation: Place) -> Place | None:
        reply = operation.get("reply")
        return self._workspace.follow(reply) if reply is not None else None

    def _messages_of(self, operation: Place) -> list[_Draft]:
        """The messages that an operation or a reply lists; all of its channel if it lists none."""
        listed = operation.get("messages")
        if listed is None:
            channel = operation.get("channel")
            target = self._workspace.follow(channel) if channel is not None else None
            listed = target.get("messages") if target is not None else None
        if listed is None:
            return []
        references = [*listed.items(), *(place for _, place in listed.entries())]
        targets = [self._workspace.follow(reference) for reference in references]
        return [self._drafts[target.origin] for target in targets if target and target.origin in self._drafts]

    def _read_payload(self, draft: _Draft) -> None:
        payload = draft.place.get("payload")
        if payload is not None and payload.get("schemaFormat") is not None:
            payload = payload.get("schema")
        if payload is None:
            return
        draft.payload = self._schemas.message_payload(payload, draft.name)
        self._bundler.add(payload, draft.name)

    def _finish_messages(self) -> tuple[dict[str, Message], tuple[Discriminator, ...]]:
        drafts = list(self._drafts.values())
        for draft in drafts:
            if draft.direction is None:
                hint = "List it in an operation or in a reply."
                message = f"no operation sends or receives the message `{draft.name}`; it is left out"
                self._workspace.warn("unused-message", draft.place, message, hint)
        used = [draft for draft in drafts if draft.direction is not None]
        distinguished = {
            draft.name: draft.payload
            for draft in used
            if draft.direction is Direction.TO_CLIENT and draft.place.text("x-role") != "welcome"
        }
        names = [channel.name for channel in self._channels.values()]
        commands = [
            draft.payload for draft in used if draft.is_two_way or draft.direction is Direction.TO_HUB
        ]
        discriminators = find_discriminators(distinguished, commands, names)
        keys = [discriminator.key for discriminator in discriminators]
        # Nothing to tell it from: whatever arrives is this message.
        is_alone = not keys and len(distinguished) == 1
        left_out: set[str] = set()
        for draft in used:
            if draft.place.text("x-role") == "welcome":
                continue
            if draft.payload is None:
                message = f"the payload of `{draft.name}` is no JSON object; the message is left out"
                self._workspace.warn("inexpressible", draft.place, message, of_key=True)
                left_out.add(draft.name)
            elif draft.direction is Direction.TO_CLIENT and not is_alone:
                values = values_of(draft.payload, keys)
                missing = [f"`{key}`" for key in missing_keys(discriminators, values)]
                if missing or not keys:
                    what = " and ".join(missing) or "any property"
                    message = (
                        f"the message `{draft.name}` has no fixed value for {what}, so it cannot be told "
                        "apart; it is left out"
                    )
                    hint = "Give it a `const`, and list it as required."
                    self._workspace.warn("no-discriminator", draft.place, message, hint, of_key=True)
                    left_out.add(draft.name)
        kept = [draft for draft in used if draft.name not in left_out]
        return {draft.name: self._message(draft, keys) for draft in kept}, discriminators

    def _message(self, draft: _Draft, keys: list[str]) -> Message:
        values = values_of(draft.payload, keys)
        named = next((value for value in values.values() if value in draft.channels), None)
        return Message(
            name=draft.name,
            direction=draft.direction or Direction.TO_CLIENT,
            channels=tuple(draft.channels),
            home=str(named) if named is not None else draft.channels[0],
            role=draft.place.text("x-role"),
            values=values,
            summary="\n\n".join(
                text for key in ("summary", "description") if (text := draft.place.text(key))
            ),
            correlation=self._correlation(draft),
            examples=(),
            origin=draft.place.origin,
            is_two_way=draft.is_two_way,
        )

    def _correlation(self, draft: _Draft) -> tuple[str, ...]:
        entry = draft.place.get("correlationId")
        place = self._workspace.follow(entry) if entry is not None else None
        location = place.get("location") if place is not None else None
        if location is None or not isinstance(location.value, str):
            return ()
        source, _, fragment = location.value.partition("#/")
        if source != "$message.payload":
            message = f"correlation IDs in `{source}` are not supported"
            self._workspace.warn("correlation-id", location, message, "Use `$message.payload#/...`.")
            return ()
        steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in fragment.split("/"))
        current: Any = draft.payload
        for step in steps:
            kind = (
                {item.key: item.type for item in current.fields}.get(step)
                if isinstance(current, Object)
                else None
            )
            if kind is None:
                message = (
                    f"the correlation ID `{location.value}` points at nothing in the message `{draft.name}`"
                )
                hint = f"Its payload has no property `{step}` there."
                self._workspace.report("correlation-id", location, message, hint)
                return ()
            current = self._schemas.declarations.get(kind.name) if isinstance(kind, Named) else kind
        return steps

    def _report_duplicates(
        self, messages: dict[str, Message], discriminators: tuple[Discriminator, ...]
    ) -> set[str]:
        """Report messages that look the same; return those that a client could not tell apart."""
        same: set[str] = set()
        if not discriminators:
            return same
        seen: dict[tuple[Any, ...], Message] = {}
        for message in messages.values():
            if message.role == "welcome" or missing_keys(discriminators, message.values):
                continue
            key = (message.direction, *(repr(message.values.get(entry.key)) for entry in discriminators))
            first = seen.setdefault(key, message)
            if first is not message:
                if message.direction is Direction.TO_CLIENT:
                    same |= {first.name, message.name}
                values = ", ".join(f"`{name}: {value}`" for name, value in message.values.items())
                self._workspace.report(
                    "duplicate-message",
                    self._drafts[message.origin].place,
                    f"the message `{message.name}` cannot be told from `{first.name}`: both have {values}",
                    "Give one of them another value.",
                    of_key=True,
                    severity=self._duplicates,
                )
        return same

    def _operation(self, place: Place, messages: dict[str, Message]) -> Operation | None:
        """A command that is answered; None for anything else."""
        reply = self._reply(place)
        if place.text("action") != self._taken or reply is None:
            return None
        requests = [messages[draft.name] for draft in self._messages_of(place) if draft.name in messages]
        possible = self._messages_of(reply)
        answers = [messages[draft.name] for draft in possible if draft.name in messages]
        replies = [message for message in answers if message.role != "error"]
        if not replies and len(answers) == len(possible):
            found = f"the operation `{place.last}` has a reply without a message"
            hint = (
                "List at least one message that is no error."
                if answers
                else "List the messages that may answer."
            )
            self._workspace.report("reply-without-message", place.child("reply"), found, hint, of_key=True)
        if len(requests) != 1 or not replies:
            return None
        for message in (*requests, *answers):
            if not message.correlation:
                found = (
                    f"`{message.name}` has no correlation ID, so replies to `{place.last}` cannot be matched"
                )
                self._workspace.warn("no-correlation", self._drafts[message.origin].place, found)
                return None
        return Operation(
            name=place.last,
            summary="\n\n".join(text for key in ("summary", "description") if (text := place.text(key))),
            request=requests[0].name,
            replies=tuple(message.name for message in replies),
            errors=tuple(message.name for message in answers if message.role == "error"),
            origin=place.origin,
        )


def _assign(draft: _Draft, direction: Direction) -> None:
    if draft.direction not in {None, direction}:
        draft.direction, draft.is_two_way = Direction.TO_CLIENT, True
    elif draft.direction is None:
        draft.direction = direction
