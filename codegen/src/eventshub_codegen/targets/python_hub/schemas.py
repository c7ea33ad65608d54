"""JSON Schemas for a sender: an enum that receivers must take as open is closed for whoever sends it."""

from __future__ import annotations

from typing import Any

from ...ir.json_values import is_array, is_object
from ...ir.types import JsonSchema


def closed(schema: JsonSchema) -> JsonSchema:
    """The schema with each ``anyOf: [{enum: [...]}, {type: string}]`` in it reduced to its enum."""
    if is_array(schema):
        return [closed(item) for item in schema]
    if not is_object(schema):
        return schema
    branches: Any = schema.get("anyOf")
    if is_array(branches) and len(branches) == 2 and {"type": "string"} in branches:
        listed = [branch for branch in branches if is_object(branch) and "enum" in branch]
        if len(listed) == 1:
            rest = {key: closed(value) for key, value in schema.items() if key != "anyOf"}
            return {**rest, **listed[0]}
    return {key: closed(value) for key, value in schema.items()}
