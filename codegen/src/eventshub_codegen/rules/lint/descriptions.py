"""What nobody has said a word about."""

from __future__ import annotations

from collections.abc import Iterator

from ...frontends.traits import described
from ...frontends.workspace import Place, Workspace

_METHODS = frozenset(["get", "put", "post", "delete", "options", "head", "patch", "trace"])


def check_descriptions(workspace: Workspace, document: Place) -> None:
    """Report channels, operations, messages, endpoints and parameters without summary and description."""
    for what, place in _describable(workspace, document):
        if place.reference is None and not described(workspace, place):
            name = place.text("operationId") or place.text("name") or place.last
            message = f"the {what} `{name}` has neither a summary nor a description"
            workspace.warn("missing-description", place, message, of_key=True)


def _describable(workspace: Workspace, document: Place) -> Iterator[tuple[str, Place]]:
    for key, what in (("channels", "channel"), ("operations", "operation")):
        holder = document.get(key)
        for _, place in holder.entries() if holder is not None else ():
            yield what, place
            messages = place.get("messages") if key == "channels" else None
            yield from (("message", message) for _, message in (messages.entries() if messages else ()))
            parameters = place.get("parameters") if key == "channels" else None
            yield from (("parameter", each) for _, each in (parameters.entries() if parameters else ()))
    components = document.get("components")
    for key, what in (("messages", "message"), ("parameters", "parameter")):
        holder = components.get(key) if components is not None else None
        yield from ((what, place) for _, place in (holder.entries() if holder is not None else ()))
    paths = document.get("paths")
    for _, entry in paths.entries() if paths is not None else ():
        item = workspace.follow(entry)
        for method, operation in item.entries() if item is not None else ():
            if method in _METHODS:
                yield "endpoint", operation
            holder = operation.get("parameters") if method in _METHODS else None
            if method == "parameters":
                holder = operation
            yield from (("parameter", each) for each in (holder.items() if holder is not None else ()))
