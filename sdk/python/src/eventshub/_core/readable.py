"""Messages as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, cast

import msgspec


def readable(value: object) -> str:
    """A ``repr`` without what is absent or the same for the whole class; enums and times as on the wire."""
    match value:
        case msgspec.Struct():
            constants = _constants(type(value))
            fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
            shown = (
                f"{name}={readable(field)}"
                for name, field in fields
                if field is not msgspec.UNSET and constants.get(name, msgspec.UNSET) != field
            )
            return f"{type(value).__name__}({', '.join(shown)})"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Enum():
            return repr(value.value)
        case Mapping():
            items = cast("Mapping[object, object]", value).items()
            return "{" + ", ".join(f"{key!r}: {readable(item)}" for key, item in items) + "}"
        case tuple() | list():
            return "[" + ", ".join(map(readable, cast("Iterable[object]", value))) + "]"
        case _:
            return repr(value)


@cache
def _constants(struct_type: type[msgspec.Struct]) -> dict[str, Any]:
    fields = msgspec.structs.fields(struct_type)
    return {field.name: field.default for field in fields if isinstance(field.default, str)}
