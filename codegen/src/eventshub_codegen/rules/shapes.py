"""Two versions of what a value may be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..frontends.workspace import Place
from ..ir.json_values import is_object
from ..ir.types import (
    Anything,
    Array,
    Choice,
    Const,
    Enum,
    Field,
    Map,
    Named,
    Object,
    Plain,
    Scalar,
    Type,
    Union,
)
from .changes import Changes
from .constraints import compare_constraints, compare_unread
from .document import DocumentVersion, Shape
from .rule import Audience, Flow


@dataclass(frozen=True, slots=True)
class Context:
    """What is compared: which way it goes, who is concerned, and what to call it."""

    flow: Flow
    audience: Audience
    subject: str
    seen: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Pairs of objects that were compared already: within one message or body, once is enough."""

    def inside(self, step: str) -> Context:
        """A part of it."""
        return replace(self, subject=f"{self.subject}{step}")


@dataclass(frozen=True, slots=True)
class _Values:
    """A list of values that a string, or another plain value, may have."""

    values: tuple[Plain, ...]
    is_open: bool
    place: Place | None
    is_const: bool = False


class ShapeComparison:
    """Compares types, and what is inside of them."""

    def __init__(self, old: DocumentVersion, new: DocumentVersion, changes: Changes) -> None:
        self._old = old
        self._new = new
        self._changes = changes

    def add(self, rule: str, message: str, context: Context, old: Place | None, new: Place | None) -> None:
        """Report a change at two places."""
        self._changes.add(
            rule,
            message,
            context.flow,
            context.audience,
            context.subject,
            self._old.locate(old) if old is not None else None,
            self._new.locate(new) if new is not None else None,
        )

    def compare(self, old: Shape, new: Shape, context: Context, old_at: Place, new_at: Place) -> None:
        """Report all that differs; ``old_at`` and ``new_at`` are the places that a person would look at."""
        before, after = _slots(old), _slots(new)
        gone = [slot for slot in before if slot not in after]
        further = [slot for slot in after if slot not in before]
        if "anything" in before or "anything" in after:
            if gone or further:
                rule = "type-narrowed" if "anything" in before else "type-widened"
                self.add(rule, f"{_describe(old)} became {_describe(new)}", context, old_at, new_at)
            else:
                self._compare_schemas(old, new, context, old_at, new_at, has_type=False)
            return
        if gone or further:
            widened = not gone or (gone == ["integer"] and further == ["number"])
            narrowed = not further or (gone == ["number"] and further == ["integer"])
            rule = "type-widened" if widened else "type-narrowed" if narrowed else "type-changed"
            self.add(rule, f"{_describe(old)} became {_describe(new)}", context, old_at, new_at)
        for slot in before:
            if slot in after:
                self._compare_slot(
                    replace(old, type=before[slot]), replace(new, type=after[slot]), context, old_at, new_at
                )
        if not (gone and further):
            self._compare_schemas(old, new, context, old_at, new_at, has_type=True)

    def _compare_schemas(
        self, old: Shape, new: Shape, context: Context, old_at: Place, new_at: Place, *, has_type: bool
    ) -> None:
        """Compare what a schema says beside the type."""
        if old.place is None or new.place is None:
            return
        before, after = old.place.value, new.place.value
        for rule, message in compare_constraints(before, after):
            self.add(rule, message, context, old_at, new_at)
        for rule, message in compare_unread(before, after, has_type=has_type):
            self.add(rule, message, context, old_at, new_at)

    def _compare_slot(self, old: Shape, new: Shape, context: Context, old_at: Place, new_at: Place) -> None:
        before, after = self._values(old, self._old), self._values(new, self._new)
        if before is not None and after is not None:
            self._compare_values(before, after, context, old_at, new_at)
        elif before is not None or after is not None:
            # An open list and a plain string allow the same.
            is_open = (before or after or _Values((), is_open=False, place=None)).is_open
            if not is_open:
                rule = "type-widened" if after is None else "type-narrowed"
                self.add(rule, f"{_describe(old)} became {_describe(new)}", context, old_at, new_at)
        elif isinstance(old.type, Scalar) and isinstance(new.type, Scalar):
            self._compare_formats(old.type.format, new.type.format, context, old_at, new_at)
        elif isinstance(old.type, Array) and isinstance(new.type, Array):
            items = [
                _inner(self._old, old, old.type.items, "items"),
                _inner(self._new, new, new.type.items, "items"),
            ]
            self.compare(items[0], items[1], context.inside("[]"), old_at, new_at)
        else:
            self._compare_objects(old, new, context, old_at, new_at)

    def _compare_formats(self, old: str, new: str, context: Context, old_at: Place, new_at: Place) -> None:
        if old == new:
            return
        if old and new:
            self.add("format-changed", f"the format `{old}` became `{new}`", context, old_at, new_at)
        elif old:
            self.add("format-removed", f"the format `{old}` is gone", context, old_at, new_at)
        else:
            self.add("format-added", f"there is a format now, `{new}`", context, old_at, new_at)

    def _compare_values(
        self, old: _Values, new: _Values, context: Context, old_at: Place, new_at: Place
    ) -> None:
        if old.is_const and new.is_const:
            if _keys(old) != _keys(new):
                message = f"the fixed value {_list(old.values)} became {_list(new.values)}"
                self.add("const-changed", message, context, old_at, new_at)
            return
        at = old.place or old_at, new.place or new_at
        if old.is_open != new.is_open:
            rule, message = "enum-closed", "the list of values became complete"
            if new.is_open:
                rule, message = "enum-opened", "the list of values may grow now"
            self.add(rule, message, context, *at)
        before, after = _keys(old), _keys(new)
        for key, value in after.items():
            if key not in before:
                rule = "open-enum-value-added" if old.is_open or new.is_open else "enum-value-added"
                self.add(rule, f"there is a new value {_list([value])}", context, *at)
        for key, value in before.items():
            if key not in after:
                rule = "open-enum-value-removed" if new.is_open else "enum-value-removed"
                self.add(rule, f"the value {_list([value])} is gone", context, *at)

    def _compare_objects(
        self, old: Shape, new: Shape, context: Context, old_at: Place, new_at: Place
    ) -> None:
        before, after = _object(old), _object(new)
        if isinstance(old.type, Map) and isinstance(new.type, Map):
            values = [
                _inner(self._old, old, old.type.values, "additionalProperties"),
                _inner(self._new, new, new.type.values, "additionalProperties"),
            ]
            self.compare(values[0], values[1], context.inside(".*"), old_at, new_at)
            return
        if before is None and after is None:
            return
        named = (before.name if before else "", after.name if after else "")
        if named in context.seen:
            return
        context.seen.add(named)
        old_object = self._old.workspace.place_of(before.origin) if before else old_at
        new_object = self._new.workspace.place_of(after.origin) if after else new_at
        was_closed = before is not None and _is_closed(self._old, old_object)
        is_closed = after is not None and _is_closed(self._new, new_object)
        if was_closed != is_closed:
            rule, message = "object-opened", "unlisted fields are allowed now"
            if is_closed:
                rule, message = "object-closed", "unlisted fields are no longer allowed"
            self.add(rule, message, context, old_object, new_object)
        old_fields = {item.key: item for item in before.fields} if before else {}
        new_fields = {item.key: item for item in after.fields} if after else {}
        for key, item in old_fields.items():
            if key not in new_fields:
                self._removed(item, context, new_object, is_closed=is_closed)
        for key, item in new_fields.items():
            if key in old_fields:
                self._compare_field(old, old_fields[key], new, item, context)
            else:
                self._added(item, context, old_object, was_closed=was_closed)

    def _removed(self, item: Field, context: Context, new_object: Place, *, is_closed: bool) -> None:
        rule = "field-removed" if _is_sure(item, context.flow) else "optional-field-removed"
        if context.flow is Flow.TO_HUB and is_closed:
            rule = "field-removed-from-closed-object"
        elif context.flow is Flow.TO_HUB:
            rule = "field-removed" if item.is_required else rule
        at = self._old.workspace.place_of(item.origin)
        self.add(rule, f"the field `{item.key}` is gone", context, at, new_object)

    def _added(self, item: Field, context: Context, old_object: Place, *, was_closed: bool) -> None:
        rule = "required-field-added" if item.is_required else "field-added"
        if context.flow is Flow.TO_CLIENT and was_closed:
            rule = "field-added-to-closed-object"
        what = "required field" if item.is_required else "field"
        at = self._new.workspace.place_of(item.origin)
        self.add(rule, f"there is a new {what} `{item.key}`", context, old_object, at)

    def _compare_field(
        self, old: Shape, old_field: Field, new: Shape, new_field: Field, context: Context
    ) -> None:
        old_at = self._old.workspace.place_of(old_field.origin)
        new_at = self._new.workspace.place_of(new_field.origin)
        was_sure, is_sure = _is_sure(old_field, context.flow), _is_sure(new_field, context.flow)
        if was_sure and not is_sure:
            message = f"the field `{old_field.key}` may be missing now"
            self.add("field-became-optional", message, context, old_at, new_at)
        elif is_sure and not was_sure:
            message = f"the field `{old_field.key}` must be there now"
            self.add("field-became-required", message, context, old_at, new_at)
        self.compare(
            Shape(old_field.type, self._old.follow(old_at), old.declarations),
            Shape(new_field.type, self._new.follow(new_at), new.declarations),
            context.inside(f".{new_field.key}"),
            old_at,
            new_at,
        )

    def _values(self, shape: Shape, version: DocumentVersion) -> _Values | None:
        kind = shape.type
        if isinstance(kind, Const):
            return _Values((kind.value,), is_open=False, place=None, is_const=True)
        if isinstance(kind, Choice):
            return _Values(kind.values, is_open=False, place=None)
        declared = shape.declarations.get(kind.name) if isinstance(kind, Named) else None
        if isinstance(declared, Enum):
            return _Values(declared.values, declared.is_open, version.workspace.place_of(declared.origin))
        return None


