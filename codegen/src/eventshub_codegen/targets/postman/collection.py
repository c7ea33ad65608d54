"""A collection: endpoints as requests, the stream as a documented request."""

from __future__ import annotations

import json
import re
from typing import Any

from ...ir.documentation import Documentation, EndpointText, Parameter
from ...ir.json_values import is_object
from ...ir.rest import Endpoint
from ...ir.spec import Spec
from ...ir.stream import Operation, Stream
from ..reference.prose import code_span, fenced
from ..reference.rest import status_title
from ..target import Reporter
from .credentials import auth_of

STREAM_VARIABLE = "streamUrl"
"""Holds the address of the stream's server."""
_FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_NOWHERE = "http://localhost"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_UPGRADE = (
    "The handshake of a WebSocket. Open it as a WebSocket request of this address: "
    "collections of this format hold HTTP requests only, so what is sent and what comes is told in words."
)


def build_collection(spec: Spec, reporter: Reporter) -> dict[str, Any]:
    """The whole collection of a specification."""
    texts = spec.documentation
    addresses = _Addresses(texts)
    requests = [
        _request(endpoint, texts, addresses, reporter)
        for endpoint in spec.endpoints
        if not endpoint.is_websocket
    ]
    folders: list[dict[str, Any]] = [{"name": "REST", "item": requests}] if requests else []
    if spec.stream is not None:
        folders.append(_stream(spec.stream, texts, addresses))
    return {
        "info": {
            "name": spec.title or "Collection",
            "description": texts.prose.description or texts.prose.summary,
            "schema": _FORMAT,
            "version": spec.version,
        },
        "item": folders,
        "variable": addresses.variables(texts),
    }


class _Addresses:
    """Which variable of the collection holds the address of which server."""

    def __init__(self, texts: Documentation) -> None:
        self._names: dict[str, str] = {}
        self._rest = texts.rest_servers[0].url if texts.rest_servers else _NOWHERE
        self._stream = texts.stream_servers[0].url if texts.stream_servers else ""
        if self._stream:
            self._names[self._stream] = STREAM_VARIABLE

    def of_endpoint(self, text: EndpointText) -> str:
        """The variable for an endpoint, which may have servers of its own."""
        url = text.servers[0].url if text.servers else self._rest
        number = 1 + sum(name != STREAM_VARIABLE for name in self._names.values())
        return self._names.setdefault(url, "baseUrl" if number == 1 else f"baseUrl{number}")

    def of_stream(self) -> str:
        """The variable for the handshake."""
        return self._names.setdefault(self._stream or _NOWHERE, STREAM_VARIABLE)

    def variables(self, texts: Documentation) -> list[dict[str, Any]]:
        """All of them, and the defaults of what they are made of."""
        parts = {
            variable.name: variable.default
            for server in (*texts.rest_servers, *texts.stream_servers)
            for variable in server.variables
        }
        values = {name: as_variables(url) for url, name in self._names.items()} | parts
        return [{"key": key, "value": value, "type": "string"} for key, value in values.items()]


def _request(
    endpoint: Endpoint, texts: Documentation, addresses: _Addresses, reporter: Reporter
) -> dict[str, Any]:
    text = texts.endpoints[endpoint.name]
    headers = [
        {"key": parameter.name, "value": _sample(parameter), "disabled": not parameter.is_required}
        for parameter in text.parameters
        if parameter.place == "header"
    ]
    request: dict[str, Any] = {
        "method": endpoint.method,
        "header": headers,
        "url": _url(addresses.of_endpoint(text), endpoint.path, text.parameters),
        "description": "\n\n".join(part for part in (text.prose.summary, text.prose.description) if part),
    }
    for content in text.request[:1]:
        headers.append({"key": "Content-Type", "value": content.content_type})
        example: Any = content.examples[0][1] if content.examples else None
        request["body"] = {"mode": "raw", "raw": _as_text(example) if content.examples else ""}
    sent = {key: value for key, value in request.items() if key != "description"}
    responses = _responses(sent, text)
    auth = _auth(endpoint, text, texts, reporter)
    if auth is not None:
        request["auth"] = auth
    return {"name": text.prose.summary or endpoint.name, "request": request, "response": responses}


