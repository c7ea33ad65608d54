"""Where in the reference each thing is described, known before anything is written."""

from __future__ import annotations

from ...ir.spec import Spec
from .account import Anchors, Line, Link, Span, code

OVERVIEW, CHANNELS, COMMANDS, REST, ERRORS, TYPES, RULES, SNIPPETS = (
    "index",
    "channels",
    "commands",
    "rest",
    "errors",
    "types",
    "rules",
    "snippets",
)


class Directory:
    """Hands out links; each leads to a place that the page of that name has."""

    def __init__(self, spec: Spec) -> None:
        self.anchors = Anchors()
        self._pages = Anchors()
        for key in (OVERVIEW, CHANNELS, COMMANDS, REST, ERRORS, TYPES, RULES, SNIPPETS):
            self._pages.take(key)
        self._links: dict[tuple[str, str], Link] = {}
        stream = spec.stream
        self._others = spec.documentation.others
        for channel in stream.channels if stream else ():
            self._links["channel", channel.name] = Link(self._pages.take(f"channel-{channel.name}"), "")
        for message in stream.messages if stream else ():
            home = self._links["channel", message.home].page
            self._links["message", message.name] = Link(home, self.anchors.take(message.name))
        for channel in stream.channels if stream else ():
            for name in channel.messages:
                if name in spec.documentation.others and ("message", name) not in self._links:
                    page = self._links["channel", channel.name].page
                    self._links["message", name] = Link(page, self.anchors.take(name))
        for operation in stream.operations if stream else ():
            self._add("command", operation.name, COMMANDS)
        for endpoint in spec.endpoints:
            self._add("endpoint", endpoint.name, REST)
        for rule in spec.rules:
            self._links["rule", rule.id] = Link(RULES, self.anchors.take(rule.id))
        for name in spec.documentation.schemas:
            if ("message", name) not in self._links:
                self._add("type", name, TYPES)
        for topic in spec.documentation.topics:
            self._add("snippet", topic.name, SNIPPETS)
        for name in spec.documentation.credentials:
            self._add("credential", name, OVERVIEW)

    def _add(self, kind: str, name: str, page: str) -> None:
        self._links[kind, name] = Link(page, self.anchors.take(f"{kind}-{name}"))

    def __contains__(self, thing: tuple[str, str]) -> bool:
        return thing in self._links

    def link(self, kind: str, name: str) -> Link:
        """Where a channel, message, command, endpoint, rule, type, snippet or credential is described."""
        return self._links[kind, name]

    def is_other(self, name: str) -> bool:
        """Whether a message is described that the stream has not."""
        return name in self._others and ("message", name) in self._links

    def schema(self, name: str) -> Link | None:
        """Where a schema is described: as a message or as a type."""
        return self._links.get(("message", name)) or self._links.get(("type", name))

    def name(self, kind: str, name: str) -> Span:
        """The name of a thing, with a link to it if it is described."""
        return code(name, self._links.get((kind, name)))

    def names(self, kind: str, names: tuple[str, ...]) -> Line:
        """Names of things with commas between them."""
        return tuple(part for name in names for part in (Span(", "), self.name(kind, name)))[1:]

    def new(self, page: str, text: str) -> Link:
        """A place that nothing but a table of contents leads to."""
        return Link(page, self.anchors.take(f"{page}-{text}"))
