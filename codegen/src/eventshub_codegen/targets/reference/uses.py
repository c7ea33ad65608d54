"""Which schemas refer to which, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from ...ir.documentation import Documentation
from ...ir.json_values import is_array, is_object
from ...ir.types import JsonSchema

_PREFIX = "#/$defs/"


def count_uses(texts: Documentation) -> Mapping[str, int]:
    """How often each schema of the table is referred to; 0 for those that are not."""
    return Counter(_references(_all_schemas(texts)))


def name_in(schema: JsonSchema) -> str | None:
    """The name of the schema that this one refers to, if it is a reference."""
    reference = schema.get("$ref") if is_object(schema) else None
    return reference.removeprefix(_PREFIX) if isinstance(reference, str) else None


def _all_schemas(texts: Documentation) -> Iterable[JsonSchema]:
    yield from texts.schemas.values()
    yield from (parameter.schema for parameter in texts.stream_parameters)
    for endpoint in texts.endpoints.values():
        yield from (parameter.schema for parameter in endpoint.parameters)
        yield from (content.schema for content in endpoint.request)
        for response in endpoint.responses:
            yield from (header.schema for header in response.headers)
            yield from (content.schema for content in response.contents)


def _references(schemas: Iterable[JsonSchema]) -> Iterator[str]:
    """The name of each schema that others refer to, as often as they do."""
    for schema in schemas:
        if (name := name_in(schema)) is not None:
            yield name
        elif is_object(schema):
            yield from _references(schema.values())
        elif is_array(schema):
            yield from _references(schema)
