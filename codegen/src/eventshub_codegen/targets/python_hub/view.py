"""Target ``python-hub``: models, messages, commands, routes and JSON Schemas of a hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...ir.spec import Spec
from ...ir.stream import Stream
from ..json_text import as_json_file
from ..python.annotations import Used
from ..python.classes import ClassBuilder, Profile
from ..python.leftovers import report_leftovers
from ..python.modules import model_imports, models_view, render_template
from ..python.naming import snake, unique
from ..python.operations import exchanges
from ..python.text import import_lines, quote, tuple_of
from ..target import Reporter
from .schemas import closed

_TARGET = "python_hub"
_PROFILE = Profile(runtime="..core", is_receiver=False)


def render(spec: Spec, reporter: Reporter) -> Mapping[str, str]:
    """The content of every file, not yet formatted."""
    report_leftovers(spec, reporter)
    builder = ClassBuilder(spec, _PROFILE, reporter)
    files = {
        "__init__.py": _lay_out("__init__.jinja", {}),
        "models.py": _lay_out("models.jinja", models_view(builder)),
    }
    if spec.stream is not None:
        files["messages.py"] = _lay_out("messages.jinja", _messages_view(builder))
        files["protocol.py"] = _lay_out("protocol.jinja", _protocol_view(spec.stream, builder, reporter))
    if spec.endpoints:
        files["rest.py"] = _lay_out("rest.jinja", {"routes": _routes(spec)})
    files["schemas.json"] = as_json_file(_schemas(spec))
    messages = spec.stream.messages if spec.stream is not None else ()
    files["examples.json"] = as_json_file({message.name: list(message.examples) for message in messages})
    return files


def _lay_out(template: str, view: Mapping[str, Any]) -> str:
    return render_template(_TARGET, template, view)


def _messages_view(builder: ClassBuilder) -> dict[str, Any]:
    used = Used()
    classes = builder.message_classes(used)
    return {"classes": classes, "imports": import_lines(used.imports | model_imports(builder, used.names))}


def _protocol_view(stream: Stream, builder: ClassBuilder, reporter: Reporter) -> dict[str, Any]:
    names = builder.class_names
    events = [message for message in stream.to_client() if message.role != "welcome"]
    commands = _commands(stream, builder, reporter)
    welcome = next(iter(stream.with_role("welcome")), None)
    if welcome is None:
        hint = "Give one message the extension `x-role: welcome`."
        reporter.report_at(
            stream.origin, "role-missing", "there is no message to greet a connection with", hint
        )
    if not all(entry.is_required for entry in stream.discriminators) or not stream.discriminators:
        found = "no property names every message, which a hub needs to know who gets it"
        hint = "Give each message a required property with a `const` of its own."
        reporter.report_at(stream.origin, "no-discriminator", found, hint)
    shutdown = next(iter(stream.with_role("shutdown")), None)
    errors = {message.home: names[message.name] for message in stream.with_role("error")}
    imported = {names[message.name] for message in events} | set(errors.values())
    imported |= {name for command in commands for name in command["classes"]}
    imported |= {names[message.name] for message in (welcome, shutdown) if message is not None}
    imports = {("abc", "ABC"), ("typing", "Final"), ("typing", "Generic"), ("typing", "TypeVar")}
    imports |= {("..core.protocol", "HubProtocol")}
    imports |= {("abc", "abstractmethod"), ("..core.protocol", "Command")} if commands else set()
    return {
        "commands": commands,
        "address": stream.address,
        "channels": tuple_of(quote(channel.name) for channel in stream.channels),
        "always_subscribed": tuple_of(
            quote(channel.name) for channel in stream.channels if channel.is_always_subscribed
        ),
        "discriminators": tuple_of(
            tuple_of(map(quote, (entry.key, *entry.aliases))) for entry in stream.discriminators
        ),
        "events": [
            {"key": tuple_of(map(quote, stream.key_of(message))), "class_name": names[message.name]}
            for message in events
        ],
        "welcome": names[welcome.name] if welcome else "None",
        "shutdown": names[shutdown.name] if shutdown else "None",
        "errors": [{"channel": channel, "class_name": name} for channel, name in errors.items()],
        "imports": import_lines(imports | {(".messages", name) for name in imported}),
    }


def _commands(stream: Stream, builder: ClassBuilder, reporter: Reporter) -> list[dict[str, Any]]:
    names = builder.class_names
    found: list[dict[str, Any]] = []
    taken: set[str] = set()
    for exchange in exchanges(stream, reporter):
        operation, request = exchange.operation, exchange.request
        same = [message for message in stream.to_hub() if stream.key_of(message) == stream.key_of(request)]
        if None in stream.key_of(request) or len(same) > 1:
            message = f"a hub cannot tell the command `{request.name}` from others"
            hint = "Give it a `const` for each property that tells messages apart."
            reporter.report_at(request.origin, "no-discriminator", message, hint)
        handler = unique(snake(operation.name, "command"), taken)
        taken.add(handler)
        found.append(
            {
                "handler": handler,
                "name": operation.name,
                "key": tuple_of(map(quote, stream.key_of(request))),
                "request": names[request.name],
                "reply": names[exchange.reply.name],
                "returns": " | ".join(names[name] for name in operation.replies),
                "doc": operation.summary or request.summary or f"Answers `{names[request.name]}`.",
                "request_correlation": exchange.request_key,
                "reply_correlation": exchange.reply_key,
                "classes": [names[name] for name in (request.name, *operation.replies)],
            }
        )
    return found


def _routes(spec: Spec) -> list[dict[str, Any]]:
    return [
        {
            "name": endpoint.name,
            "method": endpoint.method,
            "path": endpoint.path,
            "statuses": tuple_of(status for status in endpoint.responses if status.isdecimal()),
        }
        for endpoint in spec.endpoints
    ]


def _schemas(spec: Spec) -> dict[str, Any]:
    messages = spec.stream.messages if spec.stream is not None else ()
    return {
        "messages": {message.name: {"$ref": f"#/$defs/{message.name}"} for message in messages},
        "rest": {
            endpoint.name: {"request": closed(endpoint.request.schema)}
            for endpoint in spec.endpoints
            if endpoint.request is not None and endpoint.request.schema is not None
        },
        "$defs": {name: closed(schema) for name, schema in spec.schemas.items()},
    }
