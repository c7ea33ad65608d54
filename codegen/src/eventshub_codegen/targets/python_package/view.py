"""Target ``python``: an installable client package for any document, on the runtime in ``eventshub``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...ir.spec import Spec
from ...ir.stream import Discriminator, Message
from ..python.annotations import AnnotationWriter, Used
from ..python.classes import ClassBuilder, ClassView, Member, Profile
from ..python.modules import model_imports, render_template
from ..python.text import import_lines, quote
from ..target import HEADER, Reporter
from .access import secret_keywords
from .connections import ConnectionView, base_of_unparsed, connection_views, header_attributes
from .endpoints import endpoint_views, with_uploads
from .packaging import api_name, distribution
from .unions import union_views

TARGET = "python_package"
_RUNTIME = "eventshub.runtime"
_PROFILE = Profile(runtime=_RUNTIME, is_receiver=True, is_both=True, module=_RUNTIME)


def render(spec: Spec, reporter: Reporter) -> Mapping[str, str]:
    """The content of every file, not yet formatted."""
    spec = _whole(with_uploads(spec))
    builder = ClassBuilder(spec, _PROFILE, reporter)
    signatures = AnnotationWriter(
        spec.declarations,
        builder.class_names,
        reporter,
        is_receiver=True,
        unions=builder.unions,
        has_limits=False,
    )
    name = api_name(spec)
    models = Used()
    classes = builder.model_classes(models)
    messages = Used(imports={("typing", "TypeAlias"), (_RUNTIME, "UnknownMessage")})
    message_classes = builder.message_classes(messages)
    connections = connection_views(spec, builder, signatures, reporter, name)
    unparsed = _unparsed_classes(spec, builder, messages)
    unknown = [_unknown(view, builder, messages) for view in connections]
    keywords = secret_keywords(spec)
    endpoints = endpoint_views(spec, builder, signatures, reporter)
    # Last: what all others write may need further classes of unions.
    unions = union_views(builder, spec.declarations, models)
    classes = [*unions, *classes]
    exported = {(".models", view.name) for view in classes}
    exported |= {(".messages", view.name) for view in (*unparsed, *message_classes, *unknown)}
    exported |= {(".messages", view.alias) for view in connections}
    exported |= {(".client", view.class_name) for view in connections} | {(".client", f"{name}Client")}
    exported |= {(".sync_client", f"Sync{each}") for module, each in exported if module == ".client"}
    if not spec.streams:
        exported = {(module, each) for module, each in exported if module != ".messages"}
    common = {"connections": connections, "endpoints": endpoints, "keywords": keywords, "api": name}
    modules: dict[str, dict[str, Any]] = {
        "__init__": {
            "imports": import_lines(exported),
            "names": sorted(each for _, each in exported),
            "title": spec.title or name,
        },
        "models": {"classes": classes, "imports": import_lines(models.imports)},
    }
    if spec.streams:
        modules["messages"] = {
            "classes": [*unparsed, *unknown, *message_classes],
            "connections": connections,
            "imports": import_lines(messages.imports | model_imports(builder, messages.names)),
        }
        modules["protocol"] = {"connections": connections, "imports": _protocol_imports(connections)}
    if endpoints:
        used = Used(imports={("typing", "Final"), ("eventshub", "runtime")})
        for endpoint in endpoints:
            used.imports |= endpoint.used.imports
            used.names |= endpoint.used.names
        modules["rest"] = {
            "endpoints": endpoints,
            "imports": import_lines(used.imports | model_imports(builder, used.names)),
        }
    package = spec.package
    files = {
        f"src/{package}/{module}.py": render_template(TARGET, f"{module}.jinja", values)
        for module, values in modules.items()
    }
    for module, is_sync in (("client", False), ("sync_client", True)):
        view = _client_view(spec, builder, common, is_sync=is_sync)
        files[f"src/{package}/{module}.py"] = render_template(TARGET, "client.jinja", view)
    files[f"src/{package}/py.typed"] = f"# {HEADER}\n"
    return files | distribution(spec, common)


def _whole(spec: Spec) -> Spec:
    """The same with one stream that has the messages of all addresses, so that each gets its class."""
    if spec.stream is None:
        return spec
    messages: dict[str, Message] = {}
    discriminators: dict[str, Discriminator] = {}
    for stream in spec.streams:
        values = (message for message in stream.bare if message.frame == "value")
        for message in (*stream.messages, *stream.untold, *values):
            messages.setdefault(message.name, message)
        for entry in stream.discriminators:
            before = discriminators.get(entry.key)
            aliases = (*before.aliases, *entry.aliases) if before is not None else entry.aliases
            discriminators[entry.key] = replace(entry, aliases=tuple(dict.fromkeys(aliases)))
    whole = replace(
        spec.stream, messages=tuple(messages.values()), discriminators=tuple(discriminators.values())
    )
    return replace(spec, stream=whole)


def _unparsed_classes(spec: Spec, builder: ClassBuilder, used: Used) -> list[ClassView]:
    """Classes of frames that are text or bytes."""
    found: dict[str, ClassView] = {}
    for message in (message for stream in spec.streams for message in stream.bare):
        if message.name not in found and message.frame != "value":
            base = base_of_unparsed(message)
            used.imports.add((_RUNTIME, base))
            members = () if message.summary else (Member("pass"),)
            name = builder.class_names[message.name]
            found[message.name] = ClassView(
                name, f"{base}, frozen=True, kw_only=True", message.summary, members
            )
    return list(found.values())


def _unknown(view: ConnectionView, builder: ClassBuilder, used: Used) -> ClassView:
    """The class of messages that nobody knows, which is also what every frame is read as first."""
    members: list[Member] = []
    for key, name in header_attributes(view.stream, builder).items():
        values = [message.values[key] for message in view.stream.to_client() if key in message.values]
        annotation = "int" if all(type(value) is int for value in values) else "str"
        if name != key:
            used.imports.add(("msgspec", "field"))
            members.append(Member(f"{name}: {annotation} | None = field(default=None, name={quote(key)})"))
        else:
            members.append(Member(f"{name}: {annotation} | None = None"))
    doc = "A message that the document does not describe; `raw` and `payload` hold all of it."
    return ClassView(view.unknown, "UnknownMessage, frozen=True, kw_only=True", doc, tuple(members))


def _protocol_imports(connections: list[ConnectionView]) -> str:
    names = {name for view in connections for name in view.protocol_classes}
    return import_lines(
        {("typing", "Final"), ("eventshub", "runtime"), *((".messages", name) for name in names)}
    )


def _client_view(
    spec: Spec, builder: ClassBuilder, common: Mapping[str, Any], *, is_sync: bool
) -> dict[str, Any]:
    """The client for asyncio, or its twin for threads."""
    connections: list[ConnectionView] = common["connections"]
    imports: set[tuple[str, str]] = {("eventshub", "runtime")}
    used = Used()
    if is_sync:
        urls = [
            name for name, each in (("STREAM_URL", connections), ("REST_URL", common["endpoints"])) if each
        ]
        imports |= {(".client", name) for name in ("SCHEMES", *urls)}
    else:
        imports.add(("typing", "Final"))
    if connections:
        imports |= {(".", "protocol")}
        imports |= {(".messages", name) for view in connections for name in view.client_classes}
    if any(sending.reply for view in connections for sending in view.sendings):
        imports.add(("typing", "cast"))
    holders = [*connections, *common["endpoints"]]
    for holder in holders:
        used.imports |= holder.signature.imports
        used.names |= holder.signature.names
    if common["endpoints"]:
        imports |= {(".", "rest")}
    return {
        **common,
        "is_sync": is_sync,
        "doc": spec.description or spec.title,
        "stream_url": spec.stream_url,
        "rest_url": spec.rest_url if "://" in spec.rest_url else "",
        "rest_path": "" if "://" in spec.rest_url else spec.rest_url,
        "has_streams": bool(connections),
        "has_rest": bool(common["endpoints"]),
        "imports": import_lines(imports | used.imports | model_imports(builder, used.names)),
    }
