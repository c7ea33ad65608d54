"""Target ``postman``: a collection that has the shape of the format, and requests that a hub answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from tests.codegen.hostile_documents import SCRIPT, write_hostile_rest, write_hostile_stream
from tests.codegen.project import Project

from eventshub_mockserver import ThreadedHub, serve_in_thread

POSTMAN = Path(__file__).parents[2] / "docs" / "postman"
TEXT = {"type": "string"}
# The part of the published format (collection 2.1.0) that is used, without all the rest that it allows.
ENTRY = {
    "type": "object",
    "required": ["key", "value"],
    "additionalProperties": False,
    "properties": {
        "key": TEXT,
        "value": TEXT,
        "type": TEXT,
        "disabled": {"type": "boolean"},
        "description": TEXT,
    },
}
ENTRIES = {"type": "array", "items": ENTRY}
AUTH = {
    "type": "object",
    "required": ["type"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["noauth", "bearer", "basic", "apikey"]},
        "bearer": ENTRIES,
        "basic": ENTRIES,
        "apikey": ENTRIES,
    },
}
URL = {
    "type": "object",
    "required": ["raw", "host", "path"],
    "additionalProperties": False,
    "properties": {
        "raw": TEXT,
        "host": {"type": "array", "items": TEXT},
        "path": {"type": "array", "items": TEXT},
        "query": ENTRIES,
        "variable": ENTRIES,
    },
}
REQUEST = {
    "type": "object",
    "required": ["method", "header", "url"],
    "additionalProperties": False,
    "properties": {
        "method": {"enum": ["GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"]},
        "header": ENTRIES,
        "url": URL,
        "auth": AUTH,
        "description": TEXT,
        "body": {
            "type": "object",
            "required": ["mode", "raw"],
            "additionalProperties": False,
            "properties": {"mode": {"const": "raw"}, "raw": TEXT},
        },
    },
}
RESPONSE = {
    "type": "object",
    "required": ["name", "originalRequest", "header", "body"],
    "additionalProperties": False,
    "properties": {
        "name": TEXT,
        "originalRequest": REQUEST,
        "code": {"type": "integer", "minimum": 100, "maximum": 599},
        "status": TEXT,
        "header": ENTRIES,
        "body": TEXT,
    },
}
ITEM = {
    "type": "object",
    "required": ["name"],
    "oneOf": [{"required": ["request", "response"]}, {"required": ["item"]}],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "request": REQUEST,
        "response": {"type": "array", "items": RESPONSE},
        "item": {"type": "array", "items": {"$ref": "#/definitions/item"}},
    },
}
COLLECTION = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "definitions": {"item": ITEM},
    "type": "object",
    "required": ["info", "item", "variable"],
    "additionalProperties": False,
    "properties": {
        "$comment": TEXT,
        "info": {
            "type": "object",
            "required": ["name", "schema"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "description": TEXT,
                "version": TEXT,
                "schema": {"const": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
            },
        },
        "item": {"type": "array", "items": {"$ref": "#/definitions/item"}},
        "variable": ENTRIES,
    },
}
ENVIRONMENT = {
    "type": "object",
    "required": ["name", "values", "_postman_variable_scope"],
    "additionalProperties": False,
    "properties": {
        "$comment": TEXT,
        "name": TEXT,
        "_postman_variable_scope": {"const": "environment"},
        "values": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "value", "type", "enabled"],
                "properties": {"type": {"enum": ["default", "secret"]}, "key": TEXT, "value": TEXT},
            },
        },
    },
}
VARIABLE = re.compile(r"\{\{([^{}]+)\}\}")


def read(name: str) -> Any:
    return json.loads((POSTMAN / name).read_text(encoding="utf-8"))


def requests_in(item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All requests, with the names of their items."""
    if "request" in item:
        yield {"name": item["name"], **item["request"]}
    for inner in item.get("item", ()):
        yield from requests_in(inner)


def resolved(text: str, values: Mapping[str, str]) -> str:
    """The text with variables replaced, as Postman does it: again and again."""
    while found := VARIABLE.search(text):
        text = text.replace(found[0], values[found[1]])
    return text


@pytest.fixture(scope="module")
def hub() -> Iterator[ThreadedHub]:
    with serve_in_thread() as hub:
        yield hub


def variables(environment: Mapping[str, Any], **more: str) -> dict[str, str]:
    own = {entry["key"]: entry["value"] for entry in read("collection.json")["variable"]}
    return own | {entry["key"]: entry["value"] for entry in environment["values"]} | more


