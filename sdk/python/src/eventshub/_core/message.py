"""What generated message classes stand on: messages, open enums, objects with unlisted keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Generic, Self, TypeVar, cast

import msgspec

from .readable import readable
from .timestamps import frame_nanoseconds, moment_nanoseconds

KnownT = TypeVar("KnownT", bound=msgspec.Struct)
ValueT = TypeVar("ValueT")
_MOST_DIGITS: Final = 4300
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Message(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One frame of the stream, decoded. Immutable; equal when all its fields are equal."""

    @property
    def raw(self) -> bytes:
        """The frame exactly as it was received; empty for a message built in code."""
        raw: bytes = self.__dict__.get("raw", b"")
        return raw

    @property
    def payload(self) -> Any:
        """The whole frame as plain JSON data, unlisted fields included."""
        return plain(self.raw) if self.raw else msgspec.to_builtins(self, enc_hook=encode_open)

    @property
    def timestamp_ns(self) -> int | None:
        """``timestamp`` in nanoseconds since the epoch, as fine as the hub wrote it; None without one.

        ``datetime`` is rounded to microseconds; this is read from ``raw`` when asked for.
        """
        if self.raw:
            return frame_nanoseconds(self.raw)
        moment: object = getattr(self, "timestamp", None)
        return moment_nanoseconds(moment) if isinstance(moment, datetime) else None

    @property
    def is_targeted(self) -> bool:
        """Whether it is for one connection alone, which its ``client_id`` names; else it went to all."""
        client_id: object = getattr(self, "client_id", None)
        if client_id is None and self.raw:
            # Not listed for this message, or for no message that is known.
            payload: object = self.payload
            client_id = (
                cast("dict[str, object]", payload).get("client_id") if isinstance(payload, dict) else None
            )
        return isinstance(client_id, str)

    def __repr__(self) -> str:
        return readable(self)


class UnlistedMessage(Message, frozen=True, kw_only=True):
    """A message whose properties nobody has described. What messages usually have is read when asked for.

    What is absent, or is not what its name promises, is ``UNSET``, which is false.
    """

    @property
    def id(self) -> str | msgspec.UnsetType:
        """ID of the message."""
        found = self._found("id")
        return found if isinstance(found, str) else msgspec.UNSET

    @property
    def timestamp(self) -> datetime | msgspec.UnsetType:
        """When it was sent."""
        try:
            return msgspec.convert(self._found("timestamp"), _Moment)
        except msgspec.ValidationError:
            return msgspec.UNSET

    @property
    def body(self) -> Any:
        """What it says, as plain JSON data."""
        return self._found("body")

    def _found(self, key: str) -> object:
        payload: object = self.payload
        return (
            cast("dict[str, object]", payload).get(key, msgspec.UNSET)
            if isinstance(payload, dict)
            else msgspec.UNSET
        )

    def __repr__(self) -> str:
        found = {"id": self.id, "timestamp": self.timestamp, "body": self.body}
        shown = [f"{name}={readable(each)}" for name, each in found.items() if each is not msgspec.UNSET]
        return ", ".join([readable(self)[:-1], *shown]) + ")"


