"""Target ``contract-bundle``: the whole protocol as data, for a judge that shares no code with anyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ...ir.rest import Endpoint, Response
from ...ir.spec import Spec
from ...ir.stream import Message, Stream
from ..json_text import as_json_file
from ..target import HEADER, Reporter


def render(spec: Spec, reporter: Reporter) -> Mapping[str, str]:
    """The content of every file."""
    stream = spec.stream
    for message in stream.messages if stream else ():
        if message.is_two_way:
            found = f"`{message.name}` goes both ways; the bundle has it as a message to the client"
            hint = "Make it two messages if the suite is to send it as well."
            reporter.warn_at(message.origin, "inexpressible", found, hint)
    bundle = {
        "title": spec.title,
        "version": spec.version,
        "stream": _stream(stream) if stream else None,
        "messages": [_message(message) for message in stream.messages] if stream else [],
        "operations": _operations(stream) if stream else [],
        "rest": [_endpoint(endpoint) for endpoint in spec.endpoints],
        "rules": [{**asdict(rule), "guide": list(rule.guide)} for rule in spec.rules],
        "$defs": dict(spec.schemas),
    }
    init = f'# {HEADER}\n"""The protocol as data."""\n'
    return {"__init__.py": init, "bundle.json": as_json_file(bundle)}


def _stream(stream: Stream) -> dict[str, Any]:
    return {
        "address": stream.address,
        "channels": [channel.name for channel in stream.channels],
        "always_subscribed": [channel.name for channel in stream.channels if channel.is_always_subscribed],
        "discriminators": [[entry.key, *entry.aliases] for entry in stream.discriminators],
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "name": message.name,
        "channels": list(message.channels),
        "direction": str(message.direction),
        "values": dict(message.values),
        "role": message.role or None,
        "schema": {"$ref": f"#/$defs/{message.name}"},
        "examples": list(message.examples),
        "counterexamples": list(message.counterexamples),
    }


def _operations(stream: Stream) -> list[dict[str, Any]]:
    return [
        {
            "name": operation.name,
            "request": operation.request,
            "replies": list(operation.replies),
            "errors": list(operation.errors),
            "request_correlation": ".".join(stream.message(operation.request).correlation),
            "reply_correlation": ".".join(stream.message(operation.replies[0]).correlation),
        }
        for operation in stream.operations
    ]


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "operation_id": endpoint.name,
        "method": endpoint.method,
        "path": endpoint.path,
        "websocket": endpoint.is_websocket,
        "request": endpoint.request.schema if endpoint.request is not None else None,
        "responses": {status: _response(response) for status, response in endpoint.responses.items()},
    }


def _response(response: Response) -> dict[str, Any]:
    body = response.body
    return {
        "schema": body.schema if body is not None else None,
        "content_type": body.content_type if body is not None else None,
        "headers": list(response.headers),
        **({"optional_headers": list(response.optional_headers)} if response.optional_headers else {}),
    }
