"""Target ``python-client``: models, messages, the protocol table and REST endpoints of a client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...ir.rest import Body, Endpoint
from ...ir.spec import Spec
from ...ir.stream import Stream
from ...ir.types import Array, Map, Named, Object, Scalar
from ..python.annotations import Used
from ..python.classes import ClassBuilder, ClassView, Member, Profile
from ..python.leftovers import report_leftovers
from ..python.modules import model_imports, models_view, render_template
from ..python.naming import constant, pascal_words, unique
from ..python.operations import exchanges
from ..python.text import import_lines, quote, tuple_of
from ..target import Reporter

_TARGET = "python_client"
_PROFILE = Profile(runtime=".._core", is_receiver=True)
_UNKNOWN = "UnknownEvent"


def render(spec: Spec, reporter: Reporter) -> Mapping[str, str]:
    """The content of every file, not yet formatted."""
    report_leftovers(spec, reporter)
    builder = ClassBuilder(spec, _PROFILE, reporter)
    models = models_view(builder)
    views = {"models": models}
    exported = {(".models", view.name) for view in models["classes"]}
    if spec.stream is not None:
        messages = _messages_view(spec.stream, builder)
        views |= {"messages": messages, "protocol": _protocol_view(spec.stream, builder, reporter)}
        exported |= {(".messages", view.name) for view in (messages["unknown"], *messages["classes"])}
        exported |= {(".messages", alias["name"]) for alias in messages["aliases"]}
    if spec.endpoints:
        views["rest"] = _rest_view(spec, builder, reporter)
    names = sorted(name for _, name in exported)
    views["__init__"] = {"imports": import_lines(exported), "names": names}
    return {f"{name}.py": render_template(_TARGET, f"{name}.jinja", view) for name, view in views.items()}


def _messages_view(stream: Stream, builder: ClassBuilder) -> dict[str, Any]:
    used = Used(imports={("typing", "TypeAlias")})
    classes = builder.message_classes(used)
    unknown = _unknown_event(stream, builder, used)
    return {
        "classes": classes,
        "unknown": unknown,
        "aliases": _aliases(stream, builder),
        "imports": import_lines(used.imports | model_imports(builder, used.names)),
    }


def _unknown_event(stream: Stream, builder: ClassBuilder, used: Used) -> ClassView:
    """The class of messages that nobody knows, which is also what every frame is read as first."""
    members: list[Member] = []
    required = {entry.key: entry.is_required for entry in stream.discriminators}
    for key, name in _header_attributes(stream, builder).items():
        values = [message.values[key] for message in stream.to_client() if key in message.values]
        annotation = "int" if all(isinstance(value, int) for value in values) else "str"
        default = "" if required[key] else "None"
        annotation += "" if required[key] else " | None"
        if name != key:
            used.imports.add(("msgspec", "field"))
            default = f"field({'' if required[key] else 'default=None, '}name={quote(key)})"
        members.append(Member(f"{name}: {annotation}" + (f" = {default}" if default else "")))
    used.imports.add((_PROFILE.message_module, "UnlistedMessage"))
    doc = "A message that the spec does not describe; `raw` and `payload` hold all of it."
    return ClassView(_UNKNOWN, "UnlistedMessage, frozen=True, kw_only=True", doc, tuple(members))


def _header_attributes(stream: Stream, builder: ClassBuilder) -> dict[str, str]:
    """Attribute name of each discriminator; none if the stream has one message, which needs no telling."""
    return {
        entry.key: next(
            builder.attribute_of_message(message, entry.key)
            for message in stream.to_client()
            if entry.key in message.values
        )
        for entry in stream.discriminators
    }


def _aliases(stream: Stream, builder: ClassBuilder) -> list[dict[str, str]]:
    taken = {*builder.class_names.values(), _UNKNOWN, "Event"}
    aliases: list[dict[str, str]] = []
    events: list[str] = []
    for channel in stream.channels:
        names = [
            builder.class_names[name]
            for name in channel.messages
            if any(message.name == name and message.home == channel.name for message in stream.to_client())
        ]
        if names:
            alias = unique(f"{pascal_words(channel.name)}Event", taken)
            taken.add(alias)
            aliases.append({"name": alias, "union": " | ".join(names)})
            events += names
    aliases.append({"name": "Event", "union": " | ".join([*events, _UNKNOWN])})
    return aliases


def _protocol_view(stream: Stream, builder: ClassBuilder, reporter: Reporter) -> dict[str, Any]:
    names = builder.class_names
    distinguished = [message for message in stream.to_client() if message.role != "welcome"]
    welcome = next(iter(stream.with_role("welcome")), None)
    errors = stream.with_role("error")
    header = _header_attributes(stream, builder)
    operations = _operations(stream, builder, reporter)
    imported = {names[message.name] for message in (*distinguished, *errors, *([welcome] if welcome else []))}
    imported |= {name for operation in operations for name in operation["classes"]}
    imports = {("typing", "Final"), (".._core.protocol", "StreamProtocol"), (".messages", _UNKNOWN)}
    imports |= {(".._core.protocol", "Operation")} if operations else set()
    return {
        "operations": operations,
        "address": stream.address,
        "channels": tuple_of(quote(channel.name) for channel in stream.channels),
        "always_subscribed": tuple_of(
            quote(channel.name) for channel in stream.channels if channel.is_always_subscribed
        ),
        "header_class": _UNKNOWN,
        "discriminators": tuple_of(quote(name) for name in header.values()),
        "messages": [
            {"key": tuple_of(map(quote, stream.key_of(message))), "class_name": names[message.name]}
            for message in distinguished
        ],
        "welcome": names[welcome.name] if welcome else "None",
        "errors": tuple_of(names[message.name] for message in errors),
        "imports": import_lines(imports | {(".messages", name) for name in imported}),
    }


def _operations(stream: Stream, builder: ClassBuilder, reporter: Reporter) -> list[dict[str, Any]]:
    names = builder.class_names
    found: list[dict[str, Any]] = []
    taken = {"PROTOCOL"}
    for exchange in exchanges(stream, reporter):
        operation = exchange.operation
        name = unique(constant(operation.name, "OPERATION"), taken)
        taken.add(name)
        found.append(
            {
                "constant": name,
                "name": operation.name,
                "request": names[exchange.request.name],
                "reply": names[exchange.reply.name],
                "errors": tuple_of(names[error] for error in operation.errors),
                "request_correlation": builder.attribute_of_message(exchange.request, exchange.request_key),
                "reply_correlation": builder.attribute_of_message(exchange.reply, exchange.reply_key),
                "classes": [
                    names[other] for other in (operation.request, exchange.reply.name, *operation.errors)
                ],
            }
        )
    return found


def _rest_view(spec: Spec, builder: ClassBuilder, reporter: Reporter) -> dict[str, Any]:
    used = Used(imports={("typing", "Final"), (".._core.protocol", "Endpoint")})
    endpoints: list[dict[str, Any]] = []
    taken: set[str] = set()
    for endpoint in spec.endpoints:
        if endpoint.is_websocket:
            continue
        request = _request(spec, endpoint, builder, used)
        response = _response(endpoint, builder, used)
        if request is None or response is None:
            message = f"`{endpoint.name}` is left out: its request or response has no class of its own"
            hint = "Give both an object as their JSON schema, or use the target `python`."
            reporter.warn_at(endpoint.origin, "inexpressible", message, hint)
            continue
        name = unique(constant(endpoint.name, "OPERATION"), taken)
        taken.add(name)
        endpoints.append(
            {
                "constant": name,
                "name": endpoint.name,
                "method": endpoint.method,
                "path": endpoint.path,
                "request": request,
                "response": response,
            }
        )
    return {
        "endpoints": endpoints,
        "imports": import_lines(used.imports | model_imports(builder, used.names)),
    }


def _request(spec: Spec, endpoint: Endpoint, builder: ClassBuilder, used: Used) -> str | None:
    if endpoint.request is None:
        return "type(None)"
    kind = endpoint.request.type
    declared = spec.declarations.get(kind.name) if isinstance(kind, Named) else None
    if not isinstance(declared, Object) or builder.writer.is_custom(declared) or kind is None:
        return None
    return builder.writer.write(kind, used, endpoint.origin)


def _response(endpoint: Endpoint, builder: ClassBuilder, used: Used) -> str | None:
    """The class of what the first 2xx answer holds; None if there is no class for that."""
    success = next(
        (response for status, response in endpoint.responses.items() if status.startswith("2")), None
    )
    if success is None or success.body is None:
        return "type(None)"
    return _class_of(success.body, endpoint, builder, used)


def _class_of(body: Body, endpoint: Endpoint, builder: ClassBuilder, used: Used) -> str | None:
    if not isinstance(body.type, (Named, Array, Map, Scalar)) or body.type == Scalar("null"):
        return None
    return builder.writer.write(body.type, used, endpoint.origin)
