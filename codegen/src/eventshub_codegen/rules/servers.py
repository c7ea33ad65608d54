"""Where hubs are found."""

from __future__ import annotations

from ..frontends.workspace import Place
from .document import DocumentVersion
from .rule import Audience, Flow
from .security import compare_security, server_security
from .shapes import Context, ShapeComparison

_ADDRESS = ("protocol", "host", "pathname")


def compare_servers(
    comparison: ShapeComparison, old: DocumentVersion, new: DocumentVersion, audience: Audience
) -> None:
    """Report servers that are gone, new or elsewhere, and what they ask for.

    Servers of an AsyncAPI document are known by name, those of an OpenAPI document by their URL.
    """
    before, after = _servers(old), _servers(new)
    holders = old.main.get("servers") or old.main, new.main.get("servers") or new.main
    for name, place in before.items():
        context = Context(Flow.TO_HUB, audience, f"server {name}")
        if name not in after:
            what = f"the server `{name}` is gone"
            comparison.add("server-removed", what, context, place, holders[1])
            continue
        was, now = _address(place), _address(after[name])
        if was != now:
            what = f"the server `{name}` was at `{was}` and is at `{now}`"
            comparison.add("server-moved", what, context, place, after[name])
        asked, asks = server_security(old, place), server_security(new, after[name])
        compare_security(comparison, asked, asks, context)
    for name, place in after.items():
        if name not in before:
            what = f"there is a new server `{name}`"
            context = Context(Flow.TO_HUB, audience, f"server {name}")
            comparison.add("server-added", what, context, holders[0], place)


def _servers(version: DocumentVersion) -> dict[str, Place]:
    listed = version.main.get("servers")
    if listed is None:
        return {}
    if version.kind == "openapi":
        return {item.text("url"): item for item in listed.items()}
    return {name: target for name, entry in listed.entries() if (target := version.follow(entry)) is not None}


def _address(server: Place) -> str:
    protocol, host, path = (server.text(word) for word in _ADDRESS)
    return f"{protocol}://{host}{path}"
