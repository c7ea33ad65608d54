"""Documents of somebody else, who wants to break whatever shows them."""

from __future__ import annotations

from typing import Any

from tests.codegen.project import Project

SCRIPT = "<script>window.hacked = true</script>"
IMAGE = '<img src="x" onerror="window.hacked = true">'
TICKS = "a `code` span, an open ` tick, ``` three, | a bar, <!-- a comment --> and */ --> ]]>"
LONG = "TheStateOfOneOfTheManyThingsThatAreWatchedByThisService" * 3
TEXT = f"{SCRIPT} {IMAGE} {TICKS} [link](javascript:alert(1)) ![picture](https://pictures.invalid/1.png)"
BLOCKS = (
    f"# A heading\n\n{TEXT}\n\n- one\n- two\n\n```html\n{SCRIPT}\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
)
KEY = f'"><svg onload=alert(1)>{TICKS}'


def _event(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    payload = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"const": kind, "description": TEXT}, **properties},
    }
    return {"summary": TEXT, "description": BLOCKS, "payload": payload}


def write_hostile_stream(project: Project) -> None:
    """Write an AsyncAPI document: no REST, no rules, no commands, schemas that contain themselves."""
    tree = {
        "type": "object",
        "description": TEXT,
        "properties": {
            "name": {"type": "string", "pattern": "^(a|b)`$", "default": SCRIPT, "examples": [IMAGE]},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
            "parent": {"oneOf": [{"$ref": "#/components/schemas/Tree"}, {"type": "null"}]},
        },
    }
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(30):
        deep = {"type": "object", "properties": {"deeper": deep}}
    grown = _event(
        "grown",
        {"tree": {"$ref": "#/components/schemas/Tree"}, KEY: {"type": "string", "enum": [SCRIPT, "|"]}},
    )
    messages = {
        "Grown": grown,
        LONG: _event("long", {"deep": deep, "any": {}, "never": False}),
        "Mixed": _event(
            "mixed",
            {
                "either": {
                    "oneOf": [
                        {"type": "object", "properties": {"left": {"type": "integer", "minimum": 1}}},
                        {"type": "object", "properties": {"right": {"type": "string", "format": "uri"}}},
                    ]
                },
                "table": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Tree"}},
            },
        ),
    }
    grown["examples"] = [{"payload": {"kind": "grown", "tree": {"name": SCRIPT}, KEY: "|"}}]
    channel = {
        "address": f"/stream/{IMAGE}",
        "title": f"Everything {SCRIPT}",
        "description": BLOCKS,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
    }
    project.write(
        "asyncapi.yaml",
        {
            "asyncapi": "3.0.0",
            "info": {"title": f"Trees {SCRIPT}", "version": IMAGE, "description": BLOCKS},
            "servers": {"main": {"host": "trees.invalid", "protocol": "wss", "description": TEXT}},
            "channels": {f"trees {IMAGE}": channel, "Channels": {**channel, "messages": {}}},
            "operations": {"watch": {"action": "send", "channel": {"$ref": f"#/channels/{_escaped()}"}}},
            "components": {"messages": messages, "schemas": {"Tree": tree}},
        },
    )


def write_hostile_rest(project: Project) -> None:
    """Write an OpenAPI document: no stream, parameters everywhere, every kind of credential."""
    project.write(
        "openapi.yaml",
        {
            "openapi": "3.0.3",
            "info": {"title": f"Shelf {TICKS}", "version": "1", "description": BLOCKS},
            "servers": [
                {"url": "https://{region}.shelf.invalid/v1", "variables": {"region": {"default": "eu"}}}
            ],
            "security": [{"key": []}],
            "paths": {
                "/books/{id}": {
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                    ],
                    "get": {
                        "summary": TEXT,
                        "description": BLOCKS,
                        "deprecated": True,
                        "parameters": [
                            {
                                "name": "fields",
                                "in": "query",
                                "description": TEXT,
                                "schema": {"type": "array", "items": {"type": "string"}},
                                "example": ["title", SCRIPT],
                            },
                            {"name": "X-Trace", "in": "header", "schema": {"type": "integer", "default": 7}},
                        ],
                        "responses": {
                            "200": {
                                "description": TEXT,
                                "content": {
                                    "application/json": {
                                        "schema": {"$ref": "#/components/schemas/Book"},
                                        "example": {"title": SCRIPT},
                                    },
                                    "text/plain": {"schema": {"type": "string"}, "example": SCRIPT},
                                },
                            },
                            "4XX": {"description": TEXT},
                            "default": {"description": TICKS},
                        },
                    },
                    "put": {
                        "operationId": LONG,
                        "security": [{"flow": []}],
                        "requestBody": {
                            "required": True,
                            "content": {
                                "application/json": {"schema": {"$ref": "#/components/schemas/Book"}}
                            },
                        },
                        "responses": {"204": {"description": "Done."}},
                    },
                    "delete": {
                        "operationId": "remove",
                        "security": [],
                        "responses": {"204": {"description": "Gone."}},
                    },
                }
            },
            "components": {
                "schemas": {
                    "Book": {
                        "type": "object",
                        "required": ["title"],
                        "properties": {
                            "title": {"type": "string", "description": BLOCKS, "nullable": True},
                            "sequel": {"$ref": "#/components/schemas/Book"},
                        },
                    }
                },
                "securitySchemes": {
                    "key": {"type": "apiKey", "in": "cookie", "name": "session", "description": TEXT},
                    "flow": {"type": "http", "scheme": "Basic"},
                },
            },
        },
    )


def _escaped() -> str:
    return f"trees {IMAGE}".replace("~", "~0").replace("/", "~1")