def _auth(
    endpoint: Endpoint, text: EndpointText, texts: Documentation, reporter: Reporter
) -> dict[str, Any] | None:
    """The first way in that this format can express; None for what it cannot, which is reported."""
    if not text.credentials or () in text.credentials:
        return {"type": "noauth"}
    for way in text.credentials:
        credential = texts.credentials.get(way[0]) if len(way) == 1 else None
        auth = auth_of(credential) if credential is not None else None
        if auth is not None:
            return auth
    message = f"a collection cannot say which credential `{endpoint.name}` needs"
    hint = "Choose the authorization in Postman after the import."
    reporter.warn_at(endpoint.origin, "inexpressible", message, hint)
    return None


def _responses(request: dict[str, Any], text: EndpointText) -> list[dict[str, Any]]:
    return [
        {
            "name": ": ".join(filter(None, (status_title(response.status), name))),
            "originalRequest": request,
            "code": int(response.status),
            "status": status_title(response.status).partition(" ")[2],
            "header": [{"key": "Content-Type", "value": content.content_type}],
            "body": _as_text(value),
        }
        for response in text.responses
        if response.status.isdecimal()
        for content in response.contents[:1]
        for name, value in content.examples
    ]


def _stream(stream: Stream, texts: Documentation, addresses: _Addresses) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": "GET",
        "header": [],
        "url": _url(addresses.of_stream(), stream.address or "/", texts.stream_parameters),
        "description": "\n\n".join((_UPGRADE, *(_command(stream, one) for one in stream.operations))),
    }
    sent = {key: value for key, value in request.items() if key != "description"}
    answers = [name for operation in stream.operations for name in (*operation.replies, *operation.errors)]
    shown = dict.fromkeys([*(message.name for message in stream.with_role("welcome")), *answers])
    frames: list[dict[str, Any]] = [
        {"name": f"Frame {name}", "originalRequest": sent, "header": [], "body": _as_text(example)}
        for name in shown
        for example in stream.message(name).examples[:1]
    ]
    return {"name": "Stream", "item": [{"name": "Connect", "request": request, "response": frames}]}


def _command(stream: Stream, operation: Operation) -> str:
    request = stream.message(operation.request)
    example: Any = request.examples[0] if request.examples else dict(request.values)
    answers = " or ".join(code_span(name) for name in (*operation.replies, *operation.errors))
    frame = fenced(_as_text(example), "json")
    return f"Command {code_span(operation.name)}, answered with {answers}:\n\n{frame}"


def _url(variable: str, path: str, parameters: tuple[Parameter, ...]) -> dict[str, Any]:
    steps = [_PLACEHOLDER.sub(r":\1", step) for step in path.split("/")[1:]]
    asked = [parameter for parameter in parameters if parameter.place == "query"]
    sent = "&".join(f"{parameter.name}={_sample(parameter)}" for parameter in asked if parameter.is_required)
    raw = f"{{{{{variable}}}}}/{'/'.join(steps)}" + (f"?{sent}" if sent else "")
    url: dict[str, Any] = {"raw": raw, "host": [f"{{{{{variable}}}}}"], "path": steps}
    if asked:
        url["query"] = [
            {**_described(parameter), "disabled": not parameter.is_required} for parameter in asked
        ]
    if placed := [_described(parameter) for parameter in parameters if parameter.place == "path"]:
        url["variable"] = placed
    return url


def _described(parameter: Parameter) -> dict[str, Any]:
    return {"key": parameter.name, "value": _sample(parameter), "description": parameter.description}


def _sample(parameter: Parameter) -> str:
    schema = parameter.schema if is_object(parameter.schema) else {}
    value = next(iter(parameter.examples), schema.get("default", schema.get("example", "")))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def as_variables(url: str) -> str:
    """An address with its placeholders as variables of a collection."""
    return _PLACEHOLDER.sub(r"{{\1}}", url.rstrip("/"))
