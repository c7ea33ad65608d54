"""Target ``postman``: a collection (format 2.1) of all endpoints and commands, and an environment a server.

The format knows no WebSocket requests, so the stream is a documented request: its
address, its parameters, and the frames that a client sends and gets, as text and as
saved examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...ir.documentation import Documentation, Server
from ...ir.spec import Spec
from ..json_text import as_json_file
from ..reference.account import Anchors
from ..target import Reporter
from .collection import STREAM_VARIABLE, as_variables, build_collection
from .credentials import auth_of


def render(spec: Spec, reporter: Reporter) -> Mapping[str, str]:
    """The content of every file."""
    if not spec.endpoints and spec.stream is None:
        return {}
    files = {"collection.json": as_json_file(build_collection(spec, reporter))}
    names = Anchors()
    for server, other in _pairs(spec.documentation):
        values = _environment(spec, server, other)
        file = names.take(server.name or "server")
        files[f"{file}.environment.json"] = as_json_file(values)
    return files


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
        values[STREAM_VARIABLE] = _variable(STREAM_VARIABLE, as_variables(server.url))
    for one in (server, other):
        for variable in one.variables if one is not None else ():
            value = variable.default
            if {"http", "https"} <= {*variable.choices}:
                value = "https" if is_secure else "http"
            values.setdefault(variable.name, _variable(variable.name, value))
    for credential in texts.credentials.values():
        if auth_of(credential) is not None:
            values[credential.name] = {**_variable(credential.name, ""), "type": "secret"}
    name = f"{spec.title}: {server.name or server.description or server.url}"
    return {"name": name, "values": list(values.values()), "_postman_variable_scope": "environment"}


def _variable(name: str, value: str) -> dict[str, Any]:
    return {"key": name, "value": value, "type": "default", "enabled": True}