def _is_sure(item: Field, flow: Flow) -> bool:
    """Whether the other side may count on a field."""
    return item.is_required and not (flow is Flow.TO_CLIENT and item.may_be_missing)


def _is_closed(version: DocumentVersion, place: Place) -> bool:
    """Whether an object allows no unlisted fields."""
    target = version.follow(place)
    if target is None or not is_object(target.value):
        return False
    return target.value.get("additionalProperties") is False


def _inner(version: DocumentVersion, shape: Shape, kind: Type, word: str) -> Shape:
    """What is inside of an array or a map."""
    place = shape.place.get(word) if shape.place is not None else None
    return Shape(kind, version.follow(place), shape.declarations)


def _object(shape: Shape) -> Object | None:
    declared = shape.declarations.get(shape.type.name) if isinstance(shape.type, Named) else None
    return declared if isinstance(declared, Object) else None


def _slots(shape: Shape) -> dict[str, Type]:
    """The alternatives of a type by the kind of JSON value; objects of a union by their names."""
    options = shape.type.options if isinstance(shape.type, Union) else (shape.type,)
    objects = [kind for kind in options if isinstance(kind, Map) or _object(replace(shape, type=kind))]
    found: dict[str, Type] = {}
    for kind in options:
        if isinstance(kind, Named) and len(objects) > 1 and kind in objects:
            found[f"object {kind.name}"] = kind
        else:
            found.setdefault(_kind(kind, shape), kind)
    return found


