"""The surface's OpenAPI document, made of the table that serves it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

import msgspec

from . import PREFIX
from .endpoint import JSON, Endpoint, ErrorBody

_REF: Final = "#/components/schemas/{name}"
_REFERENCE: Final = re.compile(r'"#/components/schemas/(\w+)"')
_LINK: Final = re.compile(r"\[(.+?)\]\(.+?\)")
_DESCRIPTION: Final = "Works a hub that is developed and tested against, over HTTP."


def openapi(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """An OpenAPI 3.1 document of these endpoints."""
    requests, schemas = _schemas(endpoints)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, requests[endpoint.name], schemas)
        paths.setdefault(PREFIX + endpoint.path, {})[endpoint.method.lower()] = operation
    # Fields of a path and a query are parameters and no objects.
    used = _referred(paths, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Events Hub control surface",
            "description": _DESCRIPTION,
            "version": version("eventshub-mockserver"),
        },
        "servers": [{"url": "/"}],
        "security": [{"control": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"control": {"type": "http", "scheme": "bearer"}},
            "schemas": {name: schema for name, schema in schemas.items() if name in used},
        },
    }


def statuses(endpoint: Endpoint) -> dict[int, str]:
    """Every error that an endpoint may answer with, and what it means."""
    # Even what takes no parameters refuses those that it does not know.
    errors = {
        400: "The request is not as it should be; the message names the field.",
        401: "The control credential is missing or wrong.",
    }
    if endpoint.has_body:
        errors |= {
            408: "The body did not arrive in time.",
            413: "The body is too large.",
            415: "The content type is not `application/json`.",
        }
    for status, meaning in endpoint.errors.items():
        errors[status] = f"{errors[status]} {meaning}" if status in errors else meaning
    return dict(sorted(errors.items()))


def _schemas(endpoints: Sequence[Endpoint]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of each endpoint's request by its name, and all that schemas refer to."""
    answers = [endpoint.answer for endpoint in endpoints if endpoint.answer is not None]
    types = [*(endpoint.request for endpoint in endpoints), *answers, ErrorBody]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    of_requests = dict(zip((endpoint.name for endpoint in endpoints), schemas, strict=False))
    return of_requests, components


def _operation(endpoint: Endpoint, request: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "responses": {
            str(endpoint.status): _answer(endpoint),
            **{str(status): _error(meaning) for status, meaning in statuses(endpoint).items()},
        },
    }
    if endpoint.details:
        operation["description"] = _LINK.sub(r"\1", endpoint.details)
    if endpoint.has_body:
        operation["requestBody"] = {
            "required": not endpoint.may_be_empty,
            "content": {JSON: {"schema": dict(request)}},
        }
    elif "$ref" in request:
        operation["parameters"] = _parameters(endpoint, schemas[request["$ref"].rpartition("/")[2]])
    return operation


def _parameters(endpoint: Endpoint, schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path" if name in endpoint.in_path else "query",
            "required": name in endpoint.in_path or name in schema["required"],
            "description": field.get("description", ""),
            "schema": {key: value for key, value in field.items() if key != "description"},
        }
        for name, field in schema["properties"].items()
    ]


def _answer(endpoint: Endpoint) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": _LINK.sub(r"\1", endpoint.says)}
    if endpoint.answer is not None:
        (schema,), _ = msgspec.json.schema_components([endpoint.answer], ref_template=_REF)
        answer["content"] = {endpoint.media_type: {"schema": schema}}
    return answer


def _error(meaning: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name=ErrorBody.__name__)}
    return {"description": meaning, "content": {JSON: {"schema": schema}}}


def _referred(value: object, schemas: Mapping[str, Any]) -> set[str]:
    """The names of the schemas that something refers to, and that these refer to."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        names = set(_REFERENCE.findall(msgspec.json.encode(waiting.pop()).decode())) - found
        found |= names
        waiting += [schemas[name] for name in names]
    return found
