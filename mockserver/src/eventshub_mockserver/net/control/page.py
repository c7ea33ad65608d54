"""Writes the table down for people: one section an endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib import resources
from shlex import quote
from typing import Any, Final

from . import PREFIX
from .document import openapi
from .endpoint import Endpoint
from .table import ENDPOINTS

_AUTHORIZATION: Final = '-H "Authorization: Bearer $EVENTS_HUB_CONTROL_TOKEN"'
_COMMON: Final = """\
Besides what is said below, a call may answer 400 for fields that it does not know or cannot take, and 401
without the credential; one with a body 408, 413 or 415 if that is too slow, too large or not
`application/json`.
"""
_CALLS: Final = "<!-- calls -->\n"


def page() -> str:
    """The page, in Markdown."""
    rows = "".join(f"| [`{e.method} {PREFIX}{e.path}`](#{e.name}) | {e.summary} |\n" for e in ENDPOINTS)
    document = openapi(ENDPOINTS)
    shown: dict[str, str] = {}
    sections = "\n".join(_section(endpoint, document, shown) for endpoint in ENDPOINTS)
    text = resources.files("eventshub_mockserver.net.control").joinpath("page.md").read_text(encoding="utf-8")
    return text.replace(_CALLS, f"| call | in a line |\n|---|---|\n{rows}\n{_COMMON}\n{sections}")


def curl(endpoint: Endpoint) -> str:
    """A call as a command line."""
    example = endpoint.example
    path = (example.path or endpoint.path).replace("$", "\\$")
    method = "-X DELETE " if endpoint.method == "DELETE" else ""
    lines = [f'curl -sS {method}"$CONTROL{path}"', _AUTHORIZATION]
    if endpoint.has_body:
        # In single quotes nothing is special; a variable has to stand outside of them.
        body = quote(json.dumps(example.body or {})).replace("$CLIENT_ID", "'\"$CLIENT_ID\"'")
        lines += ['-H "Content-Type: application/json"', f"-d {body}"]
    return " \\\n    ".join(lines)


def _section(endpoint: Endpoint, document: dict[str, Any], shown: dict[str, str]) -> str:
    operation: dict[str, Any] = document["paths"][PREFIX + endpoint.path][endpoint.method.lower()]
    fields = "\n".join(_tables(operation, document))
    if fields and fields in shown:
        fields = f"Takes the same as [{shown[fields]}](#{shown[fields]}).\n"
    elif fields:
        shown[fields] = endpoint.name
    errors = "".join(f"- {status}: {meaning}\n" for status, meaning in endpoint.errors.items())
    parts = [
        f"### {endpoint.name}\n",
        f"`{endpoint.method} {PREFIX}{endpoint.path}`\n",
        f"{endpoint.summary} {endpoint.details}".rstrip() + "\n",
        fields,
        f"Answers {endpoint.status}. {endpoint.says}\n",
        errors,
        f"```sh\n{curl(endpoint)}\n```\n",
    ]
    return "\n".join(part for part in parts if part)


def _tables(operation: dict[str, Any], document: dict[str, Any]) -> Iterable[str]:
    """A table of what a request says for each form that it may have."""
    parameters: list[dict[str, Any]] = operation.get("parameters", [])
    if parameters:
        yield _table((p["name"], p["schema"], p["required"], p["description"]) for p in parameters)
    body: dict[str, Any] = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    structs = _structs(body.get("schema", {}), document)
    for schema in structs:
        if len(structs) > 1:
            yield f"{schema['description']}\n"
        yield _table(
            (name, field, name in schema["required"], field.get("description", ""))
            for name, field in schema["properties"].items()
        )


def _table(fields: Iterable[tuple[str, dict[str, Any], bool, str]]) -> str:
    rows = [
        f"| `{name}` | {_type(field)} | {'required' if is_required else _shown(field)} | {meaning} |\n"
        for name, field, is_required, meaning in fields
    ]
    return f"| field | type | default | meaning |\n|---|---|---|---|\n{''.join(rows)}"


def _structs(schema: dict[str, Any], document: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects that a body may be; none where there are so many that another page tells of them."""
    references = [schema] if "$ref" in schema else schema.get("anyOf", [])
    found = [_resolved(reference, document) for reference in references]
    return found if len(found) < 10 else []


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    resolved: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return resolved


def _type(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return f"`{field['$ref'].rpartition('/')[2]}`"
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if "anyOf" in field:
        return " or ".join(_type(choice) for choice in field["anyOf"])
    kind = str(field.get("type", "any JSON"))
    if kind == "array":
        return f"list of {_type(field['items'])}"
    if "contentEncoding" in field:
        return "base64"
    low, high = field.get("minimum", field.get("exclusiveMinimum")), field.get("maximum")
    if high is not None and abs(high) < 2**60:
        above = "above" if "exclusiveMinimum" in field else "from"
        return f"{kind} {above} {low:g} to {high:g}"
    return kind


def _shown(field: dict[str, Any]) -> str:
    value = field.get("default")
    return "" if value in (None, [], {}, "") else f"`{json.dumps(value)}`"
