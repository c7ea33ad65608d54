"""Two versions of an AsyncAPI document."""

from __future__ import annotations

from typing import Any

from ..frontends.workspace import Place
from ..ir.stream import Channel, Direction, Message, Operation, Stream
from .changes import Changes
from .document import DocumentVersion
from .rule import Audience, Flow
from .security import compare_schemes
from .servers import compare_servers
from .shapes import Context, ShapeComparison


def compare_streams(old: DocumentVersion, new: DocumentVersion, changes: Changes) -> None:
    """Report every change that a client could notice."""
    if old.spec.stream is not None and new.spec.stream is not None:
        _StreamComparison(old, new, old.spec.stream, new.spec.stream, changes).run()


class _StreamComparison:
    def __init__(
        self,
        old: DocumentVersion,
        new: DocumentVersion,
        old_stream: Stream,
        new_stream: Stream,
        changes: Changes,
    ) -> None:
        self._old = old
        self._new = new
        self._before = old_stream
        self._after = new_stream
        self._shapes = ShapeComparison(old, new, changes)

    def run(self) -> None:
        """Compare all of it."""
        self._compare_channels()
        pairs = _pair_messages(self._before, self._after)
        paired = {after.name for _, after in pairs}
        for message in self._before.messages:
            if all(message.name != before.name for before, _ in pairs):
                at, container = self._at(message), self._container(self._new, "messages")
                what = f"the message `{message.name}` is gone"
                self._shapes.add("message-removed", what, _context(message), at, container)
        for message in self._after.messages:
            if message.name not in paired:
                at, container = (
                    self._new.workspace.place_of(message.origin),
                    self._container(self._old, "messages"),
                )
                what = f"there is a new message `{message.name}`"
                self._shapes.add("message-added", what, _context(message), container, at)
        for before, after in pairs:
            self._compare_message(before, after)
        names = {before.name: after.name for before, after in pairs}
        self._compare_operations(names)
        compare_servers(self._shapes, self._old, self._new, Audience.RECEIVERS)
        compare_schemes(self._shapes, self._old, self._new, Audience.RECEIVERS)

    def _compare_channels(self) -> None:
        before = {channel.name: channel for channel in self._before.channels}
        after = {channel.name: channel for channel in self._after.channels}
        for name, channel in before.items():
            at = self._channel(self._old, name)
            if name not in after:
                container = self._new.main.get("channels") or self._new.main
                what = f"the channel `{name}` is gone"
                self._shapes.add("channel-removed", what, _channel_context(name), at, container)
            else:
                self._compare_channel(channel, after[name], at, self._channel(self._new, name))
        for name in after:
            if name not in before:
                container = self._old.main.get("channels") or self._old.main
                what = f"there is a new channel `{name}`"
                at = self._channel(self._new, name)
                self._shapes.add("channel-added", what, _channel_context(name), container, at)

    def _compare_channel(self, before: Channel, after: Channel, old: Place, new: Place) -> None:
        context = _channel_context(before.name)
        if before.address != after.address:
            what = f"the address `{before.address}` became `{after.address}`"
            at = old.get("address") or old, new.get("address") or new
            self._shapes.add("address-changed", what, context, *at)
        if before.is_always_subscribed != after.is_always_subscribed:
            rule, what = (
                "subscription-became-automatic",
                f"the channel `{before.name}` is subscribed unasked now",
            )
            if before.is_always_subscribed:
                rule, what = (
                    "subscription-no-longer-automatic",
                    f"the channel `{before.name}` has to be asked for now",
                )
            self._shapes.add(rule, what, context, old, new)
        for part in ("query", "headers"):
            was, now = self._binding(self._old, old, part), self._binding(self._new, new, part)
            if was is not None and now is not None:
                self._shapes.compare(
                    self._old.shape_of(was, f"{before.name}-{part}"),
                    self._new.shape_of(now, f"{after.name}-{part}"),
                    Context(Flow.TO_HUB, Audience.RECEIVERS, f"{part} of the handshake"),
                    was,
                    now,
                )

    def _binding(self, version: DocumentVersion, channel: Place, part: str) -> Place | None:
        bindings = version.follow(channel.get("bindings"))
        websocket = version.follow(bindings.get("ws")) if bindings is not None else None
        return version.follow(websocket.get(part)) if websocket is not None else None

    def _compare_message(self, before: Message, after: Message) -> None:
        context = _context(after)
        at = self._at(before), self._new.workspace.place_of(after.origin)
        if before.name != after.name:
            what = f"the message `{before.name}` is called `{after.name}` now"
            self._shapes.add("message-renamed", what, context, *at)
        for name in before.channels:
            if name not in after.channels and any(channel.name == name for channel in self._after.channels):
                what = f"`{after.name}` no longer appears on the channel `{name}`"
                self._shapes.add("message-left-channel", what, context, *at)
        for name in after.channels:
            if name not in before.channels and any(channel.name == name for channel in self._before.channels):
                what = f"`{after.name}` appears on the channel `{name}` as well"
                self._shapes.add("message-joined-channel", what, context, *at)
        if before.role != after.role:
            what = f"the role {_or_none(before.role)} became {_or_none(after.role)}"
            self._shapes.add("role-changed", what, context, *at)
        if before.correlation and before.correlation != after.correlation:
            was, now = "/".join(before.correlation), "/".join(after.correlation)
            what = f"the correlation ID was at {_or_none(was)} and is at {_or_none(now)}"
            self._shapes.add("correlation-changed", what, context, *at)
        self._compare_payload(before, after, context)
        sent = Context(Flow.TO_HUB, Audience.SENDERS, after.name)
        if before.is_two_way and after.is_two_way:
            self._compare_payload(before, after, sent)
        elif before.is_two_way:
            self._shapes.add("message-removed", f"the hub no longer takes `{after.name}`", sent, *at)
        elif after.is_two_way:
            self._shapes.add("message-added", f"the hub takes `{after.name}` as well", sent, *at)

    def _compare_payload(self, before: Message, after: Message, context: Context) -> None:
        at = self._at(before), self._new.workspace.place_of(after.origin)
        shapes = self._old.message_shape(before.name), self._new.message_shape(after.name)
        if shapes[0] is not None and shapes[1] is not None:
            self._shapes.compare(shapes[0], shapes[1], context, *at)
            return
        payloads = at[0].get("payload"), at[1].get("payload")
        if payloads[0] is not None and payloads[1] is not None:
            hints = f"{before.name}-payload", f"{after.name}-payload"
            forms = self._old.shape_of(payloads[0], hints[0]), self._new.shape_of(payloads[1], hints[1])
            self._shapes.compare(*forms, context, payloads[0], payloads[1])

    def _compare_operations(self, names: dict[str, str]) -> None:
        """Compare commands with answers; they are known by what asks, whatever the operation is called."""
        before = {names.get(operation.request): operation for operation in self._before.operations}
        after = {operation.request: operation for operation in self._after.operations}
        for request, operation in before.items():
            # A command that is gone altogether is told as a message that is gone.
            if request is None:
                continue
            context = Context(Flow.TO_HUB, Audience.SENDERS, request)
            at = self._old.workspace.place_of(operation.origin)
            if request in after:
                self._compare_replies(operation, after[request], names, context)
            else:
                container = self._new.main.get("operations") or self._new.main
                what = f"the command `{request}` is no longer answered"
                self._shapes.add("operation-removed", what, context, at, container)
        for request, operation in after.items():
            if request not in before:
                context = Context(Flow.TO_HUB, Audience.SENDERS, request)
                container = self._old.main.get("operations") or self._old.main
                what = f"the command `{request}` is answered now"
                at = self._new.workspace.place_of(operation.origin)
                self._shapes.add("operation-added", what, context, container, at)

    def _compare_replies(
        self, before: Operation, after: Operation, names: dict[str, str], context: Context
    ) -> None:
        at = self._old.workspace.place_of(before.origin), self._new.workspace.place_of(after.origin)
        at = at[0].get("reply") or at[0], at[1].get("reply") or at[1]
        renamed = {names.get(name, name) for name in before.replies}
        remaining = renamed & set(after.replies)
        for name in (*before.replies, *before.errors):
            if names.get(name, name) not in {*after.replies, *after.errors}:
                rule = "reply-removed" if remaining or name in before.errors else "last-reply-removed"
                self._shapes.add(rule, f"it is no longer answered with `{name}`", context, *at)
        errors = {names.get(m.name, m.name) for m in self._before.messages if m.role == "error"}
        known = renamed | {names.get(name, name) for name in before.errors}
        for name in (*after.replies, *after.errors):
            if name not in known:
                rule = "error-reply-added" if name in after.errors and name in errors else "reply-added"
                self._shapes.add(rule, f"it may be answered with `{name}`", context, *at)

    def _at(self, message: Message) -> Place:
        return self._old.workspace.place_of(message.origin)

    def _channel(self, version: DocumentVersion, name: str) -> Place:
        channels = version.main.get("channels")
        place = version.follow(channels.get(name)) if channels is not None else None
        return place or version.main

    def _container(self, version: DocumentVersion, word: str) -> Place:
        components = version.main.get("components")
        found = components.get(word) if components is not None else None
        return found or version.main.get("channels") or version.main


def _pair_messages(old: Stream, new: Stream) -> list[tuple[Message, Message]]:
    """The same messages of both: by name, or else by what tells them apart on the wire."""
    after = {message.name: message for message in new.messages}
    pairs = [
        (message, after[message.name])
        for message in old.messages
        if message.name in after and after[message.name].direction is message.direction
    ]
    left = {_key(message): message for message in new.messages if all(message is not m for _, m in pairs)}
    for message in old.messages:
        if all(message is not before for before, _ in pairs):
            found = left.get(_key(message))
            if found is not None and message.values:
                pairs.append((message, found))
    return pairs


def _key(message: Message) -> tuple[Direction, str, Any]:
    return (
        message.direction,
        message.role,
        tuple(sorted((key, repr(value)) for key, value in message.values.items())),
    )


def _context(message: Message) -> Context:
    if message.direction is Direction.TO_CLIENT:
        return Context(Flow.TO_CLIENT, Audience.RECEIVERS, message.name)
    return Context(Flow.TO_HUB, Audience.SENDERS, message.name)


def _channel_context(name: str) -> Context:
    return Context(Flow.TO_CLIENT, Audience.RECEIVERS, f"channel {name}")


def _or_none(text: str) -> str:
    return f"`{text}`" if text else "nothing"
