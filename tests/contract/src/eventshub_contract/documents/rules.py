"""What is asked of a document about the hub."""

from __future__ import annotations

from typing import Final

from ..bundle import Rule


def _rule(rule_id: str, title: str, statement: str) -> Rule:
    return Rule(id=rule_id, title=title, statement=statement, guide=(), level="MUST", binds="both")


JSON_BLOCKS: Final = _rule(
    "DOC-1",
    "JSON that is shown",
    "A JSON block that looks like a message, a command, a request or a response satisfies its schema.",
)
NAMES: Final = _rule(
    "DOC-2",
    "Names that are mentioned",
    "Methods, paths, channels, messages, headers and rules that a text or a table mentions exist.",
)
STATUSES: Final = _rule(
    "DOC-3",
    "Statuses that are mentioned",
    "A status has its standard phrase, and is one that the endpoint it is mentioned with answers.",
)
STATEMENTS: Final = _rule(
    "DOC-4",
    "What the text says",
    "Where a field is, and what the hub does, is said as the spec says it, and in one way only.",
)
CODE: Final = _rule(
    "DOC-5",
    "Code that connects",
    "Code that connects to the hub calls the library as it is today, with a URL that it takes, and sends what"
    " the hub understands.",
)
SHELL: Final = _rule(
    "DOC-6",
    "Commands for a shell",
    "curl, websocat and wscat are called with an endpoint, a body and a credential that the hub takes.",
)
DIAGRAMS: Final = _rule(
    "DOC-7",
    "Sequence diagrams",
    "What a diagram has client and hub say to one another exists, goes in that direction, and in that order.",
)
RUNS: Final = _rule(
    "DOC-8",
    "Against a hub",
    "Code that is shown runs, and commands that are shown are answered, by the hub that was given.",
)
COLLECTIONS: Final = _rule(
    "DOC-9",
    "Postman collections",
    "Requests, bodies and saved responses of a collection are those of the spec.",
)
SERVICE_DOCUMENTS: Final = _rule(
    "DOC-10",
    "OpenAPI documents of a service",
    "The endpoints, statuses and fields that a service documents are those of the spec.",
)

RULES: Final = (
    *(JSON_BLOCKS, NAMES, STATUSES, STATEMENTS, CODE, SHELL, DIAGRAMS, RUNS),
    *(COLLECTIONS, SERVICE_DOCUMENTS),
)
"""All of them, in the order of the report."""
