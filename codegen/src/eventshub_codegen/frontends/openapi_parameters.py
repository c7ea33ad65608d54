"""Parameters of OpenAPI operations."""

from __future__ import annotations

import re

from ..ir.access import Parameter
from ..ir.media import is_json
from ..ir.types import Scalar
from .names import pascal
from .schemas import SchemaReader
from .workspace import Place, Workspace

_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_ALLOWED = {
    "path": ("simple", "label", "matrix"),
    "header": ("simple",),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "cookie": ("form",),
}
_VARIABLE = re.compile(r"\{([^{}]+)\}")
# OpenAPI: parameters of these names shall be ignored.
_DESCRIBED_ELSEWHERE = frozenset(["accept", "content-type", "authorization"])


class ParameterReader:
    """Reads what operations take besides their bodies."""

    def __init__(self, workspace: Workspace, schemas: SchemaReader) -> None:
        self._workspace = workspace
        self._schemas = schemas

    def read(self, name: str, path: str, item: Place, operation: Place) -> tuple[Parameter, ...]:
        """All parameters of an operation: its own, and those of its path that it does not replace."""
        found: dict[tuple[str, str], Parameter] = {}
        for holder in (item, operation):
            listed = holder.get("parameters")
            for entry in listed.items() if listed is not None else ():
                place = self._workspace.follow(entry)
                parameter = self._parameter(place, name) if place is not None else None
                if parameter is not None:
                    found[parameter.location, parameter.name] = parameter
        variables = list(dict.fromkeys(_VARIABLE.findall(path)))
        for variable in variables:
            if ("path", variable) not in found:
                message = (
                    f"`{path}` has the parameter `{variable}`, which is not described; it is taken for text"
                )
                self._workspace.warn("undeclared-parameter", operation, message, of_key=True)
                found["path", variable] = Parameter(
                    name=variable,
                    location="path",
                    style="simple",
                    explode=False,
                    type=Scalar("string"),
                    is_required=True,
                    description="",
                    origin=operation.origin,
                )
        for (location, key), parameter in list(found.items()):
            if location == "path" and key not in variables:
                message = f"the path `{path}` has no `{{{key}}}`; the parameter is left out"
                hint = f"Write `{{{key}}}` into the path, or give the parameter another `in`."
                self._workspace.warn_at(parameter.origin, "undeclared-parameter", message, hint)
                del found[location, key]
        return tuple(found.values())

    def _parameter(self, place: Place, owner: str) -> Parameter | None:
        name, location = place.text("name"), place.text("in")
        if not name or location not in _STYLES:
            return None
        if location == "header" and name.lower() in _DESCRIBED_ELSEWHERE:
            return None
        style = place.text("style") or _STYLES[location]
        if style not in _ALLOWED[location]:
            message = (
                f"the style `{style}` is not for parameters in the {location}; `{_STYLES[location]}` is used"
            )
            hint = f"Use one of {', '.join(f'`{each}`' for each in sorted(_ALLOWED[location]))}."
            self._workspace.warn("inexpressible", place.child("style"), message, hint)
            style = _STYLES[location]
        explode = place.get("explode")
        schema = place.get("schema")
        content_type, medium = self._content(place)
        if medium is not None:
            schema = medium.get("schema")
        hint = f"{pascal(owner)}{pascal(name)}"
        return Parameter(
            name=name,
            location=location,
            style=style,
            explode=explode.value is True if explode is not None else style in {"form", "deepObject"},
            type=self._schemas.type_of(schema, hint) if schema is not None else Scalar("string"),
            is_required=place.is_true("required") or location == "path",
            description=place.text("description"),
            origin=place.origin,
            allows_reserved=place.is_true("allowReserved"),
            is_json=bool(content_type) and is_json(content_type),
        )

    def _content(self, place: Place) -> tuple[str, Place | None]:
        content = place.get("content")
        return next(iter(content.entries()), ("", None)) if content is not None else ("", None)
