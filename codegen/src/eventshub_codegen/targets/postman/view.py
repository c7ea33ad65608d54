"""Target ``postman``: a collection (format 2.1) of all endpoints and commands, and an environment a server.

The format knows no WebSocket requests, so the stream is a documented request: its
address, its parameters, and the frames that a client sends and gets, as text and as
saved examples.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ...ir.documentation import Credential, Documentation, EndpointText, Parameter, Server
from ...ir.json_values import is_object
from ...ir.rest import Endpoint
from ...ir.spec import Spec
from ...ir.stream import Operation, Stream
from ..json_text import as_json_file
from ..reference.account import Anchors
from ..reference.prose import code_span, fenced
from ..reference.rest import status_title
from ..target import Reporter

_FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def render(spec: Spec, reporter: Reporter) -> Mapping[str, str]:
    """The content of every file."""
    if not spec.endpoints and spec.stream is None:
        return {}
    addresses = _Addresses(spec.documentation)
    collection = _Collection(spec, addresses, reporter).build()
    files = {"collection.json": as_json_file(collection)}
    names = Anchors()
    for server, other in _pairs(spec.documentation):
        values = _environment(spec, server, other)
        file = names.take(server.name or "server")
        files[f"{file}.environment.json"] = as_json_file(values)
    return files


class _Addresses:
    """Which variable of the collection holds the address of which servers."""

    def __init__(self, texts: Documentation) -> None:
        self.variables: dict[str, str] = {}
        self.default = self.of(texts.rest_servers[0].url) if texts.rest_servers else self.of("{baseUrl}")
        self.stream = ""
        if texts.stream_servers:
            self.stream = "streamUrl"
            self.variables[texts.stream_servers[0].url] = self.stream

    def of(self, url: str) -> str:
        """The variable that holds a server's address."""
        if url == "{baseUrl}":
            self.variables.setdefault("http://localhost", "baseUrl")
            return "baseUrl"
        number = len(self.variables) + 1
        return self.variables.setdefault(url, "baseUrl" if number == 1 else f"baseUrl{number}")


class _Collection:
    """Builds the collection of one specification."""

    def __init__(self, spec: Spec, addresses: _Addresses, reporter: Reporter) -> None:
        self._spec = spec
        self._texts = spec.documentation
        self._addresses = addresses
        self._reporter = reporter

    def build(self) -> dict[str, Any]:
        """The whole collection."""
        spec = self._spec
        items = [
            self._request(endpoint, self._texts.endpoints[endpoint.name])
            for endpoint in spec.endpoints
            if not endpoint.is_websocket
        ]
        found: list[dict[str, Any]] = [{"name": "REST", "item": items}] if items else []
        if spec.stream is not None:
            found.append(self._stream(spec.stream))
        variables = [
            {"key": name, "value": _as_variables(url), "type": "string"}
            for url, name in self._addresses.variables.items()
        ]
        return {
            "info": {
                "name": spec.title or "Collection",
                "description": self._texts.prose.description or self._texts.prose.summary,
                "schema": _FORMAT,
                "version": spec.version,
            },
            "item": found,
            "variable": variables,
        }

    def _request(self, endpoint: Endpoint, text: EndpointText) -> dict[str, Any]:
        server = text.servers[0].url if text.servers else ""
        variable = self._addresses.of(server) if server else self._addresses.default
        headers = [
            {"key": parameter.name, "value": _sample(parameter), "disabled": not parameter.is_required}
            for parameter in text.parameters
            if parameter.place == "header"
        ]
        request: dict[str, Any] = {
            "method": endpoint.method,
            "header": headers,
            "url": _url(variable, endpoint.path, text.parameters),
            "description": "\n\n".join(part for part in (text.prose.summary, text.prose.description) if part),
            "auth": self._auth(endpoint, text),
        }
        if text.request:
            content = text.request[0]
            headers.append({"key": "Content-Type", "value": content.content_type, "disabled": False})
            example = content.examples[0][1] if content.examples else {}
            raw = example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
            request["body"] = {"mode": "raw", "raw": raw}
        if request["auth"] is None:
            del request["auth"]
        return {
            "name": text.prose.summary or endpoint.name,
            "request": request,
            "response": _responses(request, text),
        }

    def _auth(self, endpoint: Endpoint, text: EndpointText) -> dict[str, Any] | None:
        """The first way in that this format can express; None for what it cannot, which is reported."""
        ways = [way for way in text.credentials if len(way) == 1]
        if not text.credentials or () in text.credentials:
            return {"type": "noauth"}
        for (name,) in ways:
            credential = self._texts.credentials.get(name)
            auth = _auth_of(credential) if credential is not None else None
            if auth is not None:
                return auth
        message = f"a collection cannot say which credential `{endpoint.name}` needs"
        self._reporter.warn_at(endpoint.origin, "inexpressible", message)
        return None

    def _stream(self, stream: Stream) -> dict[str, Any]:
        variable = self._addresses.stream or self._addresses.default
        url = _url(variable, stream.address or "/", self._texts.stream_parameters)
        frames = "\n\n".join(_command(stream, operation) for operation in stream.operations)
        handshake = {
            "name": "Connect",
            "request": {
                "method": "GET",
                "header": [],
                "url": url,
                "description": "The handshake of a WebSocket. Make a WebSocket request of this address: "
                "collections of this format hold HTTP requests only.",
            },
            "response": [],
        }
        commands = [self._command(stream, operation, url) for operation in stream.operations]
        told = "Frames to send once connected, and what answers them.\n\n" + frames if frames else ""
        return {"name": "Stream", "description": told, "item": [handshake, *commands]}

    def _command(self, stream: Stream, operation: Operation, url: dict[str, Any]) -> dict[str, Any]:
        request = stream.message(operation.request)
        body = request.examples[0] if request.examples else dict(request.values)
        original = {
            "method": "GET",
            "header": [],
            "url": url,
            "body": {"mode": "raw", "raw": json.dumps(body, indent=2, ensure_ascii=False)},
            "description": f"{operation.summary}\n\nThe body is a frame to send over the WebSocket.".strip(),
        }
        answers = [stream.message(name) for name in (*operation.replies, *operation.errors)]
        responses = [
            {
                "name": message.name,
                "originalRequest": original,
                "header": [],
                "body": json.dumps(message.examples[0], indent=2, ensure_ascii=False),
            }
            for message in answers
            if message.examples
        ]
        return {"name": f"Command {operation.name}", "request": original, "response": responses}