def test_our_collection_has_the_shape_of_the_format() -> None:
    jsonschema_rs.validate(COLLECTION, read("collection.json"))


@pytest.mark.parametrize("name", ["plain", "secure"])
def test_there_is_an_environment_for_each_server(name: str) -> None:
    environment = read(f"{name}.environment.json")
    jsonschema_rs.validate(ENVIRONMENT, environment)
    values = variables(environment)
    is_secure = name == "secure"
    assert resolved("{{baseUrl}}", values) == f"{'https' if is_secure else 'http'}://localhost:8080"
    assert resolved("{{streamUrl}}", values) == f"{'wss' if is_secure else 'ws'}://localhost:8080"
    secrets = [entry for entry in environment["values"] if entry["type"] == "secret"]
    assert {entry["key"] for entry in secrets} >= {"bearer", "apiKey"}
    assert all(entry["value"] == "" for entry in secrets)


def test_a_hub_answers_every_request_of_our_collection(hub: ThreadedHub) -> None:
    values = variables(read("plain.environment.json"), host=hub.url.removeprefix("http://"), bearer=hub.token)
    (rest, _) = read("collection.json")["item"]
    statuses: dict[str, int] = {}
    for request in requests_in(rest):
        headers = {entry["key"]: entry["value"] for entry in request["header"] if not entry.get("disabled")}
        if request["auth"]["type"] == "bearer":
            headers["Authorization"] = f"Bearer {resolved(request['auth']['bearer'][0]['value'], values)}"
        url = resolved(request["url"]["raw"], values)
        assert url == resolved("/".join([*request["url"]["host"], *request["url"]["path"]]), values)
        body = request.get("body", {}).get("raw")
        answer = httpx.request(request["method"], url, headers=headers, content=body)
        statuses[f"{request['method']} {answer.url.path}"] = answer.status_code
    assert statuses == {
        "POST /v1/ws/unsubscribe": 404,  # the connection in the example is not there
        "GET /v1/ws/clients": 200,
        "GET /v1/ws/stats": 200,
        "GET /healthz": 200,
        "GET /readyz": 200,
    }


def test_the_stream_is_a_documented_request() -> None:
    (_, stream) = read("collection.json")["item"]
    (request,) = requests_in(stream)
    assert request["url"]["raw"] == "{{streamUrl}}/v1/ws/subscribe"
    assert "event_types" in {entry["key"] for entry in request["url"]["query"]}
    assert '"message": "ping"' in request["description"]
    shown = {frame["name"]: json.loads(frame["body"]) for frame in stream["item"][0]["response"]}
    assert shown["Frame Pong"]["message"] == "pong"
    assert "Frame Welcome" in shown


def test_a_strangers_rest_document(project: Project) -> None:
    write_hostile_rest(project)
    files = project.files("postman")
    collection = json.loads(files["collection.json"])
    jsonschema_rs.validate(COLLECTION, collection)
    requests = {request["method"]: request for request in requests_in(collection["item"][0])}
    url = requests["GET"]["url"]
    assert url["raw"] == "{{baseUrl}}/books/:id"
    assert [entry["key"] for entry in url["variable"]] == ["id"]
    assert url["query"][0]["value"] == json.dumps(["title", SCRIPT])
    assert requests["GET"]["header"] == [{"key": "X-Trace", "value": "7", "disabled": True}]
    assert requests["PUT"]["auth"]["type"] == "basic"
    assert requests["DELETE"]["auth"] == {"type": "noauth"}
    (environment,) = (json.loads(text) for name, text in files.items() if name.endswith(".environment.json"))
    jsonschema_rs.validate(ENVIRONMENT, environment)
    assert "flow" in {entry["key"] for entry in environment["values"] if entry["type"] == "secret"}


def test_a_credential_that_cannot_be_said_is_a_finding(project: Project) -> None:
    write_hostile_rest(project)
    found = [
        finding for finding in project.findings("postman") if "a collection cannot say" in finding.message
    ]
    assert [finding.rule for finding in found] == ["inexpressible"]
    assert "get /books/{id}" in found[0].message


def test_a_strangers_stream(project: Project) -> None:
    write_hostile_stream(project)
    files = project.files("postman")
    collection = json.loads(files["collection.json"])
    jsonschema_rs.validate(COLLECTION, collection)
    (request,) = requests_in(collection["item"][0])
    assert request["url"]["host"] == ["{{streamUrl}}"]
    assert "main.environment.json" in files
