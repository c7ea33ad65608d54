"""Legal, readable, unique names in Python for anything that a document may call something."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable

_WORD_ENDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_WORD = re.compile(r"[\W_]+")

RESERVED_CLASSES = frozenset(
    [
        "ABC",
        "Any",
        "ClassVar",
        "Command",
        "Endpoint",
        "Enum",
        "Final",
        "Generic",
        "HubProtocol",
        "Literal",
        "Message",
        "OpenEnum",
        "OpenObject",
        "Operation",
        "Route",
        "StreamProtocol",
        "StrEnum",
        "Struct",
        "TypeAlias",
        "TypeVar",
        "UNSET",
        "UnsetType",
        "CommandHandler",
        "ConnectionT",
        "Event",
        "UnknownEvent",
        "None",
        "True",
        "False",
    ]
)
"""Names that generated modules import or define themselves."""

RESERVED_ATTRIBUTES = frozenset(
    ["bool", "bytes", "datetime", "dict", "field", "float", "int", "str", "tuple"]
)
"""Names that annotations need; an attribute of the same name would hide them from the lines after it."""


def snake(text: str, fallback: str) -> str:
    """``Home path``, ``homePath`` and ``home-path`` become ``home_path``; legal, but perhaps not unique."""
    normal = unicodedata.normalize("NFKC", text)
    name = "_".join(word for word in _NO_WORD.split(_WORD_ENDS.sub("_", normal)) if word).lower()
    if not name.isidentifier():
        name = f"{fallback}_{name}" if f"{fallback}_{name}".isidentifier() and name else fallback
    return f"{name}_" if keyword.iskeyword(name) else name


def constant(text: str, fallback: str) -> str:
    """``websocket-connected`` becomes ``WEBSOCKET_CONNECTED``."""
    return snake(text, fallback.lower()).rstrip("_").upper()


def class_name(name: str, reserved: frozenset[str] = frozenset()) -> str:
    """A legal class name that hides none of those that generated modules need."""
    if not name[:1].isalpha():
        name = f"Type{name}"
    return f"{name}_" if name in RESERVED_CLASSES or name in reserved else name


def unique(wanted: str, taken: Iterable[str]) -> str:
    """The wanted name, with a number after it if it is taken."""
    used = set(taken)
    name, number = wanted, 2
    while name in used:
        name, number = f"{wanted}_{number}", number + 1
    return name


def attribute_names(keys: Iterable[tuple[str, str]], reserved: frozenset[str]) -> dict[str, str]:
    """An attribute name for each key on the wire.

    A key that is its own name keeps it; of others that come out alike the
    later ones get a number.

    Args:
        keys: Each key with the name that the document wants for it, or with an empty string.
        reserved: Names that are not to be used.
    """
    listed = list(keys)
    wanted = {key: snake(name or key, "field") for key, name in listed}
    blocked = RESERVED_ATTRIBUTES | reserved
    names: dict[str, str] = {}
    for key, _ in sorted(listed, key=lambda entry: wanted[entry[0]] != entry[0]):
        name = f"{wanted[key]}_" if wanted[key] in blocked else wanted[key]
        names[key] = unique(name, names.values())
    return {key: names[key] for key, _ in listed}


def pascal_words(text: str) -> str:
    """``system-logs`` becomes ``SystemLogs``."""
    return "".join(word[:1].upper() + word[1:] for word in snake(text, "channel").split("_"))