def _command(stream: Stream, operation: Operation) -> str:
    request = stream.message(operation.request)
    example = request.examples[0] if request.examples else dict(request.values)
    answers = " or ".join(code_span(name) for name in (*operation.replies, *operation.errors))
    frame = fenced(json.dumps(example, indent=2, ensure_ascii=False), "json")
    return f"{code_span(operation.name)}, answered with {answers}:\n\n{frame}"


def _responses(request: dict[str, Any], text: EndpointText) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    original = {key: value for key, value in request.items() if key != "auth"}
    for response in text.responses:
        if not response.status.isdecimal():
            continue
        for content in response.contents[:1]:
            for name, value in content.examples:
                body = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
                title = status_title(response.status)
                found.append(
                    {
                        "name": f"{title}: {name}" if name else title,
                        "originalRequest": original,
                        "code": int(response.status),
                        "status": title.partition(" ")[2],
                        "header": [{"key": "Content-Type", "value": content.content_type}],
                        "body": body,
                    }
                )
    return found


def _url(variable: str, path: str, parameters: tuple[Parameter, ...]) -> dict[str, Any]:
    steps = [_PLACEHOLDER.sub(r":\1", step) for step in path.split("/")[1:]]
    asked = [parameter for parameter in parameters if parameter.place == "query"]
    sent = "&".join(f"{parameter.name}={_sample(parameter)}" for parameter in asked if parameter.is_required)
    raw = f"{{{{{variable}}}}}/{'/'.join(steps)}" + (f"?{sent}" if sent else "")
    url: dict[str, Any] = {"raw": raw, "host": [f"{{{{{variable}}}}}"], "path": steps}
    if asked:
        url["query"] = [
            {
                "key": parameter.name,
                "value": _sample(parameter),
                "description": parameter.description,
                "disabled": not parameter.is_required,
            }
            for parameter in asked
        ]
    placed = [parameter for parameter in parameters if parameter.place == "path"]
    if placed:
        url["variable"] = [
            {"key": parameter.name, "value": _sample(parameter), "description": parameter.description}
            for parameter in placed
        ]
    return url


def _sample(parameter: Parameter) -> str:
    schema = parameter.schema if is_object(parameter.schema) else {}
    value = next(iter(parameter.examples), schema.get("default", schema.get("example", "")))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _auth_of(credential: Credential) -> dict[str, Any] | None:
    value = f"{{{{{credential.name}}}}}"
    if credential.kind == "http" and credential.scheme == "bearer":
        return {"type": "bearer", "bearer": [{"key": "token", "value": value, "type": "string"}]}
    if credential.kind == "http" and credential.scheme == "basic":
        entries = [("username", f"{{{{{credential.name}User}}}}"), ("password", value)]
        return {
            "type": "basic",
            "basic": [{"key": key, "value": held, "type": "string"} for key, held in entries],
        }
    if credential.kind == "apiKey" and credential.place in {"header", "query"}:
        entries = [("key", credential.key), ("value", value), ("in", credential.place)]
        return {
            "type": "apikey",
            "apikey": [{"key": key, "value": held, "type": "string"} for key, held in entries],
        }
    return None


def _pairs(texts: Documentation) -> list[tuple[Server, Server | None]]:
    """Each server of the stream with that of REST; those of REST alone if there is no other."""
    rest = texts.rest_servers
    if texts.stream_servers:
        return [
            (server, rest[min(number, len(rest) - 1)] if rest else None)
            for number, server in enumerate(texts.stream_servers)
        ]
    return [(server, None) for server in rest]


def _environment(spec: Spec, server: Server, other: Server | None) -> dict[str, Any]:
    """The variables of a server, and one for each credential, to be filled in and kept secret."""
    texts = spec.documentation
    is_secure = server.url.startswith(("wss:", "https:"))
    values: dict[str, dict[str, Any]] = {}
    if server in texts.stream_servers:
        values["streamUrl"] = _variable("streamUrl", _as_variables(server.url))
    for one in (server, other):
        for variable in one.variables if one is not None else ():
            value = variable.default
            if {"http", "https"} <= {*variable.choices}:
                value = "https" if is_secure else "http"
            values.setdefault(variable.name, _variable(variable.name, value))
    for credential in texts.credentials.values():
        if _auth_of(credential) is not None:
            values[credential.name] = {**_variable(credential.name, ""), "type": "secret"}
    name = f"{spec.title}: {server.name or server.description or server.url}"
    return {"name": name, "values": list(values.values()), "_postman_variable_scope": "environment"}


def _variable(name: str, value: str) -> dict[str, Any]:
    return {"key": name, "value": value, "type": "default", "enabled": True}


def _as_variables(url: str) -> str:
    return _PLACEHOLDER.sub(r"{{\1}}", url.rstrip("/"))
