"""What was said so far: questions, and exports for other tools."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...core.entry import Entry, Kind
from ...core.journal import Journal
from ...core.recorder import Recorder
from .controlled import ControlledHub
from .endpoint import Endpoint, Example, Nothing, refused

_MOST_ENTRIES: Final = 10_000
_LONGEST_WAIT: Final = 30
_NO_JOURNAL: Final = {409: "This hub keeps no journal."}
_Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
_FACTS: Final = ("channel", "message", "connection", "principal", "status", "fault", "fault_number")


class JournalFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entries are meant: all for which everything is so that is said."""

    kind: Annotated[
        tuple[Kind, ...], Meta(description="What they are about; any of these. May be repeated.")
    ] = ()
    channel: Annotated[str | UnsetType, Meta(description="The channel of their message.")] = UNSET
    message: Annotated[str | UnsetType, Meta(description="The name of their message.")] = UNSET
    connection: Annotated[str | UnsetType, Meta(description="The client ID of their connection.")] = UNSET
    principal: Annotated[str | UnsetType, Meta(description="The name of their credential.")] = UNSET
    status: Annotated[_Count | UnsetType, Meta(description="Their HTTP status, or close code.")] = UNSET
    fault: Annotated[str | UnsetType, Meta(description="A fault's ID in the catalogue.")] = UNSET
    fault_number: Annotated[_Count | UnsetType, Meta(description="The number that the fault got.")] = UNSET
    after: Annotated[_Count, Meta(description="Leaves out entries with this number and lower ones.")] = 0
    where: Annotated[
        str | UnsetType,
        Meta(
            description="A JSONPath (RFC 9535) at which their message has something, "
            "such as `$.body.vm_id`; filters work too."
        ),
    ] = UNSET
    equals: Annotated[
        str | UnsetType,
        Meta(description="What is to be found at `where`: JSON, or a text as it stands."),
    ] = UNSET


