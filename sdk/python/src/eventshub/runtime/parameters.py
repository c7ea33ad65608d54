"""Values of parameters into URLs and headers, in the styles of OpenAPI 3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeGuard
from urllib.parse import quote

import msgspec

from .._core.message import encode_open
from .tables import Parameter

_RESERVED = ":/?#[]@!$&'()*+,;="
_SEPARATORS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C", "simple": ","}


def plain(value: object) -> Any:
    """A value of a generated class as plain data."""
    # Not by to_builtins, which leaves tuples as they are.
    return msgspec.json.decode(msgspec.json.encode(value, enc_hook=encode_open))


def expand_path(path: str, parameters: Iterable[Parameter], values: Mapping[str, object]) -> str:
    """Fill the ``{names}`` of a path.

    Raises:
        ValueError: a value is missing or empty, which would lead to another path.
    """
    for parameter in parameters:
        if parameter.location == "path":
            value = values.get(parameter.argument)
            is_missing = value is None or value is msgspec.UNSET or value == ""
            written = "" if is_missing else _in_path(parameter, value)
            if not written or written in {".", ".."}:
                raise ValueError(f"the path parameter {parameter.name!r} must not be empty, '.' or '..'")
            path = path.replace(f"{{{parameter.name}}}", written)
    return path


def query_string(parameters: Iterable[Parameter], values: Mapping[str, object]) -> str:
    """What stands after the question mark; empty if nothing does."""
    return "&".join(
        part
        for parameter in parameters
        if parameter.location == "query"
        for part in _in_query(parameter, values.get(parameter.argument))
    )


def header_values(parameters: Iterable[Parameter], values: Mapping[str, object]) -> dict[str, str]:
    """Headers, with all cookies in one of them.

    Raises:
        ValueError: a value holds what a header cannot hold.
    """
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for parameter in parameters:
        value = values.get(parameter.argument)
        if value is None or value is msgspec.UNSET:
            continue
        if parameter.location == "header":
            headers[parameter.name] = _in_header(parameter, value)
        elif parameter.location == "cookie":
            cookies += _in_query(parameter, value)
    return headers | ({"Cookie": "; ".join(cookies)} if cookies else {})


def form_fields(value: object) -> list[tuple[str, str]]:
    """The members of an object as fields of a form; what is no plain value goes as JSON."""
    fields: list[tuple[str, str]] = []
    members = plain(value)
    for name, member in members.items() if _is_members(members) else ():
        items = _items(member)
        fields += [(name, _text(item)) for item in items if item is not None]
    return fields


def _in_path(parameter: Parameter, value: object) -> str:
    if parameter.is_json:
        return quote(_json(value), safe="")
    data = plain(value)
    joint = {"label": ".", "matrix": ";"}.get(parameter.style, ",")
    start = "" if parameter.style == "simple" else joint
    name = f"{quote(parameter.name, safe='')}=" if parameter.style == "matrix" else ""
    if _is_members(data):
        pairs = [(_quoted(key), _quoted(member)) for key, member in data.items()]
        if parameter.explode:
            return start + joint.join(f"{key}={member}" for key, member in pairs)
        return start + name + ",".join(text for pair in pairs for text in pair)
    items = [_quoted(item) for item in _items(data)]
    if parameter.explode and parameter.style != "simple":
        return start + joint.join(name + item for item in items)
    return start + name + ",".join(items)


def _in_query(parameter: Parameter, value: object) -> Iterator[str]:
    if value is None or value is msgspec.UNSET:
        return
    safe = _RESERVED.replace("&", "").replace("#", "").replace("+", "") if parameter.allows_reserved else ""
    name = quote(parameter.name, safe="")
    if parameter.is_json:
        yield f"{name}={quote(_json(value), safe=safe)}"
        return
    data = plain(value)
    separator = _SEPARATORS.get(parameter.style, ",")
    if parameter.style == "deepObject" and _is_members(data):
        yield from _deep(name, data, safe)
    elif _is_members(data):
        pairs = [(_quoted(key), _quoted(member, safe)) for key, member in data.items()]
        if parameter.explode:
            yield from (f"{key}={member}" for key, member in pairs)
        else:
            yield f"{name}={separator.join(text for pair in pairs for text in pair)}"
    elif _is_list(data):
        items = [_quoted(item, safe) for item in data]
        if parameter.explode:
            yield from (f"{name}={item}" for item in items)
        else:
            yield f"{name}={separator.join(items)}"
    else:
        yield f"{name}={_quoted(data, safe)}"


def _deep(name: str, members: dict[str, Any], safe: str) -> Iterator[str]:
    for key, member in members.items():
        here = f"{name}[{_quoted(key)}]"
        if _is_members(member):
            yield from _deep(here, member, safe)
        else:
            items = _items(member)
            yield from (f"{here}={_quoted(item, safe)}" for item in items)


def _in_header(parameter: Parameter, value: object) -> str:
    data = plain(value)
    if parameter.is_json:
        text = _json(value)
    elif _is_members(data):
        joint = "=" if parameter.explode else ","
        text = ",".join(f"{key}{joint}{_text(member)}" for key, member in data.items())
    elif _is_list(data):
        text = ",".join(_text(item) for item in data)
    else:
        text = _text(data)
    if not text.isprintable() or not text.isascii():
        raise ValueError(f"the value of the header {parameter.name} holds what a header cannot hold")
    return text


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_members(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _items(value: object) -> list[Any]:
    return value if _is_list(value) else [value]


def _quoted(value: object, safe: str = "") -> str:
    return quote(_text(value), safe=safe)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return _json(value) if _is_members(value) or _is_list(value) else str(value)


def _json(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=encode_open).decode()
