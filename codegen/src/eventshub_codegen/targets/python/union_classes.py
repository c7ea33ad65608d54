"""Unions that msgspec has no type for, as classes of their own."""

from __future__ import annotations

from collections.abc import Mapping

from ...ir.types import NULL, Array, Const, Declaration, Map, Named, Object, Plain, Type, Union
from .naming import unique

UNION_NAMES = frozenset(
    ["BinaryMessage", "Mapping", "OneOf", "TextMessage", "UnknownMessage", "ValueMessage"]
)
"""What generated modules import for unions and for messages that are none of the described ones."""


class UnionClasses:
    """Gives each union one class, wherever it appears."""

    def __init__(self, class_names: dict[str, str]) -> None:
        """``class_names`` gets the names of these classes as well."""
        self._class_names = class_names
        self._by_options: dict[Union, str] = {}
        self.defined: set[str] = set()
        """Their names, which are defined before all other classes."""

    def name_of(self, union: Union) -> str:
        """The name of a union's class."""
        without_null = Union(
            tuple(option for option in union.options if option != NULL), union.hint, union.tag, union.tagged
        )
        if without_null not in self._by_options:
            named = [option.name for option in without_null.options if isinstance(option, Named)]
            wanted = without_null.hint or "Or".join(named[:3]) or "Value"
            name = unique(wanted, {*self._class_names, *self._class_names.values()})
            self._class_names[name] = name
            self._by_options[without_null] = name
            self.defined.add(name)
        return self._by_options[without_null]

    def take(self) -> list[tuple[str, Union]]:
        """All unions so far; more may come while their options are written."""
        return [(name, union) for union, name in self._by_options.items()]


def tags_of(
    union: Union, declarations: Mapping[str, Declaration]
) -> tuple[str, tuple[tuple[Plain, Type], ...]]:
    """The property that says which type a value is: as the document says, else one that is fixed in each."""
    if union.tag and union.tagged:
        return union.tag, union.tagged
    objects = [declarations.get(option.name) for option in union.options if isinstance(option, Named)]
    if len(objects) != len(union.options):
        return "", ()
    values: dict[str, list[Plain]] = {}
    for declared in objects:
        for item in declared.fields if isinstance(declared, Object) else ():
            if isinstance(item.type, Const) and item.is_required:
                values.setdefault(item.key, []).append(item.type.value)
    for key, found in values.items():
        if len(set(map(repr, found))) == len(union.options):
            return key, tuple(zip(found, union.options, strict=True))
    return "", ()


def demands(kind: Type, declarations: Mapping[str, Declaration]) -> int:
    """How much a type demands of a value: those that demand most are tried first."""
    declared = declarations.get(kind.name) if isinstance(kind, Named) else None
    if isinstance(declared, Object):
        return 1 + sum(item.is_required for item in declared.fields)
    return 0 if isinstance(kind, (Map, Array)) else 1
