"""JSON Schema to types: which objects and enums there are, and what their properties hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..ir.json_values import is_array, is_object
from ..ir.origin import Origin
from ..ir.types import (
    NULL,
    Anything,
    Array,
    Choice,
    Const,
    Declaration,
    Enum,
    Field,
    Map,
    Named,
    Object,
    Scalar,
    Type,
)
from .arrays import positional, prefix_and_rest
from .enums import is_const, open_enum_values
from .intersections import narrowest
from .limits import implied_kind, limits_of
from .names import Names, pascal
from .unions import heirs_of, make_union, only_part, tag_of, tagged_options
from .workspace import Place, Workspace

_SCALARS = frozenset(["string", "integer", "number", "boolean", "null"])
INEXPRESSIBLE = "inexpressible"
_DEEP = 40


@dataclass(slots=True)
class _Members:
    """What an object and everything in its ``allOf`` say together."""

    places: dict[str, list[Place]] = field(default_factory=dict[str, list[Place]])
    required: set[str] = field(default_factory=set[str])
    tolerated: set[str] = field(default_factory=set[str])
    is_open: bool = False

    def add(self, other: _Members) -> None:
        for key, places in other.places.items():
            self.places.setdefault(key, []).extend(places)
        self.required |= other.required
        self.tolerated |= other.tolerated
        self.is_open = self.is_open or other.is_open


class SchemaReader:
    """Reads schemas into types; every object and every enum that is met is declared once."""

    def __init__(self, workspace: Workspace, names: Names) -> None:
        self._workspace = workspace
        self._names = names
        self.declarations: dict[str, Declaration] = {}
        self._in_progress: set[str] = set()
        self._open_unions: dict[Origin, Type] = {}
        self._waiting: list[tuple[Place, str]] = []
        self._depth = 0

    def type_of(self, place: Place, hint: str) -> Type:
        """The type that a schema describes; ``hint`` names it if it has no name of its own."""
        target = self._workspace.follow(place)
        if target is None:
            return Anything()
        if place.reference is not None:
            hint = target.last
        schema = target.value
        if not is_object(schema):
            if schema is False:
                self._give_up(target, "a schema that allows nothing", "Remove what nobody may send.")
            return Anything()
        if schema.get("nullable") is True:
            return make_union([self._type_of_mapping(target, hint), NULL])
        return self._type_of_mapping(target, hint)

    def message_payload(self, place: Place, name: str) -> Object | None:
        """Declare the payload of a message under the message's own name; None if it is no object."""
        target = self._workspace.follow(place)
        if target is None or self._kind(target) != "object":
            return None
        return self._declare_object(target, name)

    def payload_variants(self, place: Place) -> list[Place]:
        """The branches of a payload that is one of several objects; else nothing."""
        target = self._workspace.follow(place)
        for word in ("oneOf", "anyOf"):
            options = self._options(target, word) if target is not None else None
            branches = [(option, self._workspace.follow(option)) for option in options or ()]
            if branches and all(branch and self._kind(branch) == "object" for _, branch in branches):
                return [option for option, _ in branches]
        return []

    def variant_payload(self, place: Place, branch: Place, name: str) -> Object | None:
        """Declare an object of what a schema says, and of what one branch of its union adds."""
        target = self._workspace.follow(place)
        return self._declare_object(target, name, branch) if target is not None else None

    def _type_of_mapping(self, place: Place, hint: str) -> Type:
        schema = place.value
        if "const" in schema:
            return self._const(place, schema["const"])
        if (opened := open_enum_values(self._workspace, place)) is not None:
            return self._declare_enum(place, opened, hint, is_open=True)
        if is_array(schema.get("enum")):
            return self._enum(place, schema["enum"], hint)
        for word in ("oneOf", "anyOf"):
            if (options := self._options(place, word)) is not None:
                return self._union_of(place, options, hint)
        if heirs := heirs_of(self._workspace, place):
            return self._any_heir(place, heirs, hint)
        if (only := only_part(place)) is not None:
            return self.type_of(only, hint)
        kinds = schema.get("type")
        if is_array(kinds):
            return make_union([self._type_of_kind(place, str(kind), hint) for kind in kinds])
        return self._type_of_kind(place, self._kind(place), hint)

    def _any_heir(self, place: Place, heirs: list[tuple[str, Place]], hint: str) -> Type:
        """An object or one of those that extend it; made before they are read, as they may refer to it."""
        if place.origin not in self._open_unions:
            names = [self._names.name(heir.origin, heir.last) for _, heir in heirs]
            whole = self._names.name(place.origin, hint)
            tagged = tuple((value, Named(name)) for (value, _), name in zip(heirs, names, strict=True))
            options: list[Type] = [Named(name) for name in (*names, whole)]
            self._open_unions[place.origin] = make_union(
                options, pascal(f"Any-{hint}"), tag_of(place), tagged
            )
            for schema, name in ((place, hint), *((heir, heir.last) for _, heir in heirs)):
                self._object(schema, name)
        return self._open_unions[place.origin]

    def _union_of(self, place: Place, options: list[Place], hint: str) -> Type:
        """One of several types; what stands beside the union is part of each object among them."""
        has_more = any(place.get(word) is not None for word in ("properties", "allOf"))
        kinds: list[Type] = []
        for number, option in enumerate(options, 1):
            target = self._workspace.follow(option)
            if not has_more or target is None or self._kind(target) != "object":
                kinds.append(self.type_of(option, f"{hint}Option{number}"))
                continue
            wanted = hint + (pascal(target.last) if option.reference is not None else f"Option{number}")
            name = self._names.name(option.origin, wanted)
            if name not in self.declarations and name not in self._in_progress:
                self._declare_object(place, name, option)
            kinds.append(Named(name))
        tagged = tagged_options(place, options, kinds)
        return make_union(kinds, pascal(hint), tag_of(place) if tagged else "", tagged)

    def _type_of_kind(self, place: Place, kind: str, hint: str) -> Type:
        if kind == "object":
            return self._object(place, hint)
        if kind == "array":
            return self._array(place, hint)
        if kind in _SCALARS:
            return Scalar(kind, place.text("format") if kind == "string" else "", limits_of(place, kind))
        if kind == "allOf":
            whole = place.get("allOf")
            parts = [part for part in whole.items() if self._says_type(part)] if whole is not None else []
            found = narrowest([self.type_of(part, hint) for part in parts], self.declarations)
            if found is not None:
                return found
            self._give_up(place, "an `allOf` of different types", "Say what is left when all of them apply.")
        return Anything()

    def _array(self, place: Place, hint: str) -> Type:
        prefix, rest = prefix_and_rest(place)
        kinds = [self.type_of(item, f"{hint}Item{number}") for number, item in enumerate(prefix, 1)]
        is_closed = bool(prefix) and rest is not None and rest.value is False
        each = self.type_of(rest, f"{hint}Item") if rest is not None and not is_closed else Anything()
        if not prefix:
            return Array(each, limits=limits_of(place, "array"))
        return positional(self._workspace, place, kinds, None if is_closed else each, pascal(f"{hint}Item"))

    def _kind(self, place: Place) -> str:
        """The kind of value that a schema without references, unions and enums describes, if it is one."""
        kind = place.value.get("type") if is_object(place.value) else None
        parts = place.get("allOf")
        if parts is not None and is_array(parts.value):
            targets = [self._workspace.follow(part) for part in parts.items()]
            if kind == "object" or any(target and self._kind(target) == "object" for target in targets):
                return "object"
            return kind if isinstance(kind, str) else "allOf"
        if isinstance(kind, str):
            return kind
        if is_array(kind):
            return "object" if kind == ["object"] else ""
        return implied_kind(place.value)

    def _says_type(self, place: Place) -> bool:
        target = self._workspace.follow(place)
        words = ("type", "const", "enum", "oneOf", "anyOf", "allOf", "properties", "items")
        return target is not None and is_object(target.value) and any(word in target.value for word in words)

    def _const(self, place: Place, value: Any) -> Type:
        if is_object(value) or is_array(value):
            advice = "Describe it as an object or array of constants."
            self._give_up(place, "a constant that is an object or an array", advice)
            return Anything()
        return Const(value)

    def _enum(self, place: Place, values: list[Any], hint: str) -> Type:
        if not values or any(is_object(value) or is_array(value) for value in values):
            self._give_up(place, "an enum without values, or with objects or arrays,", "List plain values.")
            return Anything()
        # True is equal to 1, and no JSON.
        by_type: dict[tuple[type, Any], Any] = {(type(value), value): value for value in values}
        listed = list(by_type.values())
        if len(listed) == 1:
            return Const(listed[0])
        chosen: Type
        present = [value for value in listed if value is not None]
        if all(isinstance(value, str) for value in present):
            chosen = (
                self._declare_enum(place, present, hint, is_open=False)
                if len(present) > 1
                else Const(present[0])
            )
        else:
            chosen = Choice(tuple(present))
        return make_union([chosen, NULL]) if len(present) < len(listed) else chosen

    def _declare_enum(self, place: Place, values: list[str], hint: str, *, is_open: bool) -> Named:
        name = self._names.name(place.origin, hint)
        if name not in self.declarations:
            unique = tuple(dict.fromkeys(values))
            self.declarations[name] = Enum(name, place.text("description"), unique, is_open, place.origin)
        return Named(name)

    def _options(self, place: Place, word: str) -> list[Place] | None:
        """The branches of a union; None if there is none, or if it only constrains what stands beside it."""
        branches = place.get(word)
        if branches is None or not is_array(branches.value):
            return None
        listed = list(branches.items())
        if any(self._workspace.follow(branch) is None for branch in listed):
            # Reported already; what is behind it may be anything.
            return listed
        saying = [branch for branch in listed if self._says_type(branch)]
        if 0 < len(saying) < len(listed):
            advice = "Give each branch a `type`."
            self._give_up(branches, f"`{word}` with branches that say a type and others that do not", advice)
            return None
        if not saying or (place.get("properties") is not None and not self._are_objects(listed)):
            return None
        return listed

    def _are_objects(self, branches: list[Place]) -> bool:
        targets = [self._workspace.follow(branch) for branch in branches]
        if any(target is not None and self._kind(target) not in {"object", ""} for target in targets):
            advice = "Make it a union of whole objects."
            self._give_up(branches[0], "a union with what is no object, beside properties,", advice)
            return False
        return all(target is not None and self._kind(target) == "object" for target in targets)

    def _object(self, place: Place, hint: str) -> Type:
        members = self._members(place, frozenset())
        if members.places:
            name = self._names.name(place.origin, hint)
            if name not in self.declarations and name not in self._in_progress:
                if self._depth >= _DEEP:
                    # A chain of hundreds of schemas would be too deep for Python.
                    self._in_progress.add(name)
                    self._waiting.append((place, name))
                else:
                    self._declare_object(place, name)
            return Named(name)
        if place.get("patternProperties") is not None:
            advice = "Use `additionalProperties`, if all values are of one type."
            self._give_up(place, "`patternProperties`", advice)
            return Map(Anything())
        extra = place.get("additionalProperties")
        if extra is not None and is_object(extra.value):
            return Map(self.type_of(extra, f"{hint}Value"))
        return Map(Anything())

    def _declare_object(self, place: Place, name: str, branch: Place | None = None) -> Object:
        self._in_progress.add(name)
        self._depth += 1
        members = self._members(place, frozenset())
        if branch is not None and (target := self._workspace.follow(branch)) is not None:
            members.add(self._members(target, frozenset()))
        base = self._base(place, members)
        inherited = {item.key: item for item in base.fields} if base else {}
        fields = tuple(
            self._field(key, places, members, name, inherited.get(key))
            for key, places in members.places.items()
        )
        declared = Object(
            name=name,
            description=place.text("description"),
            fields=fields,
            origin=place.origin,
            base=base.name if base else "",
            own=frozenset(item.key for item in fields if item != inherited.get(item.key)),
            is_open=members.is_open,
        )
        self.declarations[name] = declared
        self._in_progress.discard(name)
        self._depth -= 1
        while self._waiting and not self._depth:
            self._declare_object(*self._waiting.pop())
        return declared

    def _base(self, place: Place, members: _Members) -> Object | None:
        """What this object extends: the only reference in its ``allOf``, unless that is contradicted."""
        parts = place.get("allOf")
        referring = (
            [part for part in parts.items() if part.reference is not None] if parts is not None else []
        )
        target = self._workspace.follow(referring[0]) if len(referring) == 1 else None
        if target is None or self._kind(target) != "object":
            return None
        named = self._object(target, target.last)
        base = self.declarations.get(named.name) if isinstance(named, Named) else None
        if not isinstance(base, Object):
            return None
        for item in base.fields:
            decisive = self._decisive(members.places[item.key])
            if decisive.origin != item.origin and not is_const(decisive):
                return None
            becomes_required = item.key in members.required and not item.is_required
            if becomes_required and not is_const(decisive):
                return None
            if (item.key in members.tolerated) != item.may_be_missing:
                return None
        return base

    def _members(self, place: Place, seen: frozenset[Origin]) -> _Members:
        members = _Members()
        if place.origin in seen:
            self._workspace.report("circular-ref", place, "this `allOf` contains itself")
            return members
        seen = seen | {place.origin}
        parts = place.get("allOf")
        for part in parts.items() if parts is not None else ():
            target = self._workspace.follow(part)
            if target is not None:
                members.add(self._members(target, seen))
        properties = place.get("properties")
        for key, child in properties.entries() if properties is not None else ():
            members.places.setdefault(key, []).append(child)
        members.required |= set(place.strings("required"))
        members.tolerated |= set(place.strings("x-tolerate-missing"))
        extra = place.get("additionalProperties")
        if extra is not None and extra.value is not False:
            members.is_open = True
            if is_object(extra.value) and extra.value and members.places:
                advice = "Move them into a property of their own, which is an object without listed ones."
                self._give_up(extra, "the type of unlisted properties beside listed ones", advice)
        return members

    def _field(
        self, key: str, places: list[Place], members: _Members, owner: str, inherited: Field | None
    ) -> Field:
        decisive = self._decisive(places)
        is_required = key in members.required
        if (
            inherited is not None
            and decisive.origin == inherited.origin
            and is_required == inherited.is_required
        ):
            return inherited
        kind = self.type_of(decisive, owner + pascal(key))
        self._names.wishes.renamed(f"{owner}.{key}")
        targets = [
            target for place in reversed(places) if (target := self._workspace.follow(place)) is not None
        ]
        description = places[-1].text("description")
        if not description and targets and not (isinstance(kind, Named) and decisive.reference is not None):
            description = targets[0].text("description")
        return Field(
            key=key,
            type=kind,
            is_required=is_required,
            origin=decisive.origin,
            name=self._names.wishes.names.get(f"{owner}.{key}", "")
            or next((name for place in targets if (name := place.text("x-name"))), ""),
            description=description,
            is_read_only=any(place.is_true("readOnly") for place in targets),
            is_write_only=any(place.is_true("writeOnly") for place in targets),
            may_be_missing=key in members.tolerated,
            alias_of=next((name for place in targets if (name := place.text("x-alias-of"))), ""),
        )

    def _decisive(self, places: list[Place]) -> Place:
        """Of all that an ``allOf`` says about one property: the last that says what it holds."""
        return next((place for place in reversed(places) if self._says_type(place)), places[-1])

    def _give_up(self, place: Place, what: str, advice: str) -> None:
        message = f"{what} has no type in generated code, which takes any value here"
        self._workspace.warn(INEXPRESSIBLE, place, message, advice)
