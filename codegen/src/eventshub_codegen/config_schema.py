"""What may be in a configuration file, as a JSON Schema, and as a page made of it."""

from __future__ import annotations

from typing import Any

from .ir.json_values import is_array

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": {"type": "string"}}

CONFIG_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "eventshub-codegen.toml",
    "type": "object",
    "additionalProperties": False,
    "required": ["spec"],
    "properties": {
        "spec": {
            "type": "object",
            "description": "The documents. At least one of `asyncapi` and `openapi` is needed.",
            "additionalProperties": False,
            "anyOf": [{"required": ["asyncapi"]}, {"required": ["openapi"]}],
            "properties": {
                "asyncapi": _TEXT
                | {"description": "The document of the stream.", "examples": ["chat.asyncapi.yaml"]},
                "openapi": _TEXT
                | {"description": "The document of the endpoints.", "examples": ["chat.openapi.yaml"]},
                "rules": _TEXT | {"description": "The table of numbered rules.", "examples": ["rules.yaml"]},
                "examples": _TEXT
                | {
                    "description": (
                        "A folder of examples: `valid/<Message>/*.json` have to fit, "
                        "`invalid/<Message>/*.json` not."
                    ),
                    "examples": ["examples"],
                },
                "snippets": _TEXT
                | {
                    "description": "A folder of code that documentation shows.",
                    "examples": ["docs/snippets"],
                },
                "role": {
                    "enum": ["server", "client"],
                    "default": "server",
                    "description": "Whose `send` the AsyncAPI document means.",
                },
                "lenient": {
                    "type": "boolean",
                    "default": False,
                    "description": "Whether errors in parts of a document only leave these parts out.",
                },
                "discriminators": _TEXTS
                | {
                    "default": [],
                    "description": (
                        "The properties whose fixed values tell messages apart. They are found if none is "
                        "given; the extension `x-discriminators` at the top of the document does the same."
                    ),
                    "examples": [["type"]],
                },
                "omit": _TEXTS
                | {
                    "default": [],
                    "description": (
                        "What is left out, as patterns with `*` and `?` of `channels/<name>`, "
                        "`messages/<name>`, `operations/<name>` (an `operationId`, too) and `paths/<path>`."
                    ),
                    "examples": [["messages/Debug*", "paths//internal/*"]],
                },
            },
        },
        "names": {
            "type": "object",
            "description": (
                "What generated code calls things: a class by the name it would have, an operation by"
                " its name in the document, a property as `Class.property`."
            ),
            "additionalProperties": _TEXT,
            "examples": [{"Told": "Answer", "askDeck": "ask", "Answer.askId": "question"}],
        },
        "target": {
            "type": "array",
            "description": "What to generate; one `[[target]]` for each.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "out"],
                "properties": {
                    "name": _TEXT
                    | {
                        "description": (
                            "Which target. A distribution adds others with entry points of the group "
                            "`eventshub_codegen.targets`: each names a module with a function `render(spec, "
                            "reporter)`."
                        ),
                        "examples": ["python"],
                    },
                    "out": _TEXT
                    | {
                        "description": (
                            "The folder for it. It belongs to the generator, whole: what is no longer "
                            "generated "
                            "is removed."
                        ),
                        "examples": ["clients/chat"],
                    },
                    "package": _TEXT
                    | {
                        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                        "default": "the name of the folder",
                        "description": "The name to import, for targets that make a package.",
                        "examples": ["chat"],
                    },
                    "templates": _TEXT
                    | {
                        "description": (
                            "A folder with Jinja2 templates that take the place of the target's own "
                            "templates of "
                            "the same file name. They can include the original by its path, such as "
                            "`python_package/templates/client.jinja`."
                        ),
                        "examples": ["templates"],
                    },
                },
            },
        },
    },
}


def keys_of(table: str = "") -> tuple[str, ...]:
    """The keys that a table may have; those at the top if none is named."""
    found = CONFIG_SCHEMA if not table else CONFIG_SCHEMA["properties"][table]
    return tuple(found.get("items", found)["properties"])


def as_page() -> str:
    """The reference of all settings, as Markdown."""
    parts = [
        """\
<!-- Generated by `eventshub-codegen config` from its schema; do not edit. -->
# Configuration

`eventshub-codegen.toml` names the documents and what to make of them. Paths are relative to the file. An
unknown key is an error; `eventshub-codegen config --format json` prints the schema, for editors. A name or a
pattern that nothing in the documents has is the warning `unused-setting`.
"""
    ]
    for name, table in CONFIG_SCHEMA["properties"].items():
        heading = f"[[{name}]]" if table["type"] == "array" else f"[{name}]"
        parts.append(f"\n## `{heading}`\n\n{table['description']}\n")
        entries = table.get("items", table)
        if "properties" in entries:
            parts.append("\n| key | type | default | |\n|---|---|---|---|\n")
            required = entries.get("required", [])
            parts += [
                _row(key, entry, is_required=key in required) for key, entry in entries["properties"].items()
            ]
        parts.append(f"\n```toml\n{heading}\n{_example(entries)}```\n")
    return "".join(parts)


def _row(key: str, entry: dict[str, Any], *, is_required: bool) -> str:
    kind = " or ".join(f"`{_toml(value)}`" for value in entry["enum"]) if "enum" in entry else entry["type"]
    kind = "list of strings" if kind == "array" else kind
    default = "required" if is_required else ""
    if "default" in entry:
        value = entry["default"]
        default = value if isinstance(value, str) and "enum" not in entry else f"`{_toml(value)}`"
    return f"| `{key}` | {kind} | {default} | {entry['description']} |\n"


def _example(table: dict[str, Any]) -> str:
    if "properties" in table:
        pairs = {
            key: entry.get("examples", [entry.get("default")])[0]
            for key, entry in table["properties"].items()
        }
    else:
        pairs = table["examples"][0]
    return "".join(f"{_key(key)} = {_toml(value)}\n" for key, value in pairs.items())


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() else f'"{key}"'


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_array(value):
        return f"[{', '.join(_toml(item) for item in value)}]"
    return f'"{value}"'
