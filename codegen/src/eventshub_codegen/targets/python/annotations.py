"""Types as Python annotations that msgspec can decode."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...ir.origin import Origin
from ...ir.types import (
    NULL,
    Anything,
    Array,
    Choice,
    Const,
    Declaration,
    Enum,
    Limits,
    Map,
    Named,
    Object,
    Plain,
    Scalar,
    Type,
    Union,
)
from ..target import Reporter
from .text import quote
from .union_classes import UnionClasses

_SCALARS = {
    "bytes": "bytes",
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
}
_RULE = "inexpressible"


@dataclass(slots=True)
class Used:
    """What a module needs for what it says."""

    imports: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """(module, name) pairs."""
    names: set[str] = field(default_factory=set[str])
    """Declarations, by their name in the specification."""


class AnnotationWriter:
    """Writes annotations; what msgspec has no type for becomes ``Any`` and a finding."""

    def __init__(
        self,
        declarations: Mapping[str, Declaration],
        class_names: Mapping[str, str],
        reporter: Reporter,
        *,
        is_receiver: bool,
        unions: UnionClasses | None = None,
        has_limits: bool = True,
    ) -> None:
        """Take the names of classes.

        Args:
            declarations: What has a name in the documents.
            class_names: Their classes.
            reporter: Takes what cannot be expressed.
            is_receiver: Takes values that enums do not list, and keeps unlisted keys of open objects.
            unions: Makes classes of unions that msgspec has no type for; without it these are ``Any``.
            has_limits: Whether a receiver's annotations hold bounds.
        """
        self._unions = unions
        self._has_limits = has_limits
        self._declarations = declarations
        self._class_names = class_names
        self._reporter = reporter
        self._is_receiver = is_receiver

    def write(self, kind: Type, used: Used, origin: Origin) -> str:
        """The annotation of a type; what it needs is added to ``used``."""
        if isinstance(kind, Scalar):
            if kind.kind == "string" and kind.format == "date-time":
                used.imports.add(("datetime", "datetime"))
                return self._limited("datetime", {"tz": True}, used)
            bounds = _bounds(kind.limits)
            if kind.kind == "integer":
                bounds = {name: _as_integer(name, bound) for name, bound in bounds.items()}
            return self._limited(_SCALARS[kind.kind], bounds, used)
        if isinstance(kind, (Const, Choice)):
            values = (kind.value,) if isinstance(kind, Const) else kind.values
            return self._literal(values, used, origin, is_open=isinstance(kind, Choice) and self._is_receiver)
        if isinstance(kind, Array):
            if kind.prefix:
                return f"tuple[{', '.join(self.write(item, used, origin) for item in kind.prefix)}]"
            written = f"tuple[{self.write(kind.items, used, origin)}, ...]"
            return self._limited(written, _bounds(kind.limits), used)
        if isinstance(kind, Map):
            return f"dict[str, {self.write(kind.values, used, origin)}]"
        if isinstance(kind, Named):
            if self.is_plain(kind.name):
                used.imports.add(("typing", "Any"))
                return "dict[str, Any]"
            used.names.add(kind.name)
            return self._class_names[kind.name]
        if isinstance(kind, Union):
            return self._union(kind, used, origin)
        used.imports.add(("typing", "Any"))
        return "Any"

    def _limited(self, annotation: str, bounds: Mapping[str, Plain], used: Used) -> str:
        """A receiver checks bounds as it decodes; a sender's values are checked against the schema."""
        if not bounds or not self._is_receiver or not self._has_limits:
            return annotation
        used.imports |= {("typing", "Annotated"), ("msgspec", "Meta")}
        arguments = ", ".join(f"{name}={quote(value)}" for name, value in bounds.items())
        return f"Annotated[{annotation}, Meta({arguments})]"

    def _literal(
        self,
        values: tuple[Plain, ...],
        used: Used,
        origin: Origin,
        *,
        is_open: bool,
    ) -> str:
        if values == (None,):
            return "None"
        kinds = {type(value) for value in values}
        if not is_open and kinds <= {str, int}:
            used.imports.add(("typing", "Literal"))
            return f"Literal[{', '.join(quote(value) for value in values)}]"
        if not is_open:
            listed = ", ".join(quote(value) for value in values)
            message = f"there is no type for only {listed}; generated code takes any value of this kind"
            hint = "Compare the value yourself; only texts and whole numbers can be listed in a type."
            self._reporter.warn_at(origin, _RULE, message, hint)
        return " | ".join(name for kind, name in _PLAIN.items() if kind in kinds)

    def _union(self, union: Union, used: Used, origin: Origin) -> str:
        others = [option for option in union.options if option != NULL]
        if len(others) == 1:
            return f"{self.write(others[0], used, origin)} | None"
        groups: dict[str, list[Type]] = {}
        for option in union.options:
            groups.setdefault(self._category(option), []).append(option)
        is_nullable = groups.pop("null", None) is not None
        if self._unions is not None and union.tag:
            return self._class_or_any(union, used, origin, is_nullable=is_nullable)
        if "any" in groups or ("custom" in groups and len(groups) > 1):
            return self._class_or_any(union, used, origin, is_nullable=is_nullable)
        merged = [_merge(category, options) for category, options in groups.items()]
        whole = [kind for kind in merged if kind is not None]
        if len(whole) < len(merged):
            return self._class_or_any(union, used, origin, is_nullable=is_nullable)
        written = [self.write(kind, used, origin) for kind in whole]
        return " | ".join([*written, *(["None"] if is_nullable else [])])

    def _class_or_any(self, union: Union, used: Used, origin: Origin, *, is_nullable: bool) -> str:
        if self._unions is None:
            return self._any(used, origin)
        name = self._unions.name_of(union)
        used.names.add(name)
        return f"{self._class_names[name]} | None" if is_nullable else self._class_names[name]

    def _any(self, used: Used, origin: Origin) -> str:
        message = "this union has no type that can be decoded; generated code takes any value here"
        hint = "Branches must be of different JSON types."
        self._reporter.warn_at(origin, _RULE, message, hint)
        used.imports.add(("typing", "Any"))
        return "Any"

    def _category(self, kind: Type) -> str:
        """What msgspec has to tell apart by looking at a value; of each at most one may be in a union."""
        if isinstance(kind, Const):
            return _CATEGORIES[type(kind.value)]
        if isinstance(kind, Choice):
            found = {_CATEGORIES[type(value)] for value in kind.values}
            return found.pop() if len(found) == 1 else "any"
        if isinstance(kind, Named):
            declared = self._declarations[kind.name]
            if isinstance(declared, Enum):
                return "string"
            return "custom" if self.is_custom(declared) else "object"
        if isinstance(kind, Array):
            return "array"
        if isinstance(kind, Map):
            return "object"
        if isinstance(kind, Scalar):
            return kind.kind
        return "any"

    def is_plain(self, name: str) -> bool:
        """Whether an object has no class: a sender puts whatever it has into an open one."""
        declared = self._declarations[name]
        return isinstance(declared, Object) and declared.is_open and not self._is_receiver

    def is_custom(self, declared: Object) -> bool:
        """Whether an object keeps its unlisted keys: its class is none of those that msgspec knows."""
        return declared.is_open and self._is_receiver


