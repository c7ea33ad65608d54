"""What is said of the channels of a stream."""

from __future__ import annotations

from ...ir.documentation import Prose as Texts
from ...ir.spec import Spec
from ...ir.stream import Channel, Message, Stream
from .account import Block, Facts, Grid, Line, Page, Properties, Prose, Section, code, listed, words
from .directory import CHANNELS, Directory
from .messages import direction_of, first_paragraph, message_section, other_section
from .parameters import parameter_rows
from .schemas import SchemaTables


def channel_pages(spec: Spec, stream: Stream, directory: Directory, tables: SchemaTables) -> list[Page]:
    """The list of channels, and a page for each."""
    texts = spec.documentation
    addresses = listed([code(address) for address in dict.fromkeys(one.address for one in stream.channels)])
    index: list[Block] = [_channels(spec, stream, directory), Facts((("address", addresses),))]
    if rows := parameter_rows(texts.stream_parameters, tables):
        index.append(Properties("Parameters of the handshake", rows))
    every = Section(
        "All messages", directory.new(CHANNELS, "messages"), blocks=(_messages(spec, stream, directory),)
    )
    lead = "The channels of the stream, and every message on them."
    return [
        Page(CHANNELS, "Channels", lead, tuple(index), (every,)),
        *(_channel_page(spec, stream, channel, directory, tables) for channel in stream.channels),
    ]


def _channels(spec: Spec, stream: Stream, directory: Directory) -> Grid:
    """All channels; whether they are subscribed by themselves is told where some are."""
    says_when = any(channel.is_always_subscribed for channel in stream.channels)
    rows: list[tuple[Line, ...]] = []
    for channel in stream.channels:
        text = spec.documentation.channels.get(channel.name, Texts())
        about = first_paragraph(text.summary or text.description or channel.description)
        when: tuple[Line, ...] = (words(_subscribed(channel)),) if says_when else ()
        count = len(_own(stream, channel)) + len(_others(channel, directory))
        rows.append(((directory.name("channel", channel.name),), *when, words(str(count)), words(about)))
    heads = ("Channel", *(("Subscribed",) if says_when else ()), "Messages", "What it is about")
    return Grid("Channels", heads, tuple(rows))


def _messages(spec: Spec, stream: Stream, directory: Directory) -> Grid:
    rows: list[tuple[Line, ...]] = [
        (
            (directory.name("message", message.name),),
            (directory.name("channel", message.home),),
            words(direction_of(message)),
            words(first_paragraph(message.summary)),
        )
        for message in stream.messages
    ]
    for channel in stream.channels:
        for name in _others(channel, directory):
            text = spec.documentation.messages.get(name, Texts())
            about = words(first_paragraph(text.summary or text.description))
            where = directory.name("channel", channel.name)
            rows.append(((directory.name("message", name),), (where,), words("not told"), about))
    return Grid("All messages", ("Message", "Channel", "Direction", "What it says"), tuple(rows))


def _channel_page(
    spec: Spec, stream: Stream, channel: Channel, directory: Directory, tables: SchemaTables
) -> Page:
    texts = spec.documentation
    prose = texts.channels.get(channel.name, Texts())
    facts: list[tuple[str, Line]] = [("name", (code(channel.name),)), ("address", (code(channel.address),))]
    if any(one.is_always_subscribed for one in stream.channels):
        facts.append(("subscribed", words(_subscribed(channel))))
    own, others = _own(stream, channel), _others(channel, directory)
    here = {*(message.name for message in own), *others}
    guests = tuple(name for name in channel.messages if name not in here and ("message", name) in directory)
    if guests:
        facts.append(("also on it", directory.names("message", guests)))
    blocks: list[Block] = [Prose(prose.description)] if prose.description and prose.summary else []
    return Page(
        directory.link("channel", channel.name).page,
        prose.title or channel.name,
        prose.summary or prose.description or channel.description,
        (*blocks, Facts(tuple(facts))),
        (
            *(message_section(texts, stream, message, directory, tables) for message in own),
            *(other_section(name, texts, directory, tables) for name in others),
        ),
        parent=CHANNELS,
    )


def _own(stream: Stream, channel: Channel) -> list[Message]:
    """The messages that are described with this channel."""
    return [message for message in stream.messages if message.home == channel.name]


def _others(channel: Channel, directory: Directory) -> list[str]:
    """Names of those among them that the stream has not."""
    page = directory.link("channel", channel.name).page
    return [
        name
        for name in channel.messages
        if directory.is_other(name) and directory.link("message", name).page == page
    ]


def _subscribed(channel: Channel) -> str:
    return "always, asked for or not" if channel.is_always_subscribed else "when asked for"
