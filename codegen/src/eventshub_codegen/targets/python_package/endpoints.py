"""REST operations as methods."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ...ir.media import content_kind
from ...ir.rest import Body, Endpoint, Response
from ...ir.spec import Spec
from ...ir.types import Array, Declaration, Named, Object, Scalar, Type
from ..python.annotations import AnnotationWriter, Used
from ..python.classes import ClassBuilder
from ..python.naming import RESERVED_ATTRIBUTES, constant, snake, unique
from ..python.text import quote, tuple_of
from ..target import Reporter
from .access import Argument, arguments, documented, parameter_table, security_table

_METHODS = RESERVED_ATTRIBUTES | {
    "call", "close", "opener", "settings", "clock", "stream_address", "connect", "list", "type", "set",
    "property", "client", "loop_thread",
}  # fmt: skip


@dataclass(slots=True)
class EndpointView:
    """A method that calls an endpoint."""

    method: str
    constant: str
    result: str
    """Annotation of what it returns."""
    arguments: list[Argument]
    body: str
    """Annotation of the body; empty if there is none."""
    is_body_required: bool
    doc: str
    table: list[str]
    signature: Used = field(default_factory=Used)
    used: Used = field(default_factory=Used)


def with_uploads(spec: Spec) -> Spec:
    """The same with bytes where a form has files."""
    declarations: dict[str, Declaration] = dict(spec.declarations)
    for endpoint in spec.endpoints:
        body = endpoint.request
        if body is None or content_kind(body.content_type) != "multipart" or not isinstance(body.type, Named):
            continue
        declared = declarations.get(body.type.name)
        if isinstance(declared, Object):
            fields = tuple(replace(item, type=_as_file(item.type)) for item in declared.fields)
            declarations[declared.name] = replace(declared, fields=fields)
    return replace(spec, declarations=declarations)


def endpoint_views(
    spec: Spec, builder: ClassBuilder, writer: AnnotationWriter, reporter: Reporter
) -> list[EndpointView]:
    """One for each operation that is no upgrade to a WebSocket."""
    found: list[EndpointView] = []
    methods: set[str] = set(_METHODS)
    constants: set[str] = set()
    for endpoint in spec.endpoints:
        if endpoint.is_websocket:
            continue
        method = unique(snake(endpoint.name, "call"), methods)
        methods.add(method)
        name = unique(constant(endpoint.name, "OPERATION"), constants)
        constants.add(name)
        found.append(_endpoint(endpoint, method, name, spec, builder, writer, reporter))
    return found


def _endpoint(
    endpoint: Endpoint,
    method: str,
    name: str,
    spec: Spec,
    builder: ClassBuilder,
    writer: AnnotationWriter,
    reporter: Reporter,
) -> EndpointView:
    signature, used = Used(), Used()
    listed = arguments(endpoint.parameters, spec, writer, signature)
    body = _body(endpoint.request, endpoint, writer, signature)
    if body and not endpoint.is_request_required:
        body += " | UnsetType"
        signature.imports |= {("msgspec", "UNSET"), ("msgspec", "UnsetType")}
    if endpoint.other_media and endpoint.request is not None:
        others = ", ".join(f"`{media}`" for media in endpoint.other_media)
        message = f"`{endpoint.name}` sends `{endpoint.request.content_type}`; it could also send {others}"
        reporter.warn_at(endpoint.origin, "media-type", message, "List the one to be sent alone.")
    results = [_result(response.body, endpoint, writer, signature) for _, response in _successes(endpoint)]
    result = " | ".join(sorted(dict.fromkeys(results), key=lambda each: each == "None")) or "None"
    if "Any" in results:
        result = "Any"
    answers = [
        f"{quote(status)}: {_answer(response.body, endpoint, builder, used)}"
        for status, response in endpoint.responses.items()
    ]
    kinds = dict.fromkeys(
        response.body.content_type for _, response in _successes(endpoint) if response.body is not None
    )
    content = content_kind(endpoint.request.content_type) if endpoint.request is not None else "none"
    signature_of_table = Used()
    for _, response in _successes(endpoint):
        _result(response.body, endpoint, writer, signature_of_table)
    used.imports |= signature_of_table.imports
    used.names |= signature_of_table.names
    table = [
        f"name={quote(endpoint.name)}",
        f"method={quote(endpoint.method)}",
        f"path={quote(endpoint.path)}",
    ]
    if listed:
        table.append(f"parameters={tuple_of(parameter_table(*entry) for entry in listed)}")
    if endpoint.request is not None:
        table += [f"content={quote(content)}", f"content_type={quote(endpoint.request.content_type)}"]
    table.append(f"answers={{{', '.join(answers)}}}")
    if endpoint.security:
        table.append(f"security={security_table(endpoint.security, spec)}")
    if kinds and list(kinds) != ["application/json"]:
        table.append(f"accept={quote(', '.join(kinds))}")
    return EndpointView(
        method=method,
        constant=name,
        result=result,
        arguments=[argument for _, argument in listed],
        body=body,
        is_body_required=endpoint.is_request_required,
        doc=documented(
            endpoint.summary or f"{endpoint.method} {endpoint.path}", [argument for _, argument in listed]
        ),
        table=table,
        signature=signature,
        used=used,
    )


def _successes(endpoint: Endpoint) -> list[tuple[str, Response]]:
    found = [(status, each) for status, each in endpoint.responses.items() if status.startswith("2")]
    if not found and "default" in endpoint.responses:
        found = [("default", endpoint.responses["default"])]
    return found


def _body(body: Body | None, endpoint: Endpoint, writer: AnnotationWriter, used: Used) -> str:
    if body is None:
        return ""
    kind = content_kind(body.content_type)
    if kind in {"bytes", "text"}:
        return "bytes" if kind == "bytes" else "str"
    if body.type is None:
        used.imports.add(("typing", "Any"))
        return "Any"
    return writer.write(body.type, used, endpoint.origin)


def _result(body: Body | None, endpoint: Endpoint, writer: AnnotationWriter, used: Used) -> str:
    if body is None:
        return "None"
    kind = content_kind(body.content_type)
    if kind != "json":
        return "str" if kind == "text" else "bytes"
    if body.type is None:
        used.imports.add(("typing", "Any"))
        return "Any"
    return writer.write(body.type, used, endpoint.origin)


def _answer(body: Body | None, endpoint: Endpoint, builder: ClassBuilder, used: Used) -> str:
    if body is None:
        return 'runtime.Answer("none")'
    kind = content_kind(body.content_type)
    if kind != "json":
        return f"runtime.Answer({quote('text' if kind == 'text' else 'bytes')})"
    if body.type is None:
        used.imports.add(("typing", "Any"))
        return 'runtime.Answer("json", Any)'
    return f'runtime.Answer("json", {builder.writer.write(body.type, used, endpoint.origin)})'


def _as_file(kind: Type) -> Type:
    if isinstance(kind, Scalar) and kind.kind == "string" and kind.format == "binary":
        return Scalar("bytes")
    return Array(_as_file(kind.items), limits=kind.limits) if isinstance(kind, Array) else kind
