"""What is said of a stream: its channels with their messages, its commands."""

from __future__ import annotations

import json
from typing import Any

from ...ir.documentation import Documentation, Parameter, Topic
from ...ir.documentation import Prose as Texts
from ...ir.spec import Spec
from ...ir.stream import Channel, Direction, Message, Operation, Stream
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
    Property,
    Prose,
    Section,
    Sequence,
    Span,
    Step,
    code,
    listed,
    words,
)
from .directory import CHANNELS, COMMANDS, Directory
from .schemas import SchemaTables

_EXAMPLES = 3
"""How many examples of a message are shown; files of examples may hold dozens."""
_ROLES = {
    "welcome": "The first frame of every connection, known by its position.",
    "error": "Says why a command failed, or reports a fault.",
    "shutdown": "Sent before the server closes the connections.",
}
_DIRECTIONS = {Direction.TO_CLIENT: "server to client", Direction.TO_HUB: "client to server"}


def channel_pages(spec: Spec, stream: Stream, directory: Directory, tables: SchemaTables) -> list[Page]:
    """The list of channels, and a page for each."""
    texts = spec.documentation
    rows = tuple(
        (
            (directory.name("channel", channel.name),),
            words("always" if channel.is_always_subscribed else "when asked for"),
            words(str(len(_at_home(stream, channel)))),
            words(_summary(texts.channels.get(channel.name), channel.description)),
        )
        for channel in stream.channels
    )
    heads = ("Channel", "Subscribed", "Messages", "What it is about")
    index: list[Block] = [
        Grid("Channels", heads, rows),
        Facts(
            (
                (
                    "address",
                    listed([code(address) for address in dict.fromkeys(c.address for c in stream.channels)]),
                ),
            )
        ),
        *_handshake(texts, tables),
    ]
    messages = tuple(
        (
            (directory.name("message", message.name),),
            (directory.name("channel", message.home),),
            words(_direction(message)),
            words(_first_paragraph(message.summary)),
        )
        for message in stream.messages
    )
    every = Grid("All messages", ("Message", "Channel", "Direction", "What it says"), messages)
    found = [
        Page(
            CHANNELS,
            "Channels",
            "The channels of the stream, and every message on them.",
            tuple(index),
            (Section("All messages", directory.new(CHANNELS, "messages"), blocks=(every,)),),
        )
    ]
    found += [_channel_page(texts, stream, channel, directory, tables) for channel in stream.channels]
    return found


def _channel_page(
    texts: Documentation, stream: Stream, channel: Channel, directory: Directory, tables: SchemaTables
) -> Page:
    link = directory.link("channel", channel.name)
    prose = texts.channels.get(channel.name, Texts())
    subscribed = "always, asked for or not" if channel.is_always_subscribed else "when asked for"
    facts: list[tuple[str, Line]] = [
        ("name", (code(channel.name),)),
        ("address", (code(channel.address),)),
        ("subscribed", words(subscribed)),
    ]
    own = _at_home(stream, channel)
    guests = tuple(name for name in channel.messages if name not in {message.name for message in own})
    known = {message.name for message in stream.messages}
    if guests := tuple(name for name in guests if name in known):
        facts.append(("also on it", directory.names("message", guests)))
    blocks: list[Block] = [Prose(prose.description)] if prose.description and prose.summary else []
    return Page(
        link.page,
        prose.title or channel.name,
        prose.summary or prose.description or channel.description,
        (*blocks, Facts(tuple(facts))),
        tuple(_message(texts, stream, message, directory, tables) for message in own),
        parent=CHANNELS,
    )


def _message(
    texts: Documentation, stream: Stream, message: Message, directory: Directory, tables: SchemaTables
) -> Section:
    prose = texts.messages.get(message.name, Texts())
    facts: list[tuple[str, Line]] = [("direction", words(_direction(message)))]
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
    blocks: list[Block] = [Prose(text) for text in (prose.summary, prose.description) if text]
    blocks.append(Facts(tuple(facts)))
    schema = texts.schemas.get(message.name)
    if rows := tables.rows(schema, expands=True):
        blocks.append(Properties(f"Properties of {message.name}", rows))
    blocks += examples(message.name, [("", value) for value in message.examples])
    return Section(
        message.name,
        directory.link("message", message.name),
        kind=message.role or ("message" if message.direction is Direction.TO_CLIENT else "command"),
        is_code=True,
        blocks=tuple(blocks),
    )


def examples(of: str, values: list[tuple[str, Any]], *, most: int = _EXAMPLES) -> list[Block]:
    """The first as it is, the next ones folded."""
    found: list[Block] = []
    for number, (name, value) in enumerate(values[:most], 1):
        label = f"Example of {of}" + (f", {number}" if number > 1 else "") + (f": {name}" if name else "")
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
        found.append(Code(label, "text" if isinstance(value, str) else "json", text, is_folded=number > 1))
    return found


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
            link: Link = directory.link("snippet", name)
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


def parameter_rows(
    parameters: tuple[Parameter, ...], tables: SchemaTables, *, says_where: bool = True
) -> tuple[Property, ...]:
    """Parameters as a table of properties; where they go is told unless it is plain."""
    return tuple(
        Property(
            name=parameter.name,
            kind=tables.kind(parameter.schema),
            is_required=parameter.is_required,
            notes=(
                *(((f"in the {parameter.place}", ""),) if says_where else ()),
                *tables.notes(parameter.schema),
                *((("for example", _plain(parameter.examples[0])),) if parameter.examples else ()),
            ),
            description=parameter.description,
        )
        for parameter in parameters
    )


def _handshake(texts: Documentation, tables: SchemaTables) -> list[Block]:
    rows = parameter_rows(texts.stream_parameters, tables)
    return [Properties("Parameters of the handshake", rows)] if rows else []


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _at_home(stream: Stream, channel: Channel) -> list[Message]:
    return [message for message in stream.messages if message.home == channel.name]


def _direction(message: Message) -> str:
    return "both ways" if message.is_two_way else _DIRECTIONS[message.direction]


def _summary(prose: Texts | None, otherwise: str) -> str:
    return _first_paragraph((prose.summary or prose.description if prose else "") or otherwise)


def _first_paragraph(text: str) -> str:
    from .prose import as_words

    return as_words(text.partition("\n\n")[0])
