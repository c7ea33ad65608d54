"""JSON Schemas for a sender: an enum that receivers must take as open is closed for whoever sends it."""

from __future__ import annotations

from typing import Any

from ...ir.types import JsonSchema


def closed(schema: JsonSchema) -> JsonSchema:
    """The schema with each ``anyOf: [{enum: [...]}, {type: string}]`` in it reduced to its enum."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    branches: Any = schema.get("anyOf")
    if isinstance(branches, list) and len(branches) == 2 and {"type": "string"} in branches:
        listed = [branch for branch in branches if isinstance(branch, dict) and "enum" in branch]
        if len(listed) == 1:
            rest = {key: closed(value) for key, value in schema.items() if key != "anyOf"}
            return {**rest, **listed[0]}
    return {key: closed(value) for key, value in schema.items()}
