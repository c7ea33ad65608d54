"""What is said of REST endpoints."""

from __future__ import annotations

from http import HTTPStatus

from ...ir.documentation import Content, Documentation, EndpointText, ResponseText
from ...ir.rest import Endpoint
from ...ir.spec import Spec
from .account import Block, Facts, Grid, Line, Page, Properties, Prose, Section, Span, code, words
from .commands import snippet_link
from .directory import REST, Directory
from .messages import examples
from .parameters import parameter_rows
from .prose import as_words
from .schemas import SchemaTables


def rest_page(spec: Spec, directory: Directory, tables: SchemaTables) -> Page | None:
    """Every endpoint; None if there are none."""
    if not spec.endpoints:
        return None
    rows = tuple(
        (
            (code(f"{endpoint.method} {endpoint.path}", directory.link("endpoint", endpoint.name)),),
            words(as_words(endpoint.summary.partition("\n\n")[0])),
        )
        for endpoint in spec.endpoints
    )
    return Page(
        REST,
        "REST endpoints",
        "What is asked over HTTP.",
        (Grid("Endpoints", ("Request", "What it does"), rows),),
        tuple(_endpoint(spec.documentation, endpoint, directory, tables) for endpoint in spec.endpoints),
    )


def _endpoint(
    texts: Documentation, endpoint: Endpoint, directory: Directory, tables: SchemaTables
) -> Section:
    text = texts.endpoints[endpoint.name]
    facts: list[tuple[str, Line]] = [("operation", (code(endpoint.name),))]
    if endpoint.is_websocket:
        facts.append(("kind", words("handshake of a WebSocket; ends in an upgrade")))
    if text.is_deprecated:
        facts.append(("deprecated", words("do not use it in new code")))
    facts.append(("credentials", _credentials(text, directory)))
    if text.servers:
        facts.append(("found at", tuple(code(server.url) for server in text.servers)))
    blocks: list[Block] = [Prose(part) for part in (text.prose.summary, text.prose.description) if part]
    blocks.append(Facts(tuple(facts)))
    if text.parameters:
        blocks.append(Properties(f"Parameters of {endpoint.name}", parameter_rows(text.parameters, tables)))
    name = endpoint.name
    sections: list[Section] = []
    if text.request:
        held = [Prose(text.request_description)] if text.request_description else []
        needed = words("required" if text.is_request_required else "may be left out")
        sections.append(
            Section(
                f"Request body of {name}",
                directory.new(REST, f"{name}-request"),
                blocks=(
                    *held,
                    Facts((("body", needed),)),
                    *_contents(f"the request {name}", text.request, tables),
                ),
                is_quick=False,
            )
        )
    sections += [_response(name, response, directory, tables) for response in text.responses]
    blocks += snippet_link(texts.topics, name, directory)
    title = f"{endpoint.method} {endpoint.path}"
    link = directory.link("endpoint", name)
    return Section(title, link, "endpoint", is_code=True, blocks=tuple(blocks), sections=tuple(sections))


def _response(name: str, response: ResponseText, directory: Directory, tables: SchemaTables) -> Section:
    blocks: list[Block] = [Prose(response.description)] if response.description else []
    if response.headers:
        blocks.append(
            Properties(
                f"Headers of {response.status} of {name}",
                parameter_rows(response.headers, tables, says_where=False),
            )
        )
    blocks += _contents(f"{response.status} of {name}", response.contents, tables)
    title = status_title(response.status)
    return Section(
        title, directory.new(REST, f"{name}-{response.status}"), blocks=tuple(blocks), is_quick=False
    )


def _contents(of: str, contents: tuple[Content, ...], tables: SchemaTables) -> list[Block]:
    found: list[Block] = []
    for content in contents:
        schema = content.schema
        kind = tables.kind(schema, is_shown=True) if schema is not None else words("any value")
        found.append(Facts((("content", (code(content.content_type), Span(": "), *kind)),)))
        if schema is not None and tables.has_own_rows(schema) and (rows := tables.rows(schema)):
            found.append(Properties(f"Properties of {of}", rows))
        found += examples(of, list(content.examples))
    return found


def _credentials(text: EndpointText, directory: Directory) -> Line:
    if not text.credentials or text.credentials == ((),):
        return words("none needed")
    ways: list[Line] = []
    for way in text.credentials:
        names = tuple(part for name in way for part in (Span(" and "), directory.name("credential", name)))[
            1:
        ]
        ways.append(names or words("none"))
    return tuple(part for way in ways for part in (Span(" or "), *way))[1:]


def status_title(status: str) -> str:
    """A status with its meaning: ``404 Not Found``."""
    if status == "default":
        return "default (any other)"
    try:
        return f"{status} {HTTPStatus(int(status)).phrase}"
    except ValueError:
        return status
