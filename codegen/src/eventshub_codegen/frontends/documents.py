"""All documents of a specification into one intermediate representation, and into findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..ir.access import SecurityScheme
from ..ir.documentation import Documentation
from ..ir.rest import Endpoint
from ..ir.spec import Rule, Spec
from ..ir.stream import Message, Stream
from .asyncapi import AsyncApiReader, StreamDocument
from .asyncapi2 import as_version_3
from .bundling import SchemaBundler
from .documentation import DocumentationReader
from .examples import ExampleChecker
from .metaschemas import SchemaChecker, check_document
from .names import Names
from .openapi import OpenApiReader
from .rules import read_rules
from .schemas import SchemaReader
from .servers import rest_url
from .snippets import read_snippets
from .wishes import Wishes
from .workspace import Place, Workspace


@dataclass(frozen=True, slots=True)
class Inputs:
    """Which files a specification consists of."""

    asyncapi: Path | None = None
    openapi: Path | None = None
    rules: Path | None = None
    examples: Path | None = None
    snippets: Path | None = None
    is_client_view: bool = False
    """Whether the AsyncAPI document says what a client sends and receives, and not what the hub does."""
    wishes: Wishes = field(default_factory=Wishes, compare=False)


def read_documents(
    inputs: Inputs, workspace: Workspace, *, is_strict: bool = True, is_documented: bool = False
) -> Spec:
    """Read everything, check everything, report everything.

    ``is_strict`` makes errors of what can be left out: examples in a document that do not fit
    their schema, and messages that are told apart by nothing. Files of examples must fit.
    ``is_documented`` also reads what is said to people, if there are no errors.

    What comes back is as complete as the documents allow; do not generate
    from it if there are errors among the findings.
    """
    names = Names(inputs.wishes)
    schemas = SchemaReader(workspace, names)
    bundler = SchemaBundler(workspace, names)
    asyncapi = _open(workspace, inputs.asyncapi, "asyncapi")
    openapi = _open(workspace, inputs.openapi, "openapi")
    document: StreamDocument | None = None
    if asyncapi is not None:
        document = AsyncApiReader(
            workspace, schemas, bundler, names, is_strict=is_strict, is_client_view=inputs.is_client_view
        ).read(asyncapi)
    endpoints: tuple[Endpoint, ...] = ()
    reader = OpenApiReader(workspace, schemas, bundler, inputs.wishes)
    if openapi is not None:
        endpoints = reader.read(openapi)
    workspace.check_references()
    rules = _read_rules(workspace, inputs.rules)
    stream = document.stream if document is not None else None
    streams = document.streams if document is not None else ()
    _check_schemas(workspace, bundler, asyncapi, openapi)
    media = ExampleChecker(workspace, bundler, draft=2020, is_fatal=is_strict)
    media.check_media(reader.media)
    draft = 2020 if asyncapi is None else 7
    checker = ExampleChecker(workspace, bundler, draft=draft, is_fatal=is_strict)
    checker.check_schemas()
    if document is not None and stream is not None:
        found = [checker.check_messages(document.places, document.variants)]
        if inputs.examples is not None:
            found.append(checker.check_files(inputs.examples, document.places, document.variants))
        for valid, invalid in found:
            stream = _with_examples(stream, valid, invalid)
            streams = tuple(_with_examples(each, valid, invalid) for each in streams)
    main = asyncapi or openapi
    info = main.get("info") if main is not None else None
    documentation = Documentation()
    if is_documented and not workspace.has_errors:
        places = document.places if document is not None else {}
        documentation = DocumentationReader(workspace, names).read(
            asyncapi, openapi, stream, places, endpoints
        )
        if inputs.snippets is not None:
            documentation = replace(documentation, topics=read_snippets(workspace, inputs.snippets))
    return Spec(
        title=info.text("title") if info else "",
        version=info.text("version") if info else "",
        stream=stream,
        endpoints=endpoints,
        rules=rules,
        declarations=schemas.declarations,
        schemas=bundler.schemas,
        documentation=documentation,
        streams=streams,
        security_schemes=_merged(document.security_schemes if document else (), reader.security.schemes),
        stream_url=document.url if document is not None else "",
        rest_url=rest_url(openapi) if openapi is not None else "",
        description=info.text("description") if info else "",
    )


def _merged(
    first: tuple[SecurityScheme, ...], second: Mapping[str, SecurityScheme]
) -> tuple[SecurityScheme, ...]:
    """The schemes of both documents; those of the same name are taken for the same."""
    return tuple(({scheme.name: scheme for scheme in first} | dict(second)).values())


def _open(workspace: Workspace, path: Path | None, kind: str) -> Place | None:
    source = workspace.open(path) if path is not None else None
    if source is None:
        return None
    if kind == "asyncapi" and Place(source, (), source.value).text(kind).startswith("2."):
        _report_queries(workspace, Place(source, (), source.value))
        source.value = as_version_3(source.value)
    document = Place(source, (), source.value)
    return document if check_document(workspace, document, kind) else None


def _report_queries(workspace: Workspace, document: Place) -> None:
    """Report queries in the URLs of servers, which AsyncAPI 3 has no place for."""
    servers = document.get("servers")
    for _, server in servers.entries() if servers is not None else ():
        if "?" in server.text("url"):
            hint = "Describe it in the `bindings.ws.query` of the channels."
            workspace.warn("inexpressible", server.child("url"), "the query of this URL is left out", hint)


def _read_rules(workspace: Workspace, path: Path | None) -> tuple[Rule, ...]:
    source = workspace.open(path) if path is not None else None
    return read_rules(workspace, Place(source, (), source.value)) if source is not None else ()


def _check_schemas(
    workspace: Workspace, bundler: SchemaBundler, asyncapi: Place | None, openapi: Place | None
) -> None:
    of_stream, of_rest = SchemaChecker(workspace, 7), SchemaChecker(workspace, 2020)
    # OpenAPI 3.0 has schemas of its own kind, which its meta-schema knows; that of 3.1 leaves them alone.
    is_old = openapi is not None and _is_old_openapi(openapi)
    for place in bundler.places.values():
        if openapi is not None and place.source is openapi.source:
            of_rest.check(place, is_covered=is_old)
        elif asyncapi is not None:
            is_checked = place.source is asyncapi.source or _is_old_openapi(place)
            of_stream.check(place, is_covered=is_checked)
        else:
            of_rest.check(place, is_covered=is_old)


def _is_old_openapi(place: Place) -> bool:
    return Place(place.source, (), place.source.value).text("openapi").startswith("3.0")


def _with_examples(
    stream: Stream, valid: Mapping[str, list[Any]], invalid: Mapping[str, list[Any]]
) -> Stream:
    def completed(message: Message) -> Message:
        return replace(
            message,
            examples=(*message.examples, *valid.get(message.name, ())),
            counterexamples=tuple(invalid.get(message.name, ())),
        )

    return replace(
        stream,
        messages=tuple(map(completed, stream.messages)),
        untold=tuple(map(completed, stream.untold)),
        bare=tuple(map(completed, stream.bare)),
    )
