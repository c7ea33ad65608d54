"""Streams as connection classes: what comes, what can be sent, what answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ...ir.spec import Spec
from ...ir.stream import Frame, Message, Sending, Stream
from ...ir.types import Anything, Array, Const, Object, Scalar, Type
from ..python.annotations import AnnotationWriter, Used
from ..python.classes import ClassBuilder
from ..python.naming import RESERVED_ATTRIBUTES, constant, pascal_words, snake, unique
from ..python.text import quote, tuple_of
from ..target import Reporter
from .access import Argument, arguments, documented, parameter_table, security_table

_METHODS = RESERVED_ATTRIBUTES | {"send", "wait_for", "close", "list", "type", "set", "property"}


@dataclass(frozen=True, slots=True)
class SendingView:
    """A method that sends."""

    name: str
    message: str
    """Annotation of what it takes."""
    reply: str
    """Annotation of what it returns; empty if nothing answers."""
    constant: str
    table: str
    """The exchange as an expression; empty if nothing answers."""
    doc: str


@dataclass(slots=True)
class ConnectionView:
    """A stream at one address."""

    stream: Stream
    class_name: str
    alias: str
    unknown: str
    method: str
    constant: str
    arguments: list[Argument]
    doc: str
    table: list[str]
    """The stream's table as arguments."""
    sendings: list[SendingView]
    members: list[str]
    """Classes of the messages that come."""
    signature: Used = field(default_factory=Used)
    protocol_classes: set[str] = field(default_factory=set[str])
    client_classes: set[str] = field(default_factory=set[str])


def connection_views(
    spec: Spec, builder: ClassBuilder, writer: AnnotationWriter, reporter: Reporter, api: str
) -> list[ConnectionView]:
    """One for each address."""
    taken = {*builder.class_names.values(), f"{api}Client", f"Sync{api}Client"}
    methods: set[str] = set()
    found: list[ConnectionView] = []
    for number, stream in enumerate(spec.streams, 1):
        base = api if len(spec.streams) == 1 else _name(stream, number)
        names = [unique(f"{base}{word}", taken) for word in ("Connection", "Message", "Unknown")]
        while f"Sync{names[0]}" in taken:
            names[0] = unique(names[0], {*taken, names[0]})
        taken.update((*names, f"Sync{names[0]}"))
        method = "connect" if len(spec.streams) == 1 else f"connect_{snake(base, 'stream')}"
        method = unique(method, methods)
        methods.add(method)
        found.append(
            _connection(
                spec, stream, builder, writer, reporter, names=(names[0], names[1], names[2]), method=method
            )
        )
    return found


def _connection(
    spec: Spec,
    stream: Stream,
    builder: ClassBuilder,
    writer: AnnotationWriter,
    reporter: Reporter,
    *,
    names: tuple[str, str, str],
    method: str,
) -> ConnectionView:
    classes = builder.class_names
    for message in stream.bare:
        classes.setdefault(message.name, unique(message.name, classes.values()))
    signature = Used()
    listed = arguments(stream.parameters, spec, writer, signature)
    coming = [message for message in stream.to_client() if message.role != "welcome"]
    welcome = [message for message in stream.to_client() if message.role == "welcome"]
    structural = [
        message.name for message in (*stream.untold, *welcome) if message.direction == "hub-to-client"
    ]
    bare = [message for message in stream.bare if message.direction == "hub-to-client"]
    values = [message.name for message in bare if message.frame == "value"]
    # The first that fits is taken: what says least comes last.
    values.sort(key=lambda each: _looseness(each, builder))
    header = header_attributes(stream, builder)
    messages = [
        f"{tuple_of(map(quote, stream.key_of(message)))}: {classes[message.name]}" for message in coming
    ]
    view = ConnectionView(
        stream=stream,
        class_name=names[0],
        alias=names[1],
        unknown=names[2],
        method=method,
        constant="STREAM" if method == "connect" else method.removeprefix("connect_").upper(),
        arguments=[argument for _, argument in listed],
        doc=documented(_purpose(stream), [argument for _, argument in listed]),
        table=[],
        sendings=[],
        members=[
            classes[name]
            for name in dict.fromkeys(
                [*(message.name for message in coming), *structural, *(message.name for message in bare)]
            )
        ],
        signature=signature,
    )
    view.table = [
        f"address={quote(stream.address if stream.address.startswith('/') else f'/{stream.address}')}",
        f"channels={tuple_of(quote(channel.name) for channel in stream.channels)}",
        "always_subscribed=()",
        f"header={view.unknown}",
        f"discriminators={tuple_of(quote(name) for name in header.values())}",
        f"messages={{{', '.join(messages)}}}",
        "welcome=None",
        f"errors={tuple_of(classes[message.name] for message in stream.with_role('error'))}",
        f"parameters={tuple_of(parameter_table(*entry) for entry in listed)}",
        f"security={security_table(stream.security, spec)}",
        f"structural={tuple_of(classes[name] for name in structural)}",
        f"values={tuple_of(classes[name] for name in values)}",
        f"text={_unparsed('text', bare, classes)}",
        f"binary={_unparsed('bytes', bare, classes)}",
    ]
    view.protocol_classes = {
        view.unknown,
        *view.members,
        *(classes[each.name] for each in stream.with_role("error")),
    }
    view.client_classes = {view.alias}
    taken = set(_METHODS)
    for sending in stream.sendings:
        name = unique(f"{snake(sending.name, 'send')}", taken)
        taken.add(name)
        view.sendings.append(_sending(sending, name, view, builder, reporter))
    return view


