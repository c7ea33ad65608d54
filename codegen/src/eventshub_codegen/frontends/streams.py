"""From the messages of some channels to a stream: what tells them apart, who sends them, who answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..findings import Severity
from ..ir.stream import Channel, Direction, Discriminator, Message, Operation, Sending, Stream
from ..ir.types import Named, Object
from .discriminators import find_discriminators, missing_keys, values_of
from .drafts import Draft
from .schemas import SchemaReader
from .traits import described, stated
from .workspace import Place, Workspace


@dataclass(slots=True)
class Action:
    """An operation of the document, with the messages that it is about."""

    name: str
    place: Place
    is_taken: bool
    """Whether clients are the ones who send."""
    channel: str
    """Its name; empty if there is no such channel."""
    messages: list[Draft]
    reply: Place | None
    answers: list[Draft]
    """The messages of the reply."""


class StreamBuilder:
    """Builds the stream of some channels."""

    def __init__(
        self,
        workspace: Workspace,
        schemas: SchemaReader,
        channels: list[Channel],
        *,
        duplicates: Severity,
        is_muted: bool,
        wanted_keys: tuple[str, ...],
    ) -> None:
        """Take what to build with, and how.

        Args:
            workspace: Takes findings.
            schemas: Has the payloads.
            channels: Whose stream it is.
            duplicates: How bad messages are that look the same.
            is_muted: Reports nothing at all.
            wanted_keys: What tells messages apart, if somebody said so.
        """
        self._wanted_keys = wanted_keys
        self._workspace = workspace
        self._schemas = schemas
        self._channels = channels
        self._names = {channel.name for channel in channels}
        self._duplicates = duplicates
        self._is_muted = is_muted
        self._places: dict[str, Place] = {}

    def build(self, document: Place, drafts: Iterable[Draft], actions: Iterable[Action]) -> Stream:
        """Build it of all drafts and actions that are about these channels."""
        used = [
            draft
            for draft in drafts
            if draft.direction is not None and not self._names.isdisjoint(draft.channels)
        ]
        self._places = {draft.name: draft.place for draft in used}
        mine = [action for action in actions if action.channel in self._names or not action.channel]
        where = document.get("channels") or document
        messages, discriminators, untold = self._messages(used)
        if any(not discriminator.is_required for discriminator in discriminators):
            keys = " or ".join(f"`{discriminator.key}`" for discriminator in discriminators)
            found = f"messages are told apart by {keys}, which not all of them require"
            hint = "Whatever arrives without one that is known is an unknown message."
            self._warn("optional-discriminator", where, found, hint, of_key=True)
        same = self._report_duplicates(messages, discriminators)
        if self._duplicates is Severity.WARNING:
            untold += [messages[name] for name in messages if name in same]
            messages = {name: message for name, message in messages.items() if name not in same}
        discriminators = tuple(each for each in discriminators if _is_used(each, messages.values()))
        bare = tuple(self._message(draft, []) for draft in used if draft.frame != "object")
        operations = [self._operation(action, messages) for action in mine]
        sent = messages | {message.name: message for message in (*bare, *untold)}
        return Stream(
            address=self._channels[0].address if self._channels else "",
            channels=tuple(self._channels),
            discriminators=discriminators,
            messages=tuple(messages.values()),
            operations=tuple(operation for operation in operations if operation is not None),
            origin=where.origin,
            untold=tuple(sorted(untold, key=self._demands, reverse=True)),
            bare=bare,
            sendings=tuple(
                sending for action in mine if (sending := _sending(self._workspace, action, sent)) is not None
            ),
        )

    def _messages(
        self, used: list[Draft]
    ) -> tuple[dict[str, Message], tuple[Discriminator, ...], list[Message]]:
        """The messages that can be told apart, by what, and those that cannot."""
        distinguished = {
            draft.name: draft.payload
            for draft in used
            if draft.direction is Direction.TO_CLIENT
            and draft.place.text("x-role") != "welcome"
            and draft.frame == "object"
        }
        commands = [
            draft.payload for draft in used if draft.is_two_way or draft.direction is Direction.TO_HUB
        ]
        discriminators = find_discriminators(
            distinguished, commands, [channel.name for channel in self._channels], self._wanted_keys
        )
        keys = [discriminator.key for discriminator in discriminators]
        # Nothing to tell it from: whatever arrives is this message.
        is_alone = not keys and len(distinguished) == 1
        kept: dict[str, Message] = {}
        untold: list[Message] = []
        for draft in used:
            if draft.frame != "object":
                continue
            if draft.payload is None and draft.place.text("x-role") != "welcome":
                if not draft.is_unread:
                    message = f"the payload of `{draft.name}` is not described; the message is left out"
                    hint = "Give it a `payload`: a schema of what it holds."
                    self._warn("inexpressible", draft.place, message, hint, of_key=True)
                continue
            made = self._message(draft, keys)
            if draft.name in distinguished and not is_alone:
                missing = [f"`{key}`" for key in missing_keys(discriminators, made.values)]
                if missing or not keys:
                    what = " and ".join(missing) or "any property"
                    message = (
                        f"the message `{draft.name}` has no fixed value for {what}: the target `python` "
                        "tells it by the properties that it requires, other targets leave it out"
                    )
                    hint = "Give it a `const`, and list it as required."
                    self._warn("no-discriminator", draft.place, message, hint, of_key=True)
                    untold.append(made)
                    continue
            kept[draft.name] = made
        return kept, discriminators, untold

    def _demands(self, message: Message) -> int:
        declared = self._schemas.declarations.get(message.name)
        return sum(item.is_required for item in declared.fields) if isinstance(declared, Object) else 0

    def _message(self, draft: Draft, keys: list[str]) -> Message:
        values = values_of(draft.payload, keys)
        channels = [name for name in draft.channels if name in self._names]
        named = next((value for value in values.values() if value in channels), None)
        return Message(
            name=draft.name,
            direction=draft.direction or Direction.TO_CLIENT,
            channels=tuple(channels),
            home=str(named) if named is not None else channels[0],
            role=draft.place.text("x-role"),
            values=values,
            summary=described(self._workspace, draft.place),
            correlation=() if draft.frame != "object" else self._correlation(draft),
            examples=(),
            origin=draft.place.origin,
            is_two_way=draft.is_two_way,
            frame=draft.frame,
        )

    def _correlation(self, draft: Draft) -> tuple[str, ...]:
        entry = stated(self._workspace, draft.place, "correlationId")
        place = self._workspace.follow(entry) if entry is not None else None
        location = place.get("location") if place is not None else None
        if location is None or not isinstance(location.value, str):
            return ()
        source, _, fragment = location.value.partition("#/")
        if source != "$message.payload":
            message = f"correlation IDs in `{source}` are not supported"
            self._warn("correlation-id", location, message, "Use `$message.payload#/...`.")
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
                self._report("correlation-id", location, message, hint)
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
                place = self._places[message.name]
                if first.origin == message.origin:
                    text = (
                        f"`{message.name}` and `{first.name}`, one message in the document, have the "
                        "same fixed values: the target `python` tells them by the properties that they "
                        "require, other targets leave them out"
                    )
                    self._warn("no-discriminator", place, text, of_key=True)
                    continue
                values = ", ".join(f"`{name}: {value}`" for name, value in message.values.items())
                text = f"the message `{message.name}` cannot be told from `{first.name}`: both have {values}"
                hint = "Give one of them another value."
                self._report("duplicate-message", place, text, hint, of_key=True, severity=self._duplicates)
        return same

    def _operation(self, action: Action, messages: dict[str, Message]) -> Operation | None:
        """A command that is answered; None for anything else."""
        if not action.is_taken or action.reply is None:
            return None
        name = action.name
        requests = [messages[draft.name] for draft in action.messages if draft.name in messages]
        answers = [messages[draft.name] for draft in action.answers if draft.name in messages]
        replies = [message for message in answers if message.role != "error"]
        if not replies and len(answers) == len(action.answers):
            found = f"the operation `{name}` has a reply without a message"
            hint = (
                "List at least one message that is no error."
                if answers
                else "List the messages that may answer."
            )
            self._report("reply-without-message", action.place.child("reply"), found, hint, of_key=True)
        if len(requests) != 1 or not replies:
            return None
        for message in (*requests, *answers):
            if not message.correlation:
                found = f"`{message.name}` has no correlation ID, so replies to `{name}` cannot be matched"
                hint = (
                    "The target `python` takes the next message that can be a reply; others leave this out."
                )
                self._warn("no-correlation", self._places[message.name], found, hint)
                return None
        return Operation(
            name=name,
            summary=described(self._workspace, action.place),
            request=requests[0].name,
            replies=tuple(message.name for message in replies),
            errors=tuple(message.name for message in answers if message.role == "error"),
            origin=action.place.origin,
        )

    def _warn(self, rule: str, place: Place, message: str, hint: str = "", *, of_key: bool = False) -> None:
        self._report(rule, place, message, hint, of_key=of_key, severity=Severity.WARNING)

    def _report(
        self,
        rule: str,
        place: Place,
        message: str,
        hint: str = "",
        *,
        of_key: bool = False,
        severity: Severity = Severity.ERROR,
    ) -> None:
        if not self._is_muted:
            self._workspace.report(rule, place, message, hint, of_key=of_key, severity=severity)


def _is_used(discriminator: Discriminator, messages: Iterable[Message]) -> bool:
    return any(
        discriminator.key in message.values and message.direction is Direction.TO_CLIENT
        for message in messages
    )


def report_nothing(
    workspace: Workspace, document: Place, streams: Iterable[Stream], *, has_unread: bool
) -> None:
    """Report a document in which nothing is sent to clients; an error if they send nothing either.

    Args:
        workspace: Takes the findings.
        document: The whole document.
        streams: All that was read.
        has_unread: Whether there are messages that could not be read.
    """
    listed = list(streams)
    if any(
        stream.untold
        or stream.bare
        or any(message.role != "welcome" or not stream.discriminators for message in stream.to_client())
        for stream in listed
    ):
        return
    hint = (
        "The document is read from the hub's point of view: what it sends has the action `send`. "
        'If it takes the client\'s, say `--role client`, or write `role = "client"` into [spec].'
    )
    if has_unread:
        hint = "Describe the payloads that were left out with JSON Schema, or an OpenAPI schema."
    is_one_way = any(stream.to_hub() for stream in listed)
    severity = Severity.WARNING if is_one_way else Severity.ERROR
    found = "no operation sends a message to the client"
    workspace.report("no-messages", document, found, hint, severity=severity)


def _sending(workspace: Workspace, action: Action, messages: dict[str, Message]) -> Sending | None:
    """What clients send with an operation; None if they send nothing."""
    asked = [messages[draft.name] for draft in action.messages if draft.name in messages]
    answers = [messages[draft.name] for draft in action.answers if draft.name in messages]
    name = action.name
    if not action.is_taken:
        # The hub asks here, and the client answers.
        asked, answers, name = answers, [], f"reply to {name}"
    if not asked:
        return None
    return Sending(
        name=name,
        summary=described(workspace, action.place),
        messages=tuple(message.name for message in asked),
        replies=tuple(
            message.name for message in answers if message.role != "error" and message.frame != "bytes"
        ),
        errors=tuple(message.name for message in answers if message.role == "error"),
        origin=action.place.origin,
    )
