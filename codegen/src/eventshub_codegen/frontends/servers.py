"""Where the servers of a document are, and what the address of a channel takes."""

from __future__ import annotations

import re
from typing import Any

from ..ir.access import Parameter
from ..ir.json_values import is_array
from ..ir.types import Scalar
from .names import pascal
from .schemas import SchemaReader
from .workspace import Place, Workspace

_VARIABLE = re.compile(r"\{([^{}]+)\}")
_SOCKETS = frozenset(["ws", "wss", "http", "https"])


def check_servers(workspace: Workspace, document: Place) -> None:
    """Report hosts with a scheme, and servers that are reached otherwise if no server speaks WebSocket."""
    servers = document.get("servers")
    speaks_websocket = stream_server(workspace, document) is not None
    for name, entry in servers.entries() if servers is not None else ():
        server = workspace.follow(entry)
        if server is None:
            continue
        if "://" in server.text("host"):
            message = f"the host of the server `{name}` has a scheme, which is the server's `protocol`"
            workspace.warn("host-with-scheme", server.child("host"), message)
        if not speaks_websocket and (protocol := server.text("protocol")):
            message = f"the server `{name}` speaks {protocol}, and what is generated speaks WebSocket"
            workspace.warn("other-protocol", server.child("protocol"), message)


def stream_server(workspace: Workspace, document: Place) -> Place | None:
    """The first server that speaks WebSocket, of all that the document names."""
    servers = document.get("servers")
    found = [workspace.follow(entry) for _, entry in servers.entries()] if servers is not None else []
    return next((server for server in found if server and server.text("protocol") in _SOCKETS), None)


def host_of(server: Place) -> str:
    """Name and port of an AsyncAPI server, without a scheme that some documents repeat there."""
    return server.text("host").rpartition("://")[2].strip("/")


def stream_url(server: Place) -> str:
    """The URL of an AsyncAPI server, with the default value of each variable."""
    host = host_of(server)
    path = server.text("pathname").strip("/")
    scheme = "wss" if server.text("protocol") in {"wss", "https"} else "ws"
    return _filled(server, f"{scheme}://{host}/{path}".rstrip("/")) if host else ""


def rest_url(document: Place) -> str:
    """The URL of the first server of an OpenAPI document, with the default value of each variable."""
    servers = document.get("servers")
    first = next(iter(servers.items()), None) if servers is not None else None
    return _filled(first, first.text("url")).rstrip("/") if first is not None else ""


def channel_parameters(workspace: Workspace, schemas: SchemaReader, channel: Place) -> tuple[Parameter, ...]:
    """What the request needs that opens a connection: for the path, the query and the headers."""
    address = channel.text("address")
    declared = channel.get("parameters")
    found: list[Parameter] = []
    for name in dict.fromkeys(_VARIABLE.findall(address)):
        entry = declared.get(name) if declared is not None else None
        place = workspace.follow(entry) if entry is not None else None
        if place is None and entry is None:
            hint = f"Describe it: parameters: {{{name}: {{description: ...}}}}"
            message = f"the address has the parameter `{name}`, which is not described; it is taken for text"
            workspace.warn("undeclared-parameter", channel.child("address"), message, hint)
        default = _value(place, "default")
        found.append(
            Parameter(
                name=name,
                location="path",
                style="simple",
                explode=False,
                type=Scalar("string"),
                is_required=not isinstance(default, str),
                description=place.text("description") if place is not None else "",
                origin=(place or channel).origin,
                choices=place.strings("enum") if place is not None else (),
                default=default if isinstance(default, str) else None,
            )
        )
    return (*found, *_of_binding(workspace, schemas, channel))


def _of_binding(workspace: Workspace, schemas: SchemaReader, channel: Place) -> list[Parameter]:
    bindings = channel.get("bindings")
    whole = workspace.follow(bindings) if bindings is not None else None
    entry = whole.get("ws") if whole is not None else None
    binding = workspace.follow(entry) if entry is not None else None
    if binding is None:
        return []
    method = binding.text("method")
    if method not in {"", "GET"}:
        message = f"a WebSocket is opened with GET, not with {method}"
        workspace.warn("inexpressible", binding.child("method"), message, "Write `GET`, or leave it out.")
    found: list[Parameter] = []
    for location, word in (("query", "query"), ("header", "headers")):
        holder = binding.get(word)
        schema = workspace.follow(holder) if holder is not None else None
        properties = schema.get("properties") if schema is not None else None
        required = schema.strings("required") if schema is not None else ()
        for name, place in properties.entries() if properties is not None else ():
            target = workspace.follow(place)
            found.append(
                Parameter(
                    name=name,
                    location=location,
                    style="form" if location == "query" else "simple",
                    explode=location == "query",
                    type=schemas.type_of(place, pascal(name)),
                    is_required=name in required,
                    description=target.text("description") if target is not None else "",
                    origin=place.origin,
                )
            )
    return found


def _value(place: Place | None, key: str) -> Any:
    found = place.get(key) if place is not None else None
    return found.value if found is not None else None


def _filled(server: Place, url: str) -> str:
    variables = server.get("variables")
    for name in _VARIABLE.findall(url):
        variable = variables.get(name) if variables is not None else None
        value, listed = _value(variable, "default"), _value(variable, "enum")
        if value is None and is_array(listed) and listed:
            value = listed[0]
        if not isinstance(value, (str, int)):
            # Nobody can connect to a URL with a hole in it.
            return ""
        url = url.replace(f"{{{name}}}", str(value))
    return url
