"""The whole reference: every page, in the order in which they are listed."""

from __future__ import annotations

from dataclasses import replace

from ...ir.documentation import Credential, Server
from ...ir.json_values import is_object
from ...ir.spec import Rule, Spec
from .account import (
    Block,
    Code,
    Facts,
    Grid,
    Line,
    Link,
    Page,
    Paragraph,
    Properties,
    Prose,
    Section,
    Span,
    code,
    listed,
    words,
)
from .channels import channel_pages
from .commands import command_page, connection
from .directory import OVERVIEW, RULES, SNIPPETS, TYPES, Directory
from .errors import error_page
from .rest import rest_page
from .schemas import SchemaTables

_BINDS = {"hub": "the server", "client": "the client", "both": "both sides"}
_LANGUAGES = {"Node": "js", "curl": "sh", "C#": "csharp"}


def write_reference(spec: Spec) -> list[Page]:
    """All pages that these documents give reason for."""
    directory = Directory(spec)
    used: list[str] = []

    def link_to(name: str) -> Link | None:
        found = directory.schema(name)
        if found is not None and found.page == TYPES and name not in used:
            used.append(name)
        return found

    tables = SchemaTables(spec.documentation, link_to)
    pages: list[Page] = []
    if spec.stream is not None:
        pages += channel_pages(spec, spec.stream, directory, tables)
        pages += [page for page in (command_page(spec, spec.stream, directory),) if page]
    pages += [page for page in (rest_page(spec, directory, tables), error_page(spec, directory)) if page]
    pages += [page for page in (_types(spec, directory, tables, used), _rules(spec, directory)) if page]
    pages += [page for page in (_snippets(spec, directory),) if page]
    return [_overview(spec, directory, pages), *pages]


def _overview(spec: Spec, directory: Directory, others: list[Page]) -> Page:
    texts = spec.documentation
    contents = tuple(
        ((Span(page.title, link=Link(page.key, "")),), words(page.lead)) for page in others if not page.parent
    )
    blocks: list[Block] = [Facts((("version", (code(spec.version),)),))]
    if texts.prose.description:
        blocks.append(Prose(texts.prose.description))
    blocks.append(Grid("What is here", ("Page", "What it holds"), contents))
    sections: list[Section] = []
    stream = spec.stream
    if stream is not None:
        known = [code(" or ".join((entry.key, *entry.aliases))) for entry in stream.discriminators]
        about: list[Block] = [connection(stream)]
        if known:
            line = (Span("Messages are told apart by the values of "), *listed(known), Span("."))
            about.append(Paragraph(line))
        if texts.stream_credentials:
            names = [directory.name("credential", name) for name in texts.stream_credentials]
            ways = tuple(part for name in names for part in (Span(" or "), name))[1:]
            about.append(Facts((("credentials", ways),)))
        sections.append(Section("A connection", directory.new(OVERVIEW, "connection"), blocks=tuple(about)))
    servers = [
        *(_server(server, "stream") for server in texts.stream_servers),
        *(_server(server, "REST") for server in texts.rest_servers),
    ]
    if servers:
        heads = ("Address", "For", "What it is", "Variables")
        grid = Grid("Servers", heads, tuple(servers))
        sections.append(Section("Servers", directory.new(OVERVIEW, "servers"), blocks=(grid,)))
    if texts.credentials:
        sections.append(
            Section(
                "Credentials",
                directory.new(OVERVIEW, "credentials"),
                sections=tuple(_credential(entry, directory) for entry in texts.credentials.values()),
            )
        )
    lead = texts.prose.summary or f"Reference of {spec.title}."
    return Page(OVERVIEW, spec.title or "Reference", lead, tuple(blocks), tuple(sections), label="Overview")


def _server(server: Server, use: str) -> tuple[Line, ...]:
    variables: list[Span] = []
    for variable in server.variables:
        choices = " or ".join(f'"{choice}"' for choice in variable.choices)
        text = f"{variable.name} = " + (choices or f'"{variable.default}"')
        variables.append(code(text))
    return (code(server.url),), words(use), words(server.description), listed(variables) or words("none")


