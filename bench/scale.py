"""How the generator's cost grows with the document, and what others take for the same one."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .figures import Figure
from .process_cost import ProcessCost, measure

SIZES = (5, 50, 500)
STREAM_CPU_SECONDS = 1.5
STREAM_MEGABYTES = 80
ENDPOINTS = 50
SCHEMAS = 2_000
REST_CPU_SECONDS = 1.5
REST_MEGABYTES = 120
GROWTH = 1.4
"""How much more than twice as much twice as many messages may take."""


def scale_figures() -> Iterator[Figure]:
    """Generate packages of documents of several sizes, each as a fresh process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        taken: dict[int, float] = {}
        for size in (*SIZES, 2 * SIZES[-1]):
            cost = _ours(folder, "asyncapi", stream_document(size))
            taken[size] = cost.cpu_seconds
            is_bound = size == SIZES[-1]
            yield Figure(
                f"package of {size} messages: CPU, formatter included",
                cost.cpu_seconds,
                "s",
                at_most=STREAM_CPU_SECONDS if is_bound else None,
            )
            if is_bound:
                text = f"package of {size} messages: peak memory"
                yield Figure(text, cost.peak_megabytes, "MB", at_most=STREAM_MEGABYTES)
        first, last = SIZES[0], SIZES[-1]
        growth = (taken[2 * last] - taken[first]) / (taken[last] - taken[first]) / 2
        yield Figure(f"cost per message, {2 * last} over {last}", growth, "times", at_most=GROWTH)
        cost = _ours(folder, "openapi", rest_document(ENDPOINTS, SCHEMAS))
        what = f"package of {ENDPOINTS} endpoints of {SCHEMAS} schemas"
        yield Figure(f"{what}: CPU", cost.cpu_seconds, "s", at_most=REST_CPU_SECONDS)
        yield Figure(f"{what}: memory", cost.peak_megabytes, "MB", at_most=REST_MEGABYTES)
        yield from _others(folder)


def stream_document(size: int) -> dict[str, Any]:
    """An AsyncAPI document of so many messages, each with a body, an enum and an example."""
    names = [f"Event{number}" for number in range(size)]
    messages = {name: _message(number) for number, name in enumerate(names)}
    bodies = {f"Body{number}": _body(number) for number in range(size)}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Scale", "version": "1.0.0"},
        "channels": {
            "all": {
                "address": "/all",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
            }
        },
        "operations": {"sendAll": {"action": "send", "channel": {"$ref": "#/channels/all"}}},
        "components": {"messages": messages, "schemas": bodies},
    }


def rest_document(endpoints: int, schemas: int) -> dict[str, Any]:
    """An OpenAPI document whose schemas refer to one another."""
    text = {"type": "string"}

    def reference(number: int) -> dict[str, str]:
        return {"$ref": f"#/components/schemas/Thing{number % schemas}"}

    return {
        "openapi": "3.0.3",
        "info": {"title": "Scale", "version": "1.0.0"},
        "paths": {
            f"/things{number}/{{id}}": {
                "get": {
                    "operationId": f"getThing{number}",
                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": text}],
                    "responses": {
                        "200": {
                            "description": "One.",
                            "content": {"application/json": {"schema": reference(number * 40)}},
                        }
                    },
                }
            }
            for number in range(endpoints)
        },
        "components": {
            "schemas": {
                f"Thing{number}": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": text,
                        "next": reference(2 * number + 1),
                        "others": {"type": "array", "items": reference(2 * number + 2)},
                    },
                }
                for number in range(schemas)
            }
        },
    }


def _message(number: int) -> dict[str, Any]:
    kind = f"event_{number}"
    example = {"kind": kind, "id": "a", "body": {"name": "x", "size": 1, "tags": ["a"], "state": "on"}}
    return {
        "summary": f"Event number {number}.",
        "payload": {
            "type": "object",
            "required": ["kind", "id", "body"],
            "properties": {
                "kind": {"type": "string", "const": kind},
                "id": {"type": "string"},
                "body": {"$ref": f"#/components/schemas/Body{number}"},
            },
        },
        "examples": [{"payload": example}],
    }


def _body(number: int) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["name", "size"],
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "size": {"type": "integer", "minimum": 0},
            "tags": {"type": "array", "items": {"type": "string"}},
            "state": {"type": "string", "enum": ["on", "off", f"state_{number}"]},
            "at": {"type": "string", "format": "date-time"},
        },
    }


def _ours(folder: Path, kind: str, document: dict[str, Any]) -> ProcessCost:
    (folder / "document.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    command = [sys.executable, "-m", "eventshub_codegen", "generate", f"--{kind}", "document.json"]
    return measure([*command, "--target", "python", "--package", "scale", "--out", "out"], folder, runs=3)


def _others(folder: Path) -> Iterator[Figure]:
    """What other generators take for the same schemas; those that are not installed are told and left out."""
    for size in SIZES:
        stream = stream_document(size)
        schemas = {
            **stream["components"]["schemas"],
            **{name: message["payload"] for name, message in stream["components"]["messages"].items()},
        }
        rest = {
            "openapi": "3.0.3",
            "info": stream["info"],
            "paths": {"/all": {"get": {"responses": {"200": _answer("Event0")}}}},
            "components": {"schemas": schemas},
        }
        (folder / "rest.json").write_text(
            json.dumps(rest).replace('"const": ', '"enum": ["x"], "x-const": '), encoding="utf-8"
        )
        (folder / "stream.json").write_text(json.dumps(stream), encoding="utf-8")
        for tool, arguments in (
            ("datamodel-codegen", "--input rest.json --input-file-type openapi --output models.py"),
            ("openapi-python-client", "generate --path rest.json --meta none --overwrite"),
            ("asyncapi-python-codegen", "stream.json generated --force"),
        ):
            found = shutil.which(tool, path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
            if found is None:
                print(f"{tool} is not installed: nothing to compare with", file=sys.stderr)
                continue
            try:
                cost = measure([found, *arguments.split()], folder, runs=1)
            except SystemExit as failure:
                reason = str(failure).strip().splitlines()[-1]
                print(f"{tool} fails on {size} messages: {reason}", file=sys.stderr)
                continue
            yield Figure(f"{tool}, models of {size} messages: CPU", cost.cpu_seconds, "s")


def _answer(name: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": "One.", "content": {"application/json": {"schema": schema}}}
