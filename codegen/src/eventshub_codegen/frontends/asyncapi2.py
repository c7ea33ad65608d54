"""AsyncAPI 2 documents as AsyncAPI 3.0.

Keys stay where they are as far as they can, so that a finding still has the
place in the file, or the nearest one that exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..ir.json_values import is_array, is_object
from .names import pascal

# What a client subscribes to is what the application sends.
_ACTIONS = {"subscribe": "send", "publish": "receive"}
_KEPT = ("summary", "description", "bindings")
_OPERATION_KEYS = ("summary", "description", "tags", "externalDocs", "bindings", "traits")
_PARAMETER_KEYS = ("enum", "default", "examples")


def as_version_3(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same stream as a document of AsyncAPI 3.0; whatever makes no sense stays for its meta-schema."""
    info = document.get("info")
    moved = {key: document[key] for key in ("tags", "externalDocs") if key in document}
    made: dict[str, Any] = {
        **{key: value for key, value in document.items() if key not in moved},
        "asyncapi": "3.0.0",
        "info": {**info, **moved} if is_object(info) else info,
    }
    channels = document.get("channels")
    if is_object(channels):
        items = {name: item for name, item in channels.items() if is_object(item)}
        made["channels"] = {**channels, **{name: _channel(name, item) for name, item in items.items()}}
        made["operations"] = dict(entry for name, item in items.items() for entry in _operations(name, item))
    if "servers" in document:
        made["servers"] = _each(document["servers"], _server)
    components = document.get("components")
    if is_object(components):
        converted = {
            "messages": _message,
            "messageTraits": _message,
            "operationTraits": _operation_trait,
            "parameters": _parameter,
            "securitySchemes": _scheme,
            "servers": _server,
        }
        made["components"] = {
            key: _each(value, converted[key]) if key in converted else value
            for key, value in components.items()
            if key != "channels"
        }
    return made


def _each(entries: Any, convert: Any) -> Any:
    if not is_object(entries):
        return entries
    return {
        name: convert(entry) if is_object(entry) and "$ref" not in entry else entry
        for name, entry in entries.items()
    }


def _channel(name: str, item: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"address": name, "messages": {}}
    made |= {key: value for key, value in item.items() if key in _KEPT or key.startswith("x-")}
    if "parameters" in item:
        made["parameters"] = _each(item["parameters"], _parameter)
    if is_array(item.get("servers")):
        made["servers"] = [{"$ref": f"#/servers/{_escaped(str(server))}"} for server in item["servers"]]
    for verb in _ACTIONS:
        made["messages"] |= dict(_messages(verb, item))
    return made


def _messages(verb: str, item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The messages of one of a channel's two operations, by keys that are the same each time."""
    operation = item.get(verb)
    message = operation.get("message") if is_object(operation) else None
    if not is_object(message):
        return
    listed = message.get("oneOf")
    for number, entry in enumerate(listed if is_array(listed) else [message], 1):
        if not is_object(entry):
            continue
        reference = entry.get("$ref")
        if isinstance(reference, str):
            yield reference.rpartition("/")[2], entry
        else:
            name = entry.get("messageId") or entry.get("name") or f"{verb}Message{number}"
            yield str(name), _message(entry)


def _operations(name: str, item: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for verb, action in _ACTIONS.items():
        operation = item.get(verb)
        if not is_object(operation):
            continue
        channel = f"#/channels/{_escaped(name)}"
        made: dict[str, Any] = {"action": action, "channel": {"$ref": channel}}
        made |= {
            key: value for key, value in operation.items() if key in _OPERATION_KEYS or key.startswith("x-")
        }
        made |= _security(operation)
        made["messages"] = [
            {"$ref": f"{channel}/messages/{_escaped(key)}"} for key, _ in _messages(verb, item)
        ]
        yield str(operation.get("operationId") or f"{verb}{pascal(name)}"), made


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    made = {key: value for key, value in message.items() if key not in {"messageId", "schemaFormat"}}
    if "schemaFormat" in message and "payload" in message:
        made["payload"] = {"schemaFormat": message["schemaFormat"], "schema": message["payload"]}
    return made


def _operation_trait(trait: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in trait.items() if key not in {"operationId", "security"}} | _security(
        trait
    )


def _parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    schema = parameter.get("schema")
    made = {key: value for key, value in parameter.items() if key != "schema"}
    if is_object(schema):
        made = {key: value for key, value in schema.items() if key in _PARAMETER_KEYS} | made
    return made


def _scheme(scheme: Mapping[str, Any]) -> dict[str, Any]:
    flows = scheme.get("flows")
    if not is_object(flows):
        return dict(scheme)
    renamed = {
        name: {"availableScopes" if key == "scopes" else key: value for key, value in flow.items()}
        for name, flow in flows.items()
        if is_object(flow)
    }
    return {**scheme, "flows": {**flows, **renamed}}


def _server(server: Mapping[str, Any]) -> dict[str, Any]:
    made = {key: value for key, value in server.items() if key not in {"url", "security"}}
    url = server.get("url")
    if isinstance(url, str):
        parts = urlsplit(url if "://" in url else f"//{url}")
        made["host"] = parts.netloc
        made |= {"pathname": parts.path} if parts.path not in {"", "/"} else {}
    return made | _security(server)


def _security(holder: Mapping[str, Any]) -> dict[str, Any]:
    """What a server or an operation demands, by reference and no longer by name."""
    schemes = holder.get("security")
    if not is_array(schemes):
        return {}
    names = [name for entry in schemes if is_object(entry) for name in entry]
    return {"security": [{"$ref": f"#/components/securitySchemes/{_escaped(name)}"} for name in names]}


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
