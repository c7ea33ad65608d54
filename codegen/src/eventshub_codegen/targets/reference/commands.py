"""What is said of commands, and of a connection as a whole."""

from __future__ import annotations

from ...ir.documentation import Documentation, Topic
from ...ir.documentation import Prose as Texts
from ...ir.spec import Spec
from ...ir.stream import Operation, Stream
from .account import Block, Facts, Line, Page, Paragraph, Prose, Section, Sequence, Span, Step, code
from .directory import COMMANDS, Directory
from .messages import examples


def command_page(spec: Spec, stream: Stream, directory: Directory) -> Page | None:
    """Each command with what answers it; None if there are none."""
    if not stream.operations:
        return None
    sections = tuple(
        _command(spec.documentation, stream, operation, directory) for operation in stream.operations
    )
    lead = "What a client can ask over the socket, and what answers it."
    return Page(COMMANDS, "Commands", lead, (), sections)


def _command(texts: Documentation, stream: Stream, operation: Operation, directory: Directory) -> Section:
    prose = texts.operations.get(operation.name, Texts())
    request = stream.message(operation.request)
    answers = (*operation.replies, *operation.errors)
    steps = [Step(request.name, is_from_client=True)]
    steps += [
        Step(name, is_from_client=False, is_alternative=number > 0) for number, name in enumerate(answers)
    ]
    facts: list[tuple[str, Line]] = [
        ("request", directory.names("message", (operation.request,))),
        ("answers", directory.names("message", operation.replies)),
    ]
    if operation.errors:
        facts.append(("or errors", directory.names("message", operation.errors)))
    reply = stream.message(operation.replies[0])
    matched = (
        code(".".join(request.correlation)),
        Span(" of the request comes back as "),
        code(".".join(reply.correlation)),
    )
    facts.append(("matched by", matched))
    blocks: list[Block] = [Prose(text) for text in (prose.summary, prose.description) if text]
    if not blocks and operation.summary:
        blocks.append(Prose(operation.summary))
    blocks += [Sequence(f"Sequence of the command {operation.name}", tuple(steps)), Facts(tuple(facts))]
    blocks += examples(request.name, [("", value) for value in request.examples], most=1)
    blocks += examples(reply.name, [("", value) for value in reply.examples], most=1)
    blocks += snippet_link(texts.topics, operation.name, directory)
    return Section(
        operation.name,
        directory.link("command", operation.name),
        kind="command",
        is_code=True,
        blocks=tuple(blocks),
    )


def snippet_link(topics: tuple[Topic, ...], name: str, directory: Directory) -> list[Block]:
    """Where programs are that do this, if there are any."""
    for topic in topics:
        if topic.name == name:
            languages = ", ".join(snippet.language for snippet in topic.snippets)
            link = directory.link("snippet", name)
            return [
                Paragraph(
                    (
                        Span("As a program: "),
                        Span(topic.title, link=link),
                        Span(f" ({languages})."),
                    )
                )
            ]
    return []


def connection(stream: Stream) -> Sequence:
    """A connection from its first message to its last."""
    names = {role: [message.name for message in stream.with_role(role)] for role in ("welcome", "shutdown")}
    told = [message for message in stream.to_client() if not message.role and not message.correlation]
    steps = [Step(f"GET {stream.address or '/'} (upgrade)", is_from_client=True)]
    steps += [Step(name, is_from_client=False) for name in names["welcome"]]
    steps += [Step(f"{message.name}, …", is_from_client=False) for message in told[:1]]
    for operation in stream.operations[:1]:
        steps.append(Step(operation.request, is_from_client=True))
        steps.append(Step(operation.replies[0], is_from_client=False))
    steps += [Step(name, is_from_client=False) for name in names["shutdown"]]
    return Sequence("Sequence of a connection", tuple(steps))