def _credential(credential: Credential, directory: Directory) -> Section:
    how = {
        "http": f"header Authorization, scheme {credential.scheme}",
        "apiKey": f"{credential.place} {credential.key}",
    }.get(credential.kind, credential.kind)
    blocks: tuple[Block, ...] = (Facts((("shown in", (code(how),)),)), Prose(credential.description))
    link = directory.link("credential", credential.name)
    return Section(credential.name, link, "credential", is_code=True, blocks=blocks)


def _types(spec: Spec, directory: Directory, tables: SchemaTables, used: list[str]) -> Page | None:
    """The schemas that something links to; those that they link to in turn are added while this goes on."""
    found: dict[str, Section] = {}
    while waiting := [name for name in used if name not in found]:
        for name in waiting:
            found[name] = _type(name, spec, directory, tables)
    lead = "What values consist of that appear in more than one place, or are too large to be shown in place."
    order = sorted(found, key=lambda name: (name.lower(), name))
    return Page(TYPES, "Types", lead, (), tuple(found[name] for name in order)) if found else None


def _type(name: str, spec: Spec, directory: Directory, tables: SchemaTables) -> Section:
    schema = spec.documentation.schemas[name]
    text = schema.get("description") if is_object(schema) else None
    blocks: list[Block] = [Prose(text)] if isinstance(text, str) and text else []
    rows = tables.rows(schema)
    facts: list[tuple[str, Line]] = [("value", tables.kind(schema))] if not rows else []
    facts += [(word, (code(value),) if value else words("yes")) for word, value in tables.notes(schema)]
    if facts:
        blocks.append(Facts(tuple(facts)))
    if rows:
        blocks.append(Properties(f"Properties of {name}", rows))
    return Section(name, directory.link("type", name), "type", is_code=True, blocks=tuple(blocks))


def _rules(spec: Spec, directory: Directory) -> Page | None:
    groups: dict[str, list[Rule]] = {}
    for rule in spec.rules:
        groups.setdefault(rule.id.rpartition("-")[0], []).append(rule)
    sections = tuple(
        Section(
            group,
            directory.new(RULES, group),
            "rules",
            is_code=True,
            sections=tuple(_rule(rule, directory) for rule in rules),
        )
        for group, rules in groups.items()
    )
    lead = "The behaviour that no schema can express, rule by rule, with the sections of the guide behind it."
    return Page(RULES, "Rules", lead, (), sections) if sections else None


def _rule(rule: Rule, directory: Directory) -> Section:
    guide = ", ".join(f"§ {number}" for number in rule.guide) or "says nothing"
    facts = (
        ("level", words(rule.level)),
        ("binds", words(_BINDS.get(rule.binds, rule.binds))),
        ("guide", words(guide)),
    )
    blocks: tuple[Block, ...] = (Prose(rule.statement), Facts(facts))
    return Section(f"{rule.id} {rule.title}", directory.link("rule", rule.id), "rule", blocks=blocks)


def _snippets(spec: Spec, directory: Directory) -> Page | None:
    sections: list[Section] = []
    for topic in spec.documentation.topics:
        blocks: list[Block] = [Prose(topic.description)] if topic.description else []
        blocks += _see(topic.name, directory)
        link = directory.link("snippet", topic.name)
        programs = tuple(
            Section(
                f"{topic.title} in {snippet.language}",
                replace(link, anchor=directory.anchors.take(f"{link.anchor}-{snippet.language}")),
                "snippet",
                blocks=(
                    Code(
                        snippet.file,
                        _LANGUAGES.get(snippet.language, snippet.language.lower()),
                        snippet.text.rstrip("\n"),
                    ),
                ),
            )
            for snippet in topic.snippets
        )
        sections.append(Section(topic.title, link, blocks=tuple(blocks), sections=programs))
    lead = "Small programs, in several languages, that do one thing each."
    return Page(SNIPPETS, "Snippets", lead, (), tuple(sections)) if sections else None


def _see(name: str, directory: Directory) -> list[Block]:
    kinds = [kind for kind in ("command", "endpoint") if (kind, name) in directory]
    spans = [Span(f"{kind} {name}", link=directory.link(kind, name)) for kind in kinds]
    return [Paragraph((Span("About the "), *listed(spans), Span(".")))] if spans else []