def _kind(kind: Type, shape: Shape) -> str:
    if isinstance(kind, Scalar):
        return kind.kind
    if isinstance(kind, Const):
        return _kind_of_value(kind.value)
    if isinstance(kind, Choice):
        return _kind_of_value(kind.values[0])
    if isinstance(kind, Array):
        return "array"
    if isinstance(kind, Anything):
        return "anything"
    if isinstance(kind, Named) and isinstance(shape.declarations.get(kind.name), Enum):
        return "string"
    return "object"


def _kind_of_value(value: Plain) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    return "integer" if isinstance(value, int) else "number"


def _describe(shape: Shape) -> str:
    options = shape.type.options if isinstance(shape.type, Union) else (shape.type,)
    return " or ".join(dict.fromkeys(_describe_one(replace(shape, type=kind)) for kind in options))


def _describe_one(shape: Shape) -> str:
    kind = shape.type
    if isinstance(kind, Const):
        return f"the fixed value {_list([kind.value])}"
    if isinstance(kind, Choice):
        return f"one of {_list(kind.values)}"
    declared = shape.declarations.get(kind.name) if isinstance(kind, Named) else None
    if isinstance(declared, Enum):
        return f"one of {_list(declared.values)}"
    return _kind(kind, shape)


def _keys(values: _Values) -> dict[tuple[str, str], Plain]:
    """Values by what tells them apart in JSON: ``1`` and ``true`` are two values."""
    return {(_kind_of_value(value), str(value)): value for value in values.values}


def _list(values: tuple[Plain, ...] | list[Plain]) -> str:
    from json import dumps

    return ", ".join(f"`{value if isinstance(value, str) else dumps(value)}`" for value in values)
