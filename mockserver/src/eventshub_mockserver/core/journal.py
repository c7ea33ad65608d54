"""What was said between a hub and its clients: questions to its entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, cast, overload

import msgspec

from .entry import Entry, HttpRequest, Kind
from .har import har_text

__all__ = ["Entry", "HttpRequest", "Journal", "Kind", "Reading"]

Reading: TypeAlias = "Callable[[Collection[Kind], Mapping[str, object], Sequence[Entry]], object]"
"""Told what a journal was asked for, as ``Journal.select`` was, and what it found."""
_ANY: Any = object()


class Journal(Sequence[Entry]):
    """The entries of a hub up to one moment, oldest first; it does not change any more."""

    def __init__(
        self, entries: Sequence[Entry] = (), dropped: int = 0, reading: Reading | None = None
    ) -> None:
        self._entries = tuple(entries)
        self.dropped = dropped
        """Older entries that were given up because the journal was full."""
        self._reading = reading

    def sent(
        self, channel: str | None = None, message: str | None = None, *, connection: str | None = None
    ) -> Journal:
        """Messages that went out, replies and errors among them."""
        return self.select(Kind.SENT, channel=channel, message=message, connection=connection)

    def received(
        self, channel: str | None = None, message: str | None = None, *, connection: str | None = None
    ) -> Journal:
        """Messages that came in, whether or not the spec knows them."""
        return self.select(Kind.RECEIVED, channel=channel, message=message, connection=connection)

    def rejected(self, *, connection: str | None = None) -> Journal:
        """Messages that were answered with an error."""
        return self.select(Kind.REJECTED, connection=connection)

    def handshakes(self, status: int | None = None) -> Journal:
        """Requests for an upgrade, those answered with ``status`` if it is given."""
        return self.select(Kind.HANDSHAKE, status=status)

    def rest(self, status: int | None = None) -> Journal:
        """HTTP requests that are no handshakes."""
        return self.select(Kind.REST, status=status)

    def closes(self, *, connection: str | None = None) -> Journal:
        """Connections' ends."""
        return self.select(Kind.CLOSED, connection=connection)

    def select(self, *kinds: Kind, after: int = 0, **facts: object) -> Journal:
        """The entries of these kinds whose attributes are as given.

        Args:
            kinds: any of them; all kinds when none is given.
            after: leaves out entries with this number and lower ones.
            facts: attributes of ``Entry`` and their values; ``None`` for any.

        Raises:
            TypeError: entries have no such attribute.
        """
        wanted = {name: value for name, value in facts.items() if value is not None}
        if unknown := wanted.keys() - Entry.__dataclass_fields__.keys():
            raise TypeError(f"an entry has no {', '.join(sorted(unknown))}")
        found = [
            entry
            for entry in self._entries
            if entry.number > after
            and (not kinds or entry.kind in kinds)
            and all(getattr(entry, name) == value for name, value in wanted.items())
        ]
        if self._reading is not None:
            self._reading(kinds, wanted, found)
        return self._some(found)

    def where(self, path: str, equals: object = _ANY) -> Journal:
        """The entries whose message has something at a JSONPath (RFC 9535), such as ``$.body.vm_id``.

        Args:
            path: the path; ``$`` is the whole message, and filters such as
                ``$.body[?@.state == "running"]`` work too.
            equals: leaves out entries that have nothing equal to it there.

        Raises:
            ValueError: the path cannot be understood.
        """
        find = _finder(path)
        return self._some(
            [e for e in self._entries if (v := find(e)) and (equals is _ANY or any(x == equals for x in v))]
        )

    def values(self, path: str) -> list[Any]:
        """All that messages have at a JSONPath (RFC 9535), in order.

        Raises:
            ValueError: the path cannot be understood.
        """
        find = _finder(path)
        return [value for entry in self._entries for value in find(entry)]

    def counts(self) -> Mapping[Kind, int]:
        """How many entries there are of each kind that occurs."""
        return Counter(entry.kind for entry in self._entries)

    def json_lines(self) -> str:
        """The entries as JSON Lines, one object each; attributes that do not apply are left out."""
        return "".join(msgspec.json.encode(entry.as_object()).decode() + "\n" for entry in self._entries)

    def har(self) -> str:
        """The HTTP exchanges and their WebSockets' messages as an HTTP Archive (HAR 1.2), for other tools."""
        return har_text(self._entries, self.dropped)

    def timeline(self, last: int = 200) -> str:
        """The ``last`` entries, one a line, for people to read."""
        if not self._entries:
            return "(the journal is empty)"
        left_out = self.dropped + max(0, len(self._entries) - last)
        head = [f"({left_out} earlier entries are not shown)"] if left_out else []
        return "\n".join(head + [str(entry) for entry in self._entries[-last:]])

    @overload
    def __getitem__(self, index: int) -> Entry: ...

    @overload
    def __getitem__(self, index: slice) -> Journal: ...

    def __getitem__(self, index: int | slice) -> Entry | Journal:
        if isinstance(index, slice):
            return self._some(self._entries[index])
        return self._entries[index]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<Journal of {len(self)} entries\n{self.timeline()}\n>"

    def _some(self, entries: Sequence[Entry]) -> Journal:
        return Journal(entries, self.dropped, self._reading)


def _finder(path: str) -> Callable[[Entry], list[Any]]:
    """A function that gives what entries' messages have at a path."""
    import jsonpath  # loaded when it is used: it takes longer than most tests

    try:
        compiled = jsonpath.compile(path)
    except jsonpath.JSONPathError as error:
        raise ValueError(f"the path {path!r} cannot be understood: {str(error).splitlines()[0]}") from error

    def find(entry: Entry) -> list[Any]:
        data = entry.data
        # A message that is neither is a text, which the library would take for JSON to be parsed.
        return list(compiled.findall(cast("dict[str, Any]", data))) if isinstance(data, dict | list) else []

    return find
