"""What the hub is to do wrong."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Union

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...core.interference import Step
from ...faults.catalogue import CATALOGUE
from ...faults.entry import FaultEntry, FaultError, Parameter, Value
from ...faults.ledger import MOST_FAULTS, UnknownFaultError
from ...faults.rule import SCOPE, parse_fault
from .controlled import ControlledHub
from .endpoint import Endpoint, Example, Nothing, refused

_TYPES: Final = {int: "integer", float: "number", str: "string", bool: "boolean"}
_INTEGERS: Final = (-(2**63), 2**63 - 1)


class FaultParameter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that can be chosen about a fault."""

    name: str
    type: str
    meaning: str
    required: bool
    allowed: Annotated[str, Meta(description="What a value may be, in words.")]
    default: str | int | float | bool | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()


class CatalogueEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One way to misbehave."""

    id: str
    summary: str
    does: Annotated[str, Meta(description="What happens on the wire.")]
    steps: Annotated[list[str], Meta(description="Where it may strike; the first unless told otherwise.")]
    parameters: Annotated[list[FaultParameter], Meta(description="Its own, and those of every fault.")]
    advice: Annotated[str, Meta(description="What a good client does about it.")]
    example: Annotated[
        dict[str, str | int | float | bool | None], Meta(description="What may be posted to `/faults`.")
    ]


class FaultAdded(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that was added."""

    number: int


