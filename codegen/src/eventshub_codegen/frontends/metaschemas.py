"""Documents and schemas against the official meta-schemas."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ..ir.json_values import is_array, is_object
from .validation import compile_schema, violations
from .workspace import Place, Workspace

_DRAFTS = {7: "http://json-schema.org/draft-07/schema#", 2020: "https://json-schema.org/draft/2020-12/schema"}
_FOLDER = Path(__file__).parent / "metaschema"
_BINDING = re.compile(r"/bindings/([^/]+)/")
_KNOWN = {
    "asyncapi": {"3.0.": ("asyncapi/3.0.0.json", 7), "3.1.": ("asyncapi/3.1.0.json", 7)},
    "openapi": {"3.0.": ("openapi/3.0.json", 7), "3.1.": ("openapi/3.1.json", 2020)},
}
_LABELS = {"asyncapi": "AsyncAPI", "openapi": "OpenAPI"}
RULE = "meta-schema"


def check_document(workspace: Workspace, document: Place, kind: str) -> bool:
    """Report what the official meta-schema of the document's version does not allow.

    Args:
        workspace: Takes the findings.
        document: The whole document.
        kind: ``asyncapi`` or ``openapi``, which is also the key that holds the version.

    Returns:
        Whether the document is of a version that can be read at all.
    """
    version = document.text(kind)
    chosen = next((entry for prefix, entry in _KNOWN[kind].items() if version.startswith(prefix)), None)
    if chosen is None:
        label = _LABELS[kind]
        at = document.get(kind) or document
        found = (
            f"{label} {version} is not supported" if version else f"this is no {label} document of version 3"
        )
        workspace.report("unsupported-version", at, found, f"Use {label} 3.0 or 3.1.")
        return False
    name, draft = chosen
    schema = json.loads(_FOLDER.joinpath(name).read_bytes())
    if kind == "asyncapi":
        _drop_unused_bindings(schema, document.value)
    # Formats are annotations there: URLs of servers are templates, not URI references.
    validator = compile_schema(schema, draft=draft, checks_formats=False)
    for found_violation in violations(validator, document.value):
        _report(
            workspace, document, found_violation.pointer, found_violation.message, found_violation.names_key
        )
    return True


class SchemaChecker:
    """Checks schemas that no document's meta-schema covers, such as those in files of their own."""

    def __init__(self, workspace: Workspace, draft: int) -> None:
        """``draft`` is 7 or 2020."""
        self._workspace = workspace
        self._validator = compile_schema({"$ref": _DRAFTS[draft]}, draft=draft)

    def check(self, schema: Place) -> None:
        """Report what JSON Schema does not allow."""
        for found in violations(self._validator, schema.value):
            _report(self._workspace, schema, found.pointer, found.message, found.names_key)


def _report(
    workspace: Workspace, root: Place, pointer: tuple[str | int, ...], message: str, names_key: bool
) -> None:
    place = Place(root.source, (*root.pointer, *pointer), None)
    workspace.report(RULE, place, message, of_key=names_key)


def _drop_unused_bindings(schema: Any, document: Any) -> None:
    """Leave out the definitions of bindings that the document has none of: two thirds of the whole."""
    used: set[str] = set()
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if is_object(value):
            used.update(value)
            waiting.extend(value.values())
        elif is_array(value):
            waiting.extend(value)
    used = {"websockets" if key == "ws" else key for key in used}
    for name in schema["definitions"]:
        match = _BINDING.search(name)
        if match is not None and match[1] not in used:
            schema["definitions"][name] = {"$id": name}
