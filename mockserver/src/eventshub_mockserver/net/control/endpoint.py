"""What is said once about each endpoint; routes, checks and the OpenAPI document follow from it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from ...core.refusal import Refusal
from ..responses import RefusedError
from .controlled import ControlledHub

JSON: Final = "application/json"
_IN_PATH: Final = re.compile(r"\{(\w+)\}")


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request that says nothing besides its path."""


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """Every error's body."""

    code: int
    """The HTTP status again."""
    message: str
    """What is wrong, where, and what is allowed; it begins with the field's name if there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A call that works on a hub with the fault, the source and the connection that the page starts with."""

    path: str = ""
    """What follows the path of a GET or DELETE, or replaces its parameters."""
    body: Any = None
    """Of a POST."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One operation.

    A request is one struct. Its fields that the path names come from there;
    the others come from the query of a GET or DELETE, and from the JSON body
    of a POST, whose path names none.
    """

    name: str
    """In snake_case; the document's ``operationId``."""
    method: str
    path: str
    """Below the prefix, with ``{field}`` for what the request takes from it."""
    summary: str
    """What it does, in a line."""
    details: str = ""
    """What else there is to know, in Markdown."""
    request: Any = Nothing
    """The type of its request: a struct, or a union of tagged ones in a body."""
    answer: Any = None
    """The type of its answer; ``None`` for an empty one."""
    status: int = 200
    media_type: str = JSON
    """Of its answer; one that is not JSON is bytes already."""
    says: str
    """What its answer is."""
    errors: Mapping[int, str] = field(default_factory=dict[int, str])
    """What can go wrong by status, besides what every endpoint may answer."""
    handle: Callable[[ControlledHub, Any], Awaitable[object]]
    """Does it: takes a request and gives what the answer's type says."""
    example: Example = Example()

    @property
    def has_body(self) -> bool:
        """Whether its request comes in a body."""
        return self.method == "POST"

    @property
    def in_path(self) -> tuple[str, ...]:
        """The fields of its request that come from the path."""
        return tuple(_IN_PATH.findall(self.path))

    @property
    def repeatable(self) -> frozenset[str]:
        """The fields of its request that a query may name more than once."""
        return frozenset(
            name
            for name, kind in _fields_of(self.request)
            if isinstance(kind, msgspec.inspect.ListType | msgspec.inspect.VarTupleType)
        )

    @property
    def may_be_empty(self) -> bool:
        """Whether a request may say nothing at all."""
        try:
            msgspec.convert({}, self.request)
        except msgspec.ValidationError:
            return False
        return True


def refused(status: int, text: str) -> RefusedError:
    """An error to be raised, with a text that says what is wrong."""
    return RefusedError(Refusal(status, text))


def _fields_of(request: Any) -> list[tuple[str, msgspec.inspect.Type]]:
    """A struct's fields with their types, as far as these matter here."""
    info = msgspec.inspect.type_info(request)
    if not isinstance(info, msgspec.inspect.StructType):
        return []
    return [
        (f.encode_name, f.type.type if isinstance(f.type, msgspec.inspect.Metadata) else f.type)
        for f in info.fields
    ]
