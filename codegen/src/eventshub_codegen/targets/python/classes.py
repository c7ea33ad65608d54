"""Declarations as Python classes: which there are, in which module, with which lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ...ir.spec import Spec
from ...ir.stream import Direction, Message
from ...ir.types import Anything, Array, Const, Enum, Field, Map, Named, Object, Type, Union
from ..target import Reporter
from .annotations import AnnotationWriter, Used
from .naming import attribute_names, class_name, constant, unique
from .text import quote
from .union_classes import UNION_NAMES, UnionClasses

_MESSAGE_ATTRIBUTES = frozenset(["raw", "payload", "timestamp_ns", "is_targeted"])
_OPTIONS = "frozen=True, kw_only=True"


@dataclass(frozen=True, slots=True)
class Profile:
    """What differs between the Python targets."""

    runtime: str
    """The package that generated modules stand on, as they import it."""
    is_receiver: bool
    """A receiver is lenient where its peer may be newer, or lax; for a sender ``readOnly`` is filled in."""
    is_both: bool = False
    """A receiver that sends objects of the same classes: unions of objects have classes of their own, and
    what the peer fills in is optional in all that is sent."""
    module: str = ""
    """Where the base classes are, if not in ``message`` of the runtime."""

    @property
    def message_module(self) -> str:
        """Where the base classes of messages and models are."""
        return self.module or f"{self.runtime}.message"


@dataclass(frozen=True, slots=True)
class Member:
    """A statement inside of a class, and the docstring under it."""

    statement: str
    doc: str = ""


@dataclass(frozen=True, slots=True)
class ClassView:
    """A class, ready to be laid out."""

    name: str
    bases: str
    doc: str
    members: tuple[Member, ...]


class ClassBuilder:
    """Builds the classes of one target."""

    def __init__(self, spec: Spec, profile: Profile, reporter: Reporter) -> None:
        self._spec = spec
        self._profile = profile
        self._reporter = reporter
        self._messages = {message.name: message for message in spec.stream.messages} if spec.stream else {}
        self.class_names: dict[str, str] = {}
        self.unions = UnionClasses(self.class_names) if profile.is_both else None
        self._writer = AnnotationWriter(
            spec.declarations, self.class_names, reporter, is_receiver=profile.is_receiver, unions=self.unions
        )
        self._models = self._find_models()
        self._bases = self._find_message_bases()
        declared = [*self._messages, *self._bases, *self._models]
        taken = UNION_NAMES if profile.is_both else frozenset[str]()
        self.class_names.update((name, class_name(name, taken)) for name in declared)
        self._sent = self._find_sent() if profile.is_both else frozenset[str]()
        self._attributes: dict[str, dict[str, str]] = {}
        discriminators = spec.stream.discriminators if spec.stream else ()
        self._fixed_keys = {key for entry in discriminators for key in (entry.key, *entry.aliases)}

    @property
    def writer(self) -> AnnotationWriter:
        """Writes annotations with the names of these classes."""
        return self._writer

    def model_classes(self, used: Used) -> list[ClassView]:
        """Objects and enums that are no messages, each after what it needs."""
        found: list[ClassView] = []
        defined: set[str] = set()
        if self.unions is not None:
            defined = self.unions.defined
        for name in self._in_order(self._models):
            declared = self._spec.declarations[name]
            if isinstance(declared, Enum):
                found.append(self._enum(declared, used))
            elif self._writer.is_custom(declared):
                found += self._open_object(declared, used, defined)
            else:
                base = self.base_of(declared)
                parent = self.class_names[base] if base else "Struct"
                found.append(self._struct(declared, self.class_names[name], parent, used, defined))
            defined.add(name)
        if any(not isinstance(self._spec.declarations[name], Enum) for name in self._models):
            used.imports.add(("msgspec", "Struct"))
        return found

    def message_classes(self, used: Used) -> list[ClassView]:
        """Messages after what they extend; first what the hub sends, then commands."""
        ordered = sorted(self._messages.values(), key=lambda message: message.direction is Direction.TO_HUB)
        found: list[ClassView] = []
        for name in [*self._in_order(self._bases), *(message.name for message in ordered)]:
            declared = self._spec.declarations.get(name)
            if isinstance(declared, Object):
                base = self.base_of(declared)
                parent = self.class_names[base] if base else "Message"
                if name in self._messages and self._messages[name].frame == "value":
                    parent = "ValueMessage"
                if parent in {"Message", "ValueMessage"}:
                    used.imports.add((self._profile.message_module, parent))
                listed = _positions(declared) if parent == "ValueMessage" else ()
                if listed:
                    declared = _without_positions(declared)
                view = self._struct(declared, self.class_names[name], parent, used, None)
                found.append(self._with_positions(view, listed, declared, used) if listed else view)
        used.names -= {*self._messages, *self._bases}
        return found

    def _with_positions(
        self, view: ClassView, listed: tuple[Type, ...], declared: Object, used: Used
    ) -> ClassView:
        """The class of an array that also knows the types of its items, which its annotation cannot say."""
        used.imports |= {("typing", "Any"), ("typing", "ClassVar")}
        written = [self._writer.write(kind, used, declared.origin) for kind in listed]
        statement = f"positions: ClassVar[tuple[Any, ...]] = ({', '.join(written)},)"
        return replace(view, members=(*view.members, Member(statement, "What its first items are.")))

    def declared(self, name: str) -> Object | Enum | None:
        """What has that name in the documents, if anything has."""
        return self._spec.declarations.get(name)

    def attributes(self, declared: Object) -> dict[str, str]:
        """Attribute name of each key of an object."""
        if declared.name not in self._attributes:
            is_message = declared.name in self._messages or declared.name in self._bases
            keys = ((item.key, item.name) for item in declared.fields)
            self._attributes[declared.name] = attribute_names(
                keys, _MESSAGE_ATTRIBUTES if is_message else frozenset()
            )
        return self._attributes[declared.name]

    def attribute_of_message(self, message: Message, key: str) -> str:
        """Attribute name of a key of a message."""
        declared = self._spec.declarations[message.name]
        return self.attributes(declared)[key] if isinstance(declared, Object) else key

    def base_of(self, declared: Object) -> str:
        """What an object's class extends, by its name in the specification; empty if it stands alone."""
        base = declared.base
        is_message = declared.name in self._messages or declared.name in self._bases
        if not base or base not in (self._bases if is_message else self._models):
            return ""
        parent = self._spec.declarations[base]
        if not isinstance(parent, Object) or (self._writer.is_custom(parent) and not is_message):
            return ""
        # A key that is called otherwise in the base would be in the class twice.
        mine, theirs = self.attributes(declared), self.attributes(parent)
        return base if all(mine[key] == name for key, name in theirs.items()) else ""

    def _struct(
        self, declared: Object, name: str, parent: str, used: Used, defined: set[str] | None
    ) -> ClassView:
        """A class for an object; ``defined`` are the models so far, None if all of them are."""
        inherits = parent not in {"Struct", "Message", "ValueMessage"}
        names = self.attributes(declared)
        own = (item for item in declared.fields if not inherits or item.key in declared.own)
        fields = [item for item in own if self._has_legal_key(item)]
        members = [self._field(item, names[item.key], used, defined, declared.name) for item in fields]
        summary = self._messages[declared.name].summary if declared.name in self._messages else ""
        doc = summary or declared.description
        if not members and not doc:
            members.append(Member("pass"))
        return ClassView(name, f"{parent}, {_OPTIONS}", doc, tuple(members))

    def _has_legal_key(self, item: Field) -> bool:
        if item.key.isprintable() and not set(item.key) & {'"', "\\"}:
            return True
        message = f"the property {quote(item.key)} is left out: msgspec allows no such character in a key"
        hint = "Nothing but another key helps; what arrives under it is passed over."
        self._reporter.warn_at(item.origin, "inexpressible", message, hint)
        return False

    def _field(self, item: Field, name: str, used: Used, defined: set[str] | None, owner: str) -> Member:
        mine = Used()
        annotation = self._writer.write(item.type, mine, item.origin)
        used.imports |= mine.imports
        used.names |= mine.names
        is_optional = not item.is_required
        if self._profile.is_receiver:
            is_optional = is_optional or item.may_be_missing
            if self._profile.is_both:
                is_filled_in = item.is_read_only and owner in self._sent
                is_optional = is_optional or item.is_write_only or is_filled_in
        else:
            is_optional = is_optional or item.is_read_only
        default = ""
        if isinstance(item.type, Const) and (item.is_required or item.key in self._fixed_keys):
            default = quote(item.type.value)
        elif is_optional:
            annotation += " | UnsetType"
            default = "UNSET"
            used.imports |= {("msgspec", "UNSET"), ("msgspec", "UnsetType")}
        if defined is not None and mine.names - defined:
            annotation = quote(annotation)
        statement = f"{name}: {annotation}"
        if name != item.key:
            used.imports.add(("msgspec", "field"))
            parts = [f"default={default}"] if default else []
            statement += f" = field({', '.join([*parts, f'name={quote(item.key)}'])})"
        elif default:
            statement += f" = {default}"
        return Member(statement, item.description)

    def _enum(self, declared: Enum, used: Used) -> ClassView:
        if self._profile.is_receiver:
            base = "OpenEnum"
            used.imports.add((self._profile.message_module, base))
        else:
            base = "StrEnum"
            used.imports.add(("enum", base))
        names: list[str] = []
        for value in declared.values:
            names.append(unique(constant(value, "VALUE"), names))
        members = (
            Member(f"{name} = {quote(value)}") for name, value in zip(names, declared.values, strict=True)
        )
        return ClassView(self.class_names[declared.name], base, declared.description, tuple(members))

    def _open_object(self, declared: Object, used: Used, defined: set[str]) -> Iterator[ClassView]:
        name = self.class_names[declared.name]
        known = unique(f"{name}Known", self.class_names.values())
        listed = self._struct(declared, known, "Struct", used, defined)
        yield ClassView(known, listed.bases, f"The listed keys of `{name}`.", listed.members)
        used.imports |= {(self._profile.message_module, "OpenObject"), ("typing", "ClassVar")}
        members = (Member("__slots__ = ()"), Member(f"Known: ClassVar[type[{known}]] = {known}"))
        yield ClassView(name, f"OpenObject[{known}]", declared.description, members)

    def _find_models(self) -> list[str]:
        """Everything that messages and bodies are made of, by reference."""
        found: dict[str, None] = {}
        waiting: list[Type] = []
        for name in self._messages:
            declared = self._spec.declarations.get(name)
            waiting += [item.type for item in declared.fields] if isinstance(declared, Object) else []
        if self._profile.is_both:
            waiting += [item.type for stream in self._spec.streams for item in stream.parameters]
        for endpoint in self._spec.endpoints:
            if not endpoint.is_websocket:
                if self._profile.is_both:
                    waiting += [item.type for item in endpoint.parameters]
                bodies = [endpoint.request, *(response.body for response in endpoint.responses.values())]
                waiting += [body.type for body in bodies if body is not None and body.type is not None]
        waiting.reverse()
        while waiting:
            for name in _named(waiting.pop()):
                declared = self._spec.declarations.get(name)
                if name in found or name in self._messages or declared is None or self._writer.is_plain(name):
                    continue
                found[name] = None
                if isinstance(declared, Object):
                    waiting += [item.type for item in reversed(declared.fields)]
                    waiting += [Named(declared.base)] if declared.base else []
        return [name for name in self._spec.declarations if name in found]

    def _find_sent(self) -> frozenset[str]:
        """Names of all objects that requests and commands are made of."""
        found: set[str] = set()
        waiting: list[Type] = [
            endpoint.request.type
            for endpoint in self._spec.endpoints
            if endpoint.request and endpoint.request.type
        ]
        waiting += [
            Named(name) for name, message in self._messages.items() if message.direction is Direction.TO_HUB
        ]
        while waiting:
            for name in _named(waiting.pop()):
                declared = self._spec.declarations.get(name)
                if name not in found and isinstance(declared, Object):
                    found.add(name)
                    waiting += [item.type for item in declared.fields]
        return frozenset(found)

    def _find_message_bases(self) -> list[str]:
        """What messages extend, unless something else is made of it as well."""
        found: dict[str, None] = {}
        waiting = list(self._messages)
        while waiting:
            declared = self._spec.declarations.get(waiting.pop())
            base = declared.base if isinstance(declared, Object) else ""
            if base and base not in found and base not in self._models and base not in self._messages:
                found[base] = None
                waiting.append(base)
        return [name for name in self._spec.declarations if name in found]

    def _in_order(self, names: Iterable[str]) -> list[str]:
        """Each after what it needs, otherwise in the order given; a cycle is broken where it is entered."""
        wanted = dict.fromkeys(names)
        done: dict[str, None] = {}
        entered: set[str] = set()
        for first in wanted:
            # By hand: schemas may refer to one another in a chain longer than Python can recurse.
            path = [(first, self._needed(first))] if first not in entered else []
            entered.add(first)
            on_path = {first}
            while path:
                name, needed = path[-1]
                other = next(
                    (
                        each
                        for each in needed
                        if each in wanted and each not in entered and on_path.isdisjoint(self._bases_of(each))
                    ),
                    None,
                )
                if other is None:
                    done[name] = None
                    on_path.discard(name)
                    path.pop()
                else:
                    entered.add(other)
                    on_path.add(other)
                    path.append((other, self._needed(other)))
        return list(done)

    def _bases_of(self, name: str) -> Iterator[str]:
        """What a class extends, all the way up: it cannot come before any of these."""
        declared = self._spec.declarations.get(name)
        while isinstance(declared, Object) and declared.base:
            yield declared.base
            declared = self._spec.declarations.get(declared.base)

    def _needed(self, name: str) -> Iterator[str]:
        declared = self._spec.declarations[name]
        if isinstance(declared, Object):
            yield declared.base
            for item in declared.fields:
                yield from _named(item.type)


def _named(kind: Type) -> Iterator[str]:
    if isinstance(kind, Named):
        yield kind.name
    elif isinstance(kind, Array):
        yield from _named(kind.items)
        for item in (*kind.prefix, *kind.positions):
            yield from _named(item)
    elif isinstance(kind, Map):
        yield from _named(kind.values)
    elif isinstance(kind, Union):
        for option in kind.options:
            yield from _named(option)


def _positions(declared: Object) -> tuple[Type, ...]:
    """The types by position of what is no object but an array of open length."""
    kind = declared.fields[0].type
    return kind.positions if isinstance(kind, Array) else ()


def _without_positions(declared: Object) -> Object:
    [whole] = declared.fields
    kind = whole.type
    limits = kind.limits if isinstance(kind, Array) else ()
    return replace(declared, fields=(replace(whole, type=Array(Anything(), limits=limits)),))