def _looseness(name: str, builder: ClassBuilder) -> tuple[int, int]:
    """How little the type of a value says of it."""
    declared = builder.declared(name)
    kind = declared.fields[0].type if isinstance(declared, Object) else None
    if not isinstance(kind, Array) or kind.prefix:
        return 0, 0
    if kind.positions:
        return 1, -sum(isinstance(each, Const) for each in kind.positions)
    return (3, 0) if isinstance(kind.items, Anything) else (2, 0)


def base_of_unparsed(message: Message) -> str:
    """The class of the runtime that a frame of text or of bytes extends."""
    return "TextMessage" if message.frame == "text" else "BinaryMessage"


def _unparsed(frame: Frame, bare: list[Message], classes: dict[str, str]) -> str:
    """The one class of such frames; if there are more, what they have in common: nothing tells them apart."""
    messages = [message for message in bare if message.frame == frame]
    if not messages:
        return "None"
    return classes[messages[0].name] if len(messages) == 1 else f"runtime.{base_of_unparsed(messages[0])}"


def header_attributes(stream: Stream, builder: ClassBuilder) -> dict[str, str]:
    """Attribute name of each discriminator."""
    return {
        entry.key: next(
            builder.attribute_of_message(message, entry.key)
            for message in stream.to_client()
            if entry.key in message.values
        )
        for entry in stream.discriminators
    }


def _sending(
    sending: Sending, name: str, view: ConnectionView, builder: ClassBuilder, reporter: Reporter
) -> SendingView:
    classes = builder.class_names
    sent = [classes[each] for each in sending.messages]
    view.client_classes.update(sent)
    message = " | ".join(dict.fromkeys(sent))
    doc = sending.summary or f"Send {' or '.join(f'`{each}`' for each in sent)}."
    replies = [classes[each] for each in sending.replies]
    if not replies:
        return SendingView(name, message, "", "", "", doc)
    errors = [classes[each] for each in sending.errors]
    view.client_classes.update(replies)
    view.protocol_classes |= {*replies, *errors, *(sent if len(sent) == 1 else ())}
    keys, kind = _correlation(sending, view.stream, builder)
    if not keys:
        told = (
            f"answers to `{sending.name}` are matched by their order: they have no correlation ID in common"
        )
        reporter.warn_at(sending.origin, "no-correlation", told)
    parts = [
        f"name={quote(sending.name)}",
        f"request={sent[0] if len(sent) == 1 else 'runtime.Message'}",
        f"reply={replies[0] if len(replies) == 1 else 'runtime.Message'}",
        f"errors={tuple_of(errors)}",
        f"request_correlation={quote(keys[0] if keys else '')}",
        f"reply_correlation={quote(keys[1] if keys else '')}",
        f"replies={tuple_of(replies)}",
        f"correlation={quote(kind)}",
    ]
    return SendingView(
        name=name,
        message=message,
        reply=" | ".join(dict.fromkeys(replies)),
        constant=constant(f"{view.constant} {name}", "EXCHANGE")
        if view.constant != "STREAM"
        else constant(name, "EXCHANGE"),
        table=f"runtime.Exchange({', '.join(parts)})",
        doc=doc,
    )


def _correlation(
    sending: Sending, stream: Stream, builder: ClassBuilder
) -> tuple[tuple[str, str] | None, str]:
    """The attributes that hold the correlation ID, if all messages agree on them, and what it looks like."""
    by_name = {message.name: message for message in (*stream.messages, *stream.untold, *stream.bare)}
    found = [
        {_attribute(by_name[name], builder) for name in names if name in by_name}
        for names in (sending.messages, sending.replies)
    ]
    if any(len(names) != 1 or "" in names for names in found):
        return None, "text"
    request = by_name[sending.messages[0]]
    declared = builder.declared(request.name)
    types: dict[str, Type] = (
        {item.key: item.type for item in declared.fields} if isinstance(declared, Object) else {}
    )
    kind = types.get(request.correlation[0])
    shape = "text"
    if isinstance(kind, Scalar):
        shape = (
            "number" if kind.kind in {"integer", "number"} else "uuid" if kind.format == "uuid" else "text"
        )
    return (found[0].pop(), found[1].pop()), shape


def _attribute(message: Message, builder: ClassBuilder) -> str:
    return (
        builder.attribute_of_message(message, message.correlation[0]) if len(message.correlation) == 1 else ""
    )


def _name(stream: Stream, number: int) -> str:
    if len(stream.channels) == 1:
        return pascal_words(stream.channels[0].name)
    words = re.sub(r"\{[^{}]*\}", " ", stream.address)
    return pascal_words(words) if re.search(r"[A-Za-z]", words) else f"Stream{number}"


def _purpose(stream: Stream) -> str:
    described = [channel.description for channel in stream.channels if channel.description]
    if len(described) == 1:
        return described[0]
    return f"Connect to `{stream.address or '/'}`."
