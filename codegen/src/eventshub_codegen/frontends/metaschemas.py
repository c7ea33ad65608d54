"""Documents and schemas against the official meta-schemas."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from ..ir.json_values import is_array, is_object
from .validation import SchemaValidator, Violation, compile_schema, violations
from .workspace import Place, Workspace

_DRAFTS = {7: "http://json-schema.org/draft-07/schema#", 2020: "https://json-schema.org/draft/2020-12/schema"}
_FOLDER = Path(__file__).parent / "metaschema"
_BINDING = re.compile(r"/bindings/([^/]+)/")
_KNOWN = {
    "asyncapi": {"3.0.": ("asyncapi/3.0.0.json", 7), "3.1.": ("asyncapi/3.1.0.json", 7)},
    "openapi": {"3.0.": ("openapi/3.0.json", 4), "3.1.": ("openapi/3.1.json", 2020)},
}
_LABELS = {"asyncapi": "AsyncAPI", "openapi": "OpenAPI"}
RULE = "meta-schema"
_VERSION_2 = "This is AsyncAPI 2; say so in `asyncapi`, or write"
_MOVED = {
    "url": f"{_VERSION_2} `host`, `pathname` and `protocol`.",
    "publish": f"{_VERSION_2} an operation with `action: receive`.",
    "subscribe": f"{_VERSION_2} an operation with `action: send`.",
    "message": f"{_VERSION_2} the `messages` of the channel.",
}
"""What became of words of version 2 in version 3."""


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
        _report_version(workspace, document, kind, version)
        return False
    name, draft = chosen
    validator = _compile(name, draft, _bindings(document.value) if kind == "asyncapi" else None)
    for found in violations(validator, document.value):
        _report(workspace, document, found)
    return True


class SchemaChecker:
    """Checks what the meta-schema of a document does not: schemas in files of their own, and formats."""

    def __init__(self, workspace: Workspace, draft: int) -> None:
        """``draft`` is 7 or 2020."""
        self._workspace = workspace
        self._validator = compile_schema({"$ref": _DRAFTS[draft]}, draft=draft)

    def check(self, schema: Place, *, is_covered: bool) -> None:
        """Report what JSON Schema does not allow; only wrong formats if a document's meta-schema did so."""
        for found in violations(self._validator, schema.value):
            if not is_covered or found.keyword == "format":
                _report(self._workspace, schema, found)


def _report_version(workspace: Workspace, document: Place, kind: str, version: str) -> None:
    label = _LABELS[kind]
    at = document.get(kind) or document
    message = f"this is no {label} document of version 3"
    hint = f"Use {label} 3.0 or 3.1."
    if kind == "asyncapi":
        hint = "Use AsyncAPI 2, 3.0 or 3.1."
    if version:
        message = f"{label} {version} is not supported"
    if kind == "openapi" and (swagger := document.get("swagger")) is not None:
        at = swagger
        message = f"this is a Swagger {swagger.value} document, and OpenAPI 3.0 or 3.1 is needed"
        hint = "Convert it to OpenAPI 3.0 or 3.1 (a converter is swagger2openapi) and use the result."
    workspace.report("unsupported-version", at, message, hint)


def _report(workspace: Workspace, root: Place, found: Violation) -> None:
    place = Place(root.source, (*root.pointer, *found.pointer), None)
    is_asyncapi = is_object(root.value) and "asyncapi" in root.value
    key = found.pointer[-1] if is_asyncapi and found.names_key else ""
    workspace.report(RULE, place, found.message, _MOVED.get(str(key), ""), of_key=found.names_key)


@cache
def _compile(name: str, draft: int, bindings: frozenset[str] | None) -> SchemaValidator:
    """Compile a meta-schema, without the definitions of other bindings: two thirds of the whole."""
    schema = json.loads(_FOLDER.joinpath(name).read_bytes())
    for entry in schema.get("definitions", {}) if bindings is not None else ():
        match = _BINDING.search(entry)
        if match is not None and match[1] not in (bindings or ()):
            schema["definitions"][entry] = {"$id": entry}
    # Formats are annotations there: URLs of servers are templates, not URI references.
    return compile_schema(schema, draft=draft, checks_formats=False)


def _bindings(document: Any) -> frozenset[str]:
    """The protocols of all bindings in a document, as the meta-schema calls them."""
    found: set[str] = set()
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if is_object(value):
            for key, child in value.items():
                entries = child.values() if key.endswith("Bindings") and is_object(child) else [child]
                if key == "bindings" or key.endswith("Bindings"):
                    found.update(*(entry for entry in entries if is_object(entry)))
            waiting.extend(value.values())
        elif is_array(value):
            waiting.extend(value)
    return frozenset("websockets" if name == "ws" else name for name in found)