class OpenEnum(StrEnum):
    """An enum that accepts values it does not list, because the other side may be newer.

    A value that is not listed is an instance of the enum all the same: it
    compares equal to its string, and ``is_known`` is false.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        """Whether the spec lists this value."""
        return self._value_ in type(self)._value2member_map_


class OpenObject(Mapping[str, Any], Generic[KnownT]):
    """A JSON object that has some listed keys and may have any others.

    Listed keys are typed attributes of ``known``; every key, listed or not,
    is an item of the mapping: ``vm.known.name``, ``vm["Home path"]``.

    Raises:
        ValueError: a listed key has a value that the spec does not allow.
    """

    __slots__ = ("_items", "known")
    Known: ClassVar[Any]
    """The class of ``known``."""
    known: KnownT
    # Or the frame that holds it and the keys that lead there, until an item is asked for.
    _items: dict[str, Any] | tuple[bytes, tuple[str, ...]]

    def __init__(self, items: Mapping[str, Any]) -> None:
        self._items = dict(items)
        self.known = _known(type(self), self._items)

    def __getitem__(self, key: str) -> Any:
        return self._all()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __hash__(self) -> int:
        return hash(frozenset(self._all()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._all()!r})"

    def __getstate__(self) -> tuple[None, dict[str, object]]:
        # Not with the whole frame.
        return None, {"_items": self._all(), "known": self.known}

    def _all(self) -> dict[str, Any]:
        items = self._items
        if isinstance(items, tuple):
            frame, path = items
            found = plain(frame)
            for key in path:
                found = found[key]
            self._items = items = cast("dict[str, Any]", found)
        return items


class OneOf(Generic[ValueT]):
    """Holds in ``value`` data of one of several types that JSON alone does not tell apart.

    Which one is told by a property (``tag``), else by trying: the first type that the data fits. Data that
    fits none, or whose tag nobody knows, is ``value`` as it came: a newer peer loses nothing.
    """

    __slots__ = ("value",)
    tag: ClassVar[str] = ""
    value: ValueT

    def __init__(self, value: ValueT) -> None:
        self.value = value

    @classmethod
    def options(cls) -> tuple[Any, ...]:
        """The types, those that demand most first."""
        raise NotImplementedError

    @classmethod
    def tagged(cls) -> Mapping[Any, Any]:
        """Type by value of the tag."""
        return {}

    @classmethod
    def decode(cls, data: Any) -> Self:
        """For ``decode_open``: from plain JSON data.

        Raises:
            ValueError: the tag names a type, and the data breaks it.
        """
        name: Any = cast("dict[str, Any]", data).get(cls.tag) if isinstance(data, dict) and cls.tag else None
        chosen = cls.tagged().get(name) if isinstance(name, (str, int)) else None
        made: Any = object.__new__(cls)
        if chosen is not None:
            try:
                made.value = msgspec.convert(data, chosen, dec_hook=decode_open)
            except msgspec.ValidationError as error:
                raise ValueError(str(error)) from error
            return cast("Self", made)
        made.value = data
        best = -1
        named = list(cls.tagged().values()) if name is not None else []
        for option in cls.options():
            if option in named:
                continue
            try:
                value: Any = msgspec.convert(data, option, dec_hook=decode_open)
            except msgspec.ValidationError:
                continue
            known = known_keys(cast("object", data), option)
            if known > best:
                best, made.value = known, value
        return cast("Self", made)

    def __eq__(self, other: object) -> bool:
        mine: object = self.value
        return isinstance(other, OneOf) and mine == cast("OneOf[object]", other).value

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"


def known_keys(data: object, kind: object) -> int:
    """How many keys of an object a type lists: of several types that fit, the one with most is meant."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(data, dict):
        names = {field.encode_name for field in msgspec.structs.fields(kind)}
        return len(names.intersection(cast("dict[str, object]", data)))
    return 0


def encode_open(value: object) -> object:
    """For msgspec: the plain form of an ``OpenObject`` or a ``OneOf``."""
    if isinstance(value, OneOf):
        return cast("OneOf[object]", value).value
    if isinstance(value, OpenObject):
        return dict(cast("Mapping[str, Any]", value))
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")


def decode_open(value_type: Any, value: object) -> Any:
    """For msgspec: an ``OpenObject`` or a ``OneOf`` from its plain form.

    Raises:
        ValueError: the value is no object, or breaks the schema of a listed key; msgspec adds the path.
    """
    # Not by issubclass, which is slow for a class with abstract bases.
    if OpenObject not in value_type.__mro__:
        if OneOf in value_type.__mro__:
            return value_type.decode(value)
        raise NotImplementedError(f"{value_type.__name__} has no decoder")
    if not isinstance(value, dict):
        raise ValueError(f"Expected `object`, got `{_JSON_NAMES.get(type(value), 'array')}`")
    # Made for this call alone: no copy.
    items = cast("dict[str, Any]", value)
    made = object.__new__(value_type)
    made._items = items
    made.known = _known(value_type, items)
    return made


def open_object_of_frame(open_type: Any, known: Any, frame: bytes, path: tuple[str, ...]) -> Any:
    """An ``OpenObject`` of which the listed keys are decoded, and the frame holds all."""
    made = object.__new__(open_type)
    made._items = (frame, path)
    made.known = known
    return made


def plain(frame: bytes) -> Any:
    """A frame that was decoded as a message, as plain JSON data.

    A number that no float can hold is infinite: a message may have it in a key that is not listed.
    """
    try:
        return msgspec.json.decode(frame)
    except (msgspec.ValidationError, UnicodeDecodeError):
        return json.loads(frame.decode(errors="replace"), parse_int=_integer)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < _MOST_DIGITS else float(digits)


def _known(open_type: type[OpenObject[Any]], items: dict[str, Any]) -> Any:
    try:
        # Without the hook at first: to pass an argument by its name takes as long as the conversion.
        return msgspec.convert(items, open_type.Known)
    except msgspec.ValidationError:
        # An open object within this one, or an error.
        pass
    try:
        return msgspec.convert(items, open_type.Known, dec_hook=decode_open)
    except msgspec.ValidationError as error:
        # msgspec adds the outer path only to plain ValueErrors raised by its hooks.
        raise ValueError(str(error)) from error


_JSON_NAMES: Final[dict[type, str]] = {
    str: "str",
    int: "int",
    float: "float",
    bool: "bool",
    type(None): "null",
}
