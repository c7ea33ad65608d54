"""What is said of a message, and examples of everything."""

from __future__ import annotations

import json
from typing import Any

from ...ir.documentation import Documentation
from ...ir.documentation import Prose as Texts
from ...ir.stream import Direction, Message, Stream
from .account import Block, Code, Facts, Line, Properties, Prose, Section, code, listed, words
from .directory import Directory
from .prose import as_words
from .schemas import SchemaTables

_EXAMPLES = 3
"""How many examples of a message are shown; files of examples may hold dozens."""
_ROLES = {
    "welcome": "The first frame of every connection, known by its position.",
    "error": "Says why a command failed, or reports a fault.",
    "shutdown": "Sent before the server closes the connections.",
}
_DIRECTIONS = {Direction.TO_CLIENT: "server to client", Direction.TO_HUB: "client to server"}


def message_section(
    texts: Documentation, stream: Stream, message: Message, directory: Directory, tables: SchemaTables
) -> Section:
    """A message with its properties and examples."""
    facts: list[tuple[str, Line]] = [("direction", words(direction_of(message)))]
    if message.values:
        spans = [
            code(f"{key}: {json.dumps(value, ensure_ascii=False)}") for key, value in message.values.items()
        ]
        facts.append(("known by", listed(spans)))
    if message.role:
        facts.append(("role", words(_ROLES.get(message.role, message.role))))
    if message.correlation:
        facts.append(("correlation", (code(".".join(message.correlation)),)))
    answers = tuple(
        operation.name
        for operation in stream.operations
        if message.name in (operation.request, *operation.replies, *operation.errors)
    )
    if answers:
        facts.append(("commands", directory.names("command", answers)))
    kind = message.role or ("message" if message.direction is Direction.TO_CLIENT else "command")
    return _section(message.name, kind, facts, message.examples, texts, directory, tables)


def other_section(name: str, texts: Documentation, directory: Directory, tables: SchemaTables) -> Section:
    """A message that a channel lists and that generated code does not tell from others."""
    facts = [("known by", words("nothing that generated code could tell it by"))]
    return _section(name, "message", facts, texts.others[name], texts, directory, tables)


def _section(
    name: str,
    kind: str,
    facts: list[tuple[str, Line]],
    payloads: tuple[Any, ...],
    texts: Documentation,
    directory: Directory,
    tables: SchemaTables,
) -> Section:
    prose = texts.messages.get(name, Texts())
    blocks: list[Block] = [Prose(text) for text in (prose.summary, prose.description) if text]
    schema = texts.schemas.get(name)
    rows = tables.rows(schema, expands=True) if schema is not None else ()
    if schema is not None and not rows:
        facts = [*facts, ("payload", tables.kind(schema))]
        facts += [(word, (code(value),) if value else words("yes")) for word, value in tables.notes(schema)]
    blocks.append(Facts(tuple(facts)))
    if rows:
        blocks.append(Properties(f"Properties of {name}", rows))
    blocks += examples(name, [("", payload) for payload in payloads])
    return Section(name, directory.link("message", name), kind, is_code=True, blocks=tuple(blocks))


def examples(of: str, values: list[tuple[str, Any]], *, most: int = _EXAMPLES) -> list[Block]:
    """The first as it is, the next ones folded."""
    found: list[Block] = []
    for number, (name, value) in enumerate(values[:most], 1):
        label = f"Example of {of}" + (f", {number}" if number > 1 else "") + (f": {name}" if name else "")
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
        found.append(Code(label, "text" if isinstance(value, str) else "json", text, is_folded=number > 1))
    return found


def direction_of(message: Message) -> str:
    """Who sends a message to whom."""
    return "both ways" if message.is_two_way else _DIRECTIONS[message.direction]


def first_paragraph(text: str) -> str:
    """What a text begins with, in plain words."""
    return as_words(text.partition("\n\n")[0])