_BOUNDS = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "minimum": "ge",
    "exclusiveMinimum": "gt",
    "maximum": "le",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
}
"""Words of JSON Schema as msgspec has them."""


def _bounds(limits: Limits) -> dict[str, Plain]:
    return {
        _BOUNDS[word]: value
        for word, value in limits
        if (value > 0 or word not in _ALWAYS_POSITIVE)
        # 54350.4 is a multiple of 0.01, and no float tells so; 0.5 is exact.
        and (word != "multipleOf" or float(value).as_integer_ratio()[1] <= _EXACT)
    }


def _as_integer(name: str, bound: Plain) -> Plain:
    """A bound of integers as one: more than 1.5 is at least 2."""
    if not isinstance(bound, float):
        return bound
    return math.ceil(bound) if name in {"ge", "lt"} else math.floor(bound)


_EXACT = 1024
_ALWAYS_POSITIVE = frozenset(["minLength", "minItems", "multipleOf"])
_PLAIN: dict[type, str] = {str: "str", int: "int", float: "float", bool: "bool", type(None): "None"}
_CATEGORIES: dict[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


def _merge(category: str, options: list[Type]) -> Type | None:
    """One type for several of the same category; None if there is none."""
    if len(options) == 1:
        return options[0]
    if category in {"string", "integer"}:
        values: list[Plain] = []
        for option in options:
            if isinstance(option, Const):
                values.append(option.value)
            elif isinstance(option, Choice):
                values += option.values
            else:
                return Scalar(category)
        return Choice(tuple(dict.fromkeys(values)))
    if category in {"number", "boolean"}:
        return Scalar(category)
    if any(isinstance(option, Array) and option.prefix for option in options):
        return None
    items = tuple(dict.fromkeys(option.items for option in options if isinstance(option, Array)))
    if category == "array":
        return Array(Anything() if Anything() in items else Union(items))
    return None
