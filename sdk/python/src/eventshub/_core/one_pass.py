"""Messages that hold open objects, decoded in one pass over the frame.

msgspec hands the decoder of a foreign type everything the object holds as plain data, of which most is
never looked at. So a message that holds one is read into a mirror of its classes that has the listed keys
of the open object in its place; all other keys stay in the frame until somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin

import msgspec

from .message import Message, OpenObject, decode_open, open_object_of_frame

_ABSENT = (NoneType, msgspec.UnsetType)


def one_pass_decoder(
    message_type: type[Message], known: Mapping[str, object]
) -> Callable[[bytes], Message] | None:
    """The quick decoder of a message that holds open objects; None if it holds none that can be told.

    It raises what msgspec raises, but not for a number that no float can hold in a key that is not listed.

    Args:
        message_type: The message to make.
        known: Attributes of it whose values are known beforehand, such as its name.
    """
    mirrored = _Mirror().of(message_type, "m", (), (), known)
    if mirrored is None:
        return None
    mirror, make, names = mirrored
    names["read"] = msgspec.json.Decoder(mirror, dec_hook=decode_open).decode
    # msgspec does not look whether strings that it passes over are UTF-8.
    source = f"lambda frame: (m := read(frame)) and (frame.isascii() or frame.decode()) and {make}"
    # Of identifiers alone. Constructors that are spelled out take a third of the time of ** and a dict.
    decode: Callable[[bytes], Message] = eval(source, names)  # noqa: S307
    return decode


class _Mirror:
    """Mirrors classes and writes the expression that makes the real ones of them."""

    def __init__(self) -> None:
        self._names: dict[str, object] = {"open_object": open_object_of_frame}

    def of(
        self,
        kind: type[msgspec.Struct],
        held_by: str,
        path: tuple[str, ...],
        within: tuple[object, ...],
        known: Mapping[str, object],
    ) -> tuple[type[msgspec.Struct], str, dict[str, object]] | None:
        """Mirror and expression of one class; None if there is nothing to be gained.

        Args:
            kind: The class.
            held_by: The expression whose value is the mirror.
            path: Keys from the frame to it.
            within: The classes around it.
            known: Attributes to leave to their defaults, which are these.
        """
        if kind in within or kind.__struct_config__.tag is not None or kind.__struct_config__.array_like:
            return None
        members: list[Any] = []
        arguments: list[str] = []
        found = False
        for field in msgspec.structs.fields(kind):
            if field.name in known and field.default == known[field.name]:
                continue
            value = f"{held_by}.{field.name}"
            one = self._one(field.type, value, (*path, field.encode_name), (*within, kind))
            kept, expression = one or (field.type, value)
            found = found or one is not None
            arguments.append(f"{field.name}={expression}")
            members.append(_member(field, kept))
        if not found:
            return None
        mirror = msgspec.defstruct(kind.__name__, members, kw_only=True, gc=False)
        return mirror, f"{self._name(kind)}({', '.join(arguments)})", self._names

    def _one(
        self, declared: Any, value: str, path: tuple[str, ...], within: tuple[object, ...]
    ) -> tuple[Any, str] | None:
        options = get_args(declared) if get_origin(declared) in (Union, UnionType) else (declared,)
        absent = [option for option in options if option in _ABSENT]
        kinds = [option for option in options if option not in _ABSENT]
        if len(kinds) != 1 or not isinstance(kinds[0], type):
            return None
        kind: type[Any] = kinds[0]
        if issubclass(kind, msgspec.Struct):
            mirrored = self.of(kind, value, path, within, {})
            if mirrored is None:
                return None
            mirror, expression, _ = mirrored
        elif issubclass(kind, OpenObject):
            mirror = kind.Known
            expression = (
                f"open_object({self._name(cast('object', kind))}, {value}, frame, {self._name(path)})"
            )
        else:
            return None
        if absent:
            expression = f"({expression} if type({value}) is {self._name(mirror)} else {value})"
        return cast("Any", Union)[(mirror, *absent)], expression

    def _name(self, value: object) -> str:
        name = f"n{len(self._names)}"
        self._names[name] = value
        return name


def _member(field: msgspec.structs.FieldInfo, kind: Any) -> tuple[str, Any, Any]:
    if field.default_factory is not msgspec.NODEFAULT:
        factory = cast("Callable[[], object]", field.default_factory)
        return field.name, kind, msgspec.field(name=field.encode_name, default_factory=factory)
    return field.name, kind, msgspec.field(name=field.encode_name, default=field.default)
