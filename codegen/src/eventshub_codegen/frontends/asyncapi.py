"""AsyncAPI 3 documents: channels, messages, operations.

A document takes the hub's point of view unless it is said to take a client's:
what it ``send``s goes to the client, what it ``receive``s is a command.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..findings import Severity
from ..ir.access import SecurityScheme
from ..ir.origin import Origin
from ..ir.stream import Channel, Direction, Stream
from .bundling import SchemaBundler
from .drafts import Draft, PayloadReader
from .names import Names
from .schemas import SchemaReader
from .security import SecurityReader
from .servers import channel_parameters, check_servers, stream_server, stream_url
from .streams import Action, StreamBuilder, report_nothing
from .traits import stated
from .workspace import Place, Workspace


@dataclass(frozen=True, slots=True)
class StreamDocument:
    """A stream, and where its messages are in the document."""

    stream: Stream
    """All messages as if they came over one connection."""
    streams: tuple[Stream, ...]
    """The messages of each address."""
    places: dict[str, Place]
    variants: dict[str, list[str]]
    """Messages whose payload is one of several objects: the names of the messages that stand for these."""
    url: str
    security_schemes: tuple[SecurityScheme, ...] = field(default=())


class AsyncApiReader:
    """Reads one document."""

    def __init__(
        self,
        workspace: Workspace,
        schemas: SchemaReader,
        bundler: SchemaBundler,
        names: Names,
        *,
        is_strict: bool,
        is_client_view: bool,
    ) -> None:
        """Take what to read with, and how.

        Args:
            workspace: Opens files and takes findings.
            schemas: Declares payloads.
            bundler: Copies the schemas of payloads.
            names: Names messages.
            is_strict: Messages that nothing tells apart are an error; if not, they are left out.
            is_client_view: What the document ``send``s goes to the hub.
        """
        self._workspace = workspace
        self._schemas = schemas
        self._bundler = bundler
        self._names = names
        self._taken = "send" if is_client_view else "receive"
        self._duplicates = Severity.ERROR if is_strict else Severity.WARNING
        self._drafts: dict[Origin, list[Draft]] = {}
        self._channels: dict[Origin, Channel] = {}
        self._places: dict[str, Place] = {}

    def read(self, document: Place) -> StreamDocument:
        """Read all channels, messages and operations, as much of them as makes sense."""
        self._read_channels(document)
        actions = self._read_operations(document)
        for action in actions:
            for draft in action.messages:
                draft.assign(Direction.TO_HUB if action.is_taken else Direction.TO_CLIENT)
            for draft in action.answers:
                draft.assign(Direction.TO_CLIENT if action.is_taken else Direction.TO_HUB)
        variants = self._read_payloads(document, actions)
        drafts = [draft for group in self._drafts.values() for draft in group]
        for draft in drafts:
            if draft.direction is None:
                hint = "List it in an operation or in a reply."
                message = f"no operation sends or receives the message `{draft.name}`; it is left out"
                self._workspace.warn("unused-message", draft.place, message, hint)
        security = SecurityReader(self._workspace)
        check_servers(self._workspace, document)
        server = stream_server(self._workspace, document)
        demanded = security.of_asyncapi(server.get("security")) if server is not None else ()
        groups: dict[str, list[Place]] = {}
        for place in self._channel_places:
            groups.setdefault(place.text("address"), []).append(place)
        channels = list(self._channels.values())
        stream = self._build(document, drafts, actions, channels, is_muted=len(groups) > 1)
        streams: list[Stream] = []
        for places in groups.values():
            found = [self._channels[place.origin] for place in places]
            part = stream if len(groups) == 1 else self._build(document, drafts, actions, found)
            parameters = {
                (entry.location, entry.name): entry
                for place in places
                for entry in channel_parameters(self._workspace, self._schemas, place)
            }
            names = {channel.name for channel in found}
            mine = [action for action in actions if action.channel in names]
            needed = self._demanded(security, mine, demanded)
            streams.append(part.with_access(tuple(parameters.values()), needed))
        has_unread = any(draft.is_unread for draft in drafts)
        report_nothing(self._workspace, document, [stream, *streams], has_unread=has_unread)
        return StreamDocument(
            stream=stream,
            streams=tuple(streams),
            places={draft.name: draft.place for draft in drafts} | self._places,
            variants=variants,
            url=stream_url(server) if server is not None else "",
            security_schemes=tuple(security.schemes.values()),
        )

    def _demanded(
        self, security: SecurityReader, actions: list[Action], of_server: tuple[tuple[str, ...], ...]
    ) -> tuple[tuple[str, ...], ...]:
        """What a connection shows: what the server demands, else what any of its operations does."""
        found: dict[tuple[str, ...], None] = {}
        for action in actions:
            holder = stated(self._workspace, action.place, "security")
            alternatives = security.of_asyncapi(holder) if holder is not None else ()
            if holder is not None and of_server and not set(alternatives) <= set(of_server):
                message = f"the security of `{action.name}` is left out: the server's is shown to connect"
                hint = "Put it into the `security` of the server, or send the credential in the payload."
                self._workspace.warn("inexpressible", holder, message, hint, of_key=True)
            found |= dict.fromkeys(alternatives)
        return of_server or tuple(found)

    def _build(
        self,
        document: Place,
        drafts: list[Draft],
        actions: list[Action],
        channels: list[Channel],
        *,
        is_muted: bool = False,
    ) -> Stream:
        builder = StreamBuilder(
            self._workspace,
            self._schemas,
            channels,
            duplicates=self._duplicates,
            is_muted=is_muted,
            wanted_keys=self._names.wishes.discriminators or document.strings("x-discriminators"),
        )
        return builder.build(document, drafts, actions)

    def _read_channels(self, document: Place) -> None:
        channels = document.get("channels")
        self._channel_places: list[Place] = []
        for name, entry in channels.entries() if channels else ():
            place = self._workspace.follow(entry)
            if place is None or self._names.wishes.leaves_out("channels", name):
                continue
            listed: list[str] = []
            messages = place.get("messages")
            for key, reference in messages.entries() if messages else ():
                target = self._workspace.follow(reference)
                wanted = target.last if target is not None and target.pointer[:1] == ("components",) else key
                if target is None or self._names.wishes.leaves_out("messages", wanted):
                    continue
                if target.origin not in self._drafts:
                    self._drafts[target.origin] = [
                        Draft(self._names.name(target.origin, wanted, name), target)
                    ]
                [draft] = self._drafts[target.origin]
                draft.channels.append(name)
                listed.append(draft.name)
            self._channel_places.append(place)
            self._channels[place.origin] = Channel(
                name=name,
                address=place.text("address"),
                description=place.text("summary") or place.text("description"),
                is_always_subscribed=place.is_true("x-always-subscribed"),
                messages=tuple(listed),
            )

    def _read_operations(self, document: Place) -> list[Action]:
        operations = document.get("operations")
        found: list[Action] = []
        for name, entry in operations.entries() if operations else ():
            place = self._workspace.follow(entry)
            if place is None or self._is_left_out(name, place):
                continue
            reply = place.get("reply")
            reply = self._workspace.follow(reply) if reply is not None else None
            if reply is not None and (address := reply.get("address")) is not None:
                message = "the reply's address is left out: replies come over the connection that asked"
                hint = "Describe what comes elsewhere as messages of the channel there."
                self._workspace.warn("inexpressible", address, message, hint, of_key=True)
            action = Action(
                name=self._names.wishes.renamed(place.last),
                place=place,
                is_taken=place.text("action") == self._taken,
                channel=self._channel_of(place),
                messages=self._messages_of(place),
                reply=reply,
                answers=self._messages_of(reply) if reply is not None else [],
            )
            found.append(action)
        return found

    def _read_payloads(self, document: Place, actions: list[Action]) -> dict[str, list[str]]:
        reader = PayloadReader(
            self._workspace,
            self._schemas,
            self._bundler,
            self._names,
            default_content_type=document.text("defaultContentType"),
        )
        variants: dict[str, list[str]] = {}
        replaced: dict[str, list[Draft]] = {}
        for origin, [draft] in list(self._drafts.items()):
            found = reader.read(draft)
            self._drafts[origin] = found
            if found != [draft]:
                variants[draft.name] = [each.name for each in found]
                replaced[draft.name] = found
                self._places[draft.name] = draft.place
        if replaced:
            for action in actions:
                for listed in (action.messages, action.answers):
                    listed[:] = [each for draft in listed for each in replaced.get(draft.name, [draft])]
            for origin, channel in self._channels.items():
                names = [name for message in channel.messages for name in variants.get(message, [message])]
                self._channels[origin] = channel.with_messages(tuple(names))
        return variants

    def _is_left_out(self, name: str, operation: Place) -> bool:
        """Whether an operation is not wanted, or its channel is not."""
        reference = operation.get("channel")
        target = self._workspace.follow(reference) if reference is not None else None
        is_elsewhere = target is not None and target.origin not in self._channels
        return self._names.wishes.leaves_out("operations", name) or is_elsewhere

    def _channel_of(self, operation: Place) -> str:
        reference = operation.get("channel")
        target = self._workspace.follow(reference) if reference is not None else None
        channel = self._channels.get(target.origin) if target is not None else None
        return channel.name if channel is not None else ""

    def _messages_of(self, operation: Place) -> list[Draft]:
        """The messages that an operation or a reply lists; all of its channel if it lists none."""
        listed = operation.get("messages")
        if listed is None:
            channel = operation.get("channel")
            target = self._workspace.follow(channel) if channel is not None else None
            listed = target.get("messages") if target is not None else None
        if listed is None:
            return []
        references = [*listed.items(), *(place for _, place in listed.entries())]
        targets = [self._workspace.follow(reference) for reference in references]
        return [
            draft
            for target in targets
            if target and target.origin in self._drafts
            for draft in self._drafts[target.origin]
        ]
