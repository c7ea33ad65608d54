"""What the shape of a step does not say: whether the spec, the hub and the catalogue of faults know it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..._generated.protocol import PROTOCOL
from ...core.catalogue import Catalogue, InvalidEventError
from ...core.clock import ManualClock, rfc3339
from ...core.ids import Ids
from ...core.validation import packaged_validator
from ...faults.rule import FaultError, parse_fault
from ..fleet import SimulatedFleet
from .conditions import CONDITIONS
from .document import Path


@dataclass(frozen=True, slots=True)
class CheckProblem:
    """Something that is wrong in a step."""

    path: Path
    """From the step's content."""
    text: str


def checked(kind: str, given: Any) -> Iterator[CheckProblem]:
    """All that is wrong in a step whose shape is right and whose templates have been replaced."""
    match kind:
        case "publish":
            yield from _event_problems(given)
        case "wait_for" | "expect" | "expect_none":
            yield from _condition_problems(given, ("command", "unsubscribe", "disconnect", "handshake"))
        case "fault":
            try:
                parse_fault(given)
            except FaultError as error:
                yield CheckProblem((), str(error))
        case "simulate":
            try:
                SimulatedFleet(**{key: value for key, value in given.items() if key != "seconds"})
            except ValueError as error:
                yield CheckProblem((), str(error))
        case _:
            return


def _event_problems(given: dict[str, Any]) -> Iterator[CheckProblem]:
    if given.get("unchecked"):
        if given.get("generate"):
            yield CheckProblem(("generate",), "generate makes what the spec allows: leave unchecked out")
        return
    if "body" in given and given.get("generate"):
        yield CheckProblem(("generate",), "give either body or generate")
        return
    try:
        message = _catalogue().find(given["channel"], given["message"])
    except InvalidEventError as error:
        key = "message" if given["channel"] in PROTOCOL.channels else "channel"
        yield CheckProblem((key,), str(error))
        return
    if given.get("generate"):
        return
    content = {key: given[key] for key in ("body",) if key in given}
    try:
        _catalogue().frame(message, content)
    except InvalidEventError as error:
        faults = packaged_validator().message_faults(message.__name__, _filled_in(given, content))
        in_body = [fault for fault in faults if fault.path[:1] == ("body",)]
        for fault in in_body if content else ():
            yield CheckProblem(fault.path, f"{message.__name__} is not as the spec wants it: {fault}")
        if not (content and in_body):
            yield CheckProblem(("body",) if content else (), str(error))


def _filled_in(given: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    """The whole frame of an event, as the hub would send it."""
    keys = (names[0] for names in PROTOCOL.discriminators)
    named = dict(zip(keys, (given["channel"], given["message"]), strict=True))
    return {"id": "0", **named, "timestamp": rfc3339(0), **content}


def _condition_problems(given: dict[str, Any], of_absence: Iterable[str]) -> Iterator[CheckProblem]:
    named = [name for name in CONDITIONS if name in given]
    if len(named) != 1:
        allowed = of_absence if "during" in given else CONDITIONS
        yield CheckProblem((), f"it must be about one thing, not {len(named)}: one of {', '.join(allowed)}")
        return
    if "command" in given:
        wanted = (given["command"]["channel"], given["command"]["message"])
        if wanted not in PROTOCOL.commands:
            known = ", ".join("/".join(values) for values in PROTOCOL.commands)
            text = f"the spec has no command {'/'.join(wanted)}: it has {known}"
            yield CheckProblem(("command",), text)
    for name in ("subscription", "unsubscribe"):
        for channel in given.get(name, ()):
            if channel not in PROTOCOL.channels:
                text = f"the spec has no channel {channel!r}: it has {', '.join(PROTOCOL.channels)}"
                yield CheckProblem((name,), text)


@cache
def _catalogue() -> Catalogue:
    return Catalogue(PROTOCOL, packaged_validator(), ManualClock(), Ids.seeded(0))