class FaultState(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that was added, now."""

    number: int
    rule: Annotated[
        dict[str, str | int | float | bool | None],
        Meta(description="The fault as it was asked for, without what is left at its default."),
    ]
    struck: Annotated[int, Meta(description="How often it has struck.")]
    is_spent: Annotated[bool, Meta(description="Whether it has struck as often as it may.")]


class FaultNumberRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which fault is meant."""

    number: Annotated[int, Meta(ge=1, le=2**63 - 1, description="The number that it got.")]


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """How many there were."""

    removed: int


async def catalogue(controlled: ControlledHub, request: Nothing) -> list[CatalogueEntry]:
    """Every fault that there is."""
    del controlled, request
    return [_described(entry) for entry in CATALOGUE.values()]


async def faults(controlled: ControlledHub, request: Nothing) -> list[FaultState]:
    """The faults that were added and not removed."""
    del request
    return [
        FaultState(number=f.number, rule=f.rule.as_dict(), struck=f.struck, is_spent=f.is_spent)
        for f in controlled.faults.active()
    ]


async def add(controlled: ControlledHub, request: msgspec.Struct) -> FaultAdded:
    """Commit a fault from now on."""
    given: dict[str, Any] = msgspec.to_builtins(request)
    try:
        rule = parse_fault(given)
    except FaultError as error:
        raise refused(400, str(error)) from error
    if rule.step is Step.CONNECT and rule.times is None:
        text = "it must be said for a fault at the step connect, which strikes calls like this one as well"
        raise refused(400, f"times: {text}")
    try:
        return FaultAdded(number=int(controlled.faults.add(rule)))
    except FaultError as error:
        raise refused(409, str(error)) from error


async def remove(controlled: ControlledHub, request: FaultNumberRequest) -> Removed:
    """Commit a fault no more."""
    try:
        controlled.faults.remove(request.number)
    except UnknownFaultError as error:
        raise refused(404, f"number: {error}") from error
    return Removed(removed=1)


async def clear(controlled: ControlledHub, request: Nothing) -> Removed:
    """Commit no fault any more."""
    del request
    removed = len(controlled.faults.active())
    controlled.faults.clear()
    return Removed(removed=removed)


def _described(entry: FaultEntry) -> CatalogueEntry:
    return CatalogueEntry(
        id=entry.id,
        summary=entry.summary,
        does=entry.does,
        steps=list(entry.steps),
        parameters=[
            FaultParameter(
                name=p.name,
                type=_TYPES[p.kind],
                meaning=p.meaning,
                required=p.is_required,
                allowed=p.allowed,
                default=p.default,
                unit=p.unit,
                choices=p.choices,
            )
            for p in (*entry.all_parameters, *SCOPE)
        ],
        advice=entry.advice,
        example={"fault": entry.id, **entry.example},
    )


def _order_of(entry: FaultEntry) -> type[msgspec.Struct]:
    """The struct that asks for a fault, with what its catalogue entry says of each parameter."""
    name = "".join(part.capitalize() for part in entry.id.split("-")) + "Order"
    fields = [_field(parameter) for parameter in (*entry.all_parameters, *SCOPE)]
    return msgspec.defstruct(
        name,
        fields,
        tag_field="fault",
        tag=entry.id,
        rename="kebab",
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
        omit_defaults=True,
        namespace={"__doc__": f"{entry.summary} {entry.does}"},
    )


def _field(parameter: Parameter) -> tuple[str, Any] | tuple[str, Any, Value | UnsetType]:
    description = Meta(description=f"{_capitalized(parameter.meaning)}: {parameter.allowed}.")
    kind: Any = parameter.kind
    if parameter.choices:
        kind = Literal[parameter.choices]
    elif kind is str:
        kind = Annotated[str, Meta(min_length=1)]
    elif kind is not bool:
        least, most = _INTEGERS if kind is int else (None, None)
        number = int if kind is int else float
        low = least if parameter.minimum is None else number(parameter.minimum)
        high = most if parameter.maximum is None else number(parameter.maximum)
        kind = Annotated[kind, Meta(ge=low, le=high)]
    attribute = parameter.name.replace("-", "_")
    if parameter.is_required:
        return (attribute, Annotated[kind, description])
    return (attribute, Annotated[kind | UnsetType, description], UNSET)


def _capitalized(text: str) -> str:
    return text[0].upper() + text[1:]


ORDER: Final[Any] = Union[tuple(_order_of(entry) for entry in CATALOGUE.values())]  # noqa: UP007 - made of many
"""Asks for any fault of the catalogue."""

ENDPOINTS: Final = (
    Endpoint(
        name="fault_catalogue",
        method="GET",
        path="/fault-catalogue",
        summary="List what the hub can do wrong, with all parameters.",
        answer=list[CatalogueEntry],
        says="The catalogue; see [faults.md](faults.md).",
        handle=catalogue,
    ),
    Endpoint(
        name="add_fault",
        method="POST",
        path="/faults",
        summary="Misbehave from now on.",
        details=(
            "The body is a fault with its parameters and its scope, as [faults.md](faults.md) shows "
            "for each as JSON. A fault at the step `connect` needs `times`, since it strikes calls "
            "of the control surface as well. "
            f"There may be {MOST_FAULTS:,} faults; those that are spent count until they are removed."
        ),
        request=ORDER,
        answer=FaultAdded,
        status=201,
        says="The fault's number.",
        errors={
            400: "The catalogue does not allow that, or `times` is needed.",
            409: "This hub cannot do that, for example because it has no TLS; or there are too many faults.",
        },
        handle=add,
        example=Example(body={"fault": "refuse", "status": 503, "retry-after": 2, "times": 2}),
    ),
    Endpoint(
        name="faults",
        method="GET",
        path="/faults",
        summary="List the faults that were added, and how often each has struck.",
        answer=list[FaultState],
        says="The faults, in the order in which they are asked.",
        handle=faults,
    ),
    Endpoint(
        name="remove_fault",
        method="DELETE",
        path="/faults/{number}",
        summary="Take one fault away.",
        details="What it holds back is sent then, and what it has stopped goes on.",
        request=FaultNumberRequest,
        answer=Removed,
        says="It is gone.",
        errors={404: "No fault has this number."},
        handle=remove,
        example=Example(path="/faults/1"),
    ),
    Endpoint(
        name="clear_faults",
        method="DELETE",
        path="/faults",
        summary="Take all faults away.",
        answer=Removed,
        says="They are gone.",
        handle=clear,
    ),
)