class JournalQuery(JournalFilter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entries are wanted, and how long they may take to come."""

    limit: Annotated[int, Meta(ge=1, le=_MOST_ENTRIES, description="The oldest so many of them.")] = (
        _MOST_ENTRIES
    )
    wait: Annotated[
        float, Meta(ge=0, le=_LONGEST_WAIT, description="Real seconds to wait until there is one.")
    ] = 0.0


class EntryRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request, without what may be secret in it."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened; what does not apply to its kind is left out."""

    number: Annotated[int, Meta(description="Counts from 1 since the hub's start.")]
    time: str
    elapsed: Annotated[float, Meta(description="Seconds since the hub's start.")]
    kind: Kind
    connection: Annotated[str | UnsetType, Meta(description="The connection's client ID.")] = UNSET
    principal: Annotated[str | UnsetType, Meta(description="The credential's name, never its secret.")] = (
        UNSET
    )
    channel: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    text: Annotated[str | UnsetType, Meta(description="A message as it was on the wire.")] = UNSET
    status: Annotated[int | UnsetType, Meta(description="HTTP status, or close code.")] = UNSET
    channels: tuple[str, ...] | UnsetType = UNSET
    recipients: int | UnsetType = UNSET
    fault: str | UnsetType = UNSET
    fault_number: int | UnsetType = UNSET
    detail: str | UnsetType = UNSET
    request: EntryRequest | UnsetType = UNSET


class JournalPage(msgspec.Struct, frozen=True, kw_only=True):
    """Entries of the journal."""

    entries: Annotated[list[JournalEntry], Meta(description="Oldest first.")]
    last: Annotated[int, Meta(description="To go on from here, ask with it as `after`.")]
    dropped: Annotated[int, Meta(description="Older entries that the full journal has given up.")]


class JournalCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries there are."""

    total: int
    counts: Annotated[dict[str, int], Meta(description="Of each kind that occurs.")]


async def journal(controlled: ControlledHub, request: JournalQuery) -> JournalPage:
    """The entries that are asked for, as soon as there is one."""
    recorder = _recorder(controlled)
    found = _chosen(recorder, request)
    if not found and request.wait:
        found = await _awaited(recorder, request)
    last = recorder.last_number
    if len(found) > request.limit:
        found = found[: request.limit]
        last = found[-1].number
    entries = [_entry(entry) for entry in found]
    return JournalPage(entries=entries, last=last, dropped=found.dropped)


async def counts(controlled: ControlledHub, request: JournalFilter) -> JournalCounts:
    """How many entries of each kind there are."""
    found = _chosen(_recorder(controlled), request)
    return JournalCounts(total=len(found), counts={str(k): n for k, n in found.counts().items()})


async def json_lines(controlled: ControlledHub, request: JournalFilter) -> bytes:
    """The entries as JSON Lines."""
    return _chosen(_recorder(controlled), request).json_lines().encode()


async def har(controlled: ControlledHub, request: JournalFilter) -> bytes:
    """The exchanges as an HTTP Archive."""
    return _chosen(_recorder(controlled), request).har().encode()


async def clear(controlled: ControlledHub, request: Nothing) -> None:
    """Forget everything."""
    del request
    _recorder(controlled).clear()


def _recorder(controlled: ControlledHub) -> Recorder:
    if controlled.recorder is None:
        raise refused(409, "this hub keeps no journal: start it without --no-journal")
    return controlled.recorder


def _chosen(recorder: Recorder, request: JournalFilter) -> Journal:
    facts: dict[str, object] = {
        name: value for name in _FACTS if not isinstance(value := getattr(request, name), UnsetType)
    }
    found = recorder.journal().select(*request.kind, after=request.after, **facts)
    if isinstance(request.where, UnsetType):
        if not isinstance(request.equals, UnsetType):
            raise refused(400, "equals: it needs a path in where")
        return found
    try:
        if isinstance(request.equals, UnsetType):
            return found.where(request.where)
        return found.where(request.where, _value(request.equals))
    except ValueError as error:
        raise refused(400, f"where: {error}") from error


def _value(text: str) -> Any:
    """What a text says: JSON, or itself."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return text


async def _awaited(recorder: Recorder, request: JournalQuery) -> Journal:
    grown = asyncio.Event()
    recorder.listeners.append(grown.set)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(request.wait):
                while not (found := _chosen(recorder, request)):
                    grown.clear()
                    await grown.wait()
                return found
        return _chosen(recorder, request)
    finally:
        recorder.listeners.remove(grown.set)


def _entry(entry: Entry) -> JournalEntry:
    return msgspec.convert(entry.as_object(), JournalEntry, from_attributes=True)


ENDPOINTS: Final = (
    Endpoint(
        name="journal",
        method="GET",
        path="/journal",
        summary="Ask what was said, and wait until it is if need be.",
        details=(
            "All filters have to match. With `wait` the call answers as soon as there is an entry, with "
            "none when the time is over. A call's own entry is written after its answer."
        ),
        request=JournalQuery,
        answer=JournalPage,
        says="The entries that match.",
        errors={400: "`where` is no JSONPath, or `equals` comes without it.", **_NO_JOURNAL},
        handle=journal,
        example=Example(path="/journal?kind=sent&channel=pdfm&where=$.body.vm_id&equals=vm-1&wait=5"),
    ),
    Endpoint(
        name="journal_counts",
        method="GET",
        path="/journal/counts",
        summary="Count what was said.",
        request=JournalFilter,
        answer=JournalCounts,
        says="How many entries match.",
        errors={400: "`where` is no JSONPath, or `equals` comes without it.", **_NO_JOURNAL},
        handle=counts,
        example=Example(path="/journal/counts?kind=handshake&status=101"),
    ),
    Endpoint(
        name="journal_json_lines",
        method="GET",
        path="/journal/json-lines",
        summary="Export the journal as JSON Lines.",
        request=JournalFilter,
        answer=str,
        media_type="application/jsonl",
        says="One entry a line, as in `entries` of `/journal`.",
        errors={400: "`where` is no JSONPath, or `equals` comes without it.", **_NO_JOURNAL},
        handle=json_lines,
    ),
    Endpoint(
        name="journal_har",
        method="GET",
        path="/journal/har",
        summary="Export the journal as an HTTP Archive with WebSocket messages.",
        request=JournalFilter,
        answer=dict[str, Any],
        says="A HAR 1.2; messages are in `_webSocketMessages` of their handshake, as browsers write them.",
        errors={400: "`where` is no JSONPath, or `equals` comes without it.", **_NO_JOURNAL},
        handle=har,
    ),
    Endpoint(
        name="clear_journal",
        method="DELETE",
        path="/journal",
        summary="Forget what was said; numbers go on.",
        status=204,
        says="Done.",
        errors=_NO_JOURNAL,
        handle=clear,
    ),
)
