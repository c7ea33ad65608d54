"""Names in another style than nearly all others of their kind."""

from __future__ import annotations

import re
from collections import Counter

from ...frontends.workspace import Place, Workspace
from ...ir.json_values import is_object

_STYLES = (
    ("snake_case", re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")),
    ("kebab-case", re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")),
    ("camelCase", re.compile(r"[a-z][a-z0-9]*([A-Z][A-Za-z0-9]*)+")),
    ("PascalCase", re.compile(r"[A-Z][a-z0-9]+([A-Z][A-Za-z0-9]*)+")),
    ("CONSTANT_CASE", re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")),
    ("words with spaces", re.compile(r"\S+( \S+)+")),
)
_LEAST = 5
_SHARE = 0.8


def check_wording(workspace: Workspace, document: Place) -> None:
    """Report names of properties and operations that stand out. A single word fits every style."""
    properties: list[tuple[str, Place]] = []
    _collect(document, properties, is_map_of_names=False)
    operations = document.get("operations")
    names = list(operations.entries()) if operations is not None else []
    paths = document.get("paths")
    for _, item in paths.entries() if paths is not None else ():
        for _, operation in item.entries():
            identifier = operation.get("operationId")
            if identifier is not None and isinstance(identifier.value, str):
                names.append((identifier.value, identifier))
    for what, listed in (("property", properties), ("operation", names)):
        _report_outliers(workspace, what, listed)


def _report_outliers(workspace: Workspace, what: str, listed: list[tuple[str, Place]]) -> None:
    distinct = dict(reversed(listed))
    styles = {name: style for name in distinct if (style := _style(name))}
    if not styles:
        return
    [(usual, count)] = Counter(styles.values()).most_common(1)
    if count < _LEAST or count < _SHARE * len(styles):
        return
    for name, style in styles.items():
        if style != usual:
            message = f"the {what} `{name}` is in {style}, and nearly all others are in {usual}"
            workspace.warn("naming", distinct[name], message, of_key=True)


def _style(name: str) -> str:
    return next((style for style, pattern in _STYLES if pattern.fullmatch(name)), "")


def _collect(place: Place, found: list[tuple[str, Place]], *, is_map_of_names: bool) -> None:
    for key, child in place.entries():
        if key == "properties" and not is_map_of_names and is_object(child.value):
            found += list(child.entries())
            _collect(child, found, is_map_of_names=True)
        elif key not in {"examples", "example", "default", "enum", "const"} or is_map_of_names:
            _collect(child, found, is_map_of_names=False)
    for item in place.items():
        _collect(item, found, is_map_of_names=False)
