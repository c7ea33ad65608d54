"""Who is let in: the ways to show a credential, and how each is shown."""

from __future__ import annotations

from dataclasses import dataclass

from ..frontends.workspace import Place
from .document import DocumentVersion
from .rule import Audience, Flow
from .shapes import Context, ShapeComparison

_HOW = ("type", "in", "name", "scheme", "openIdConnectUrl")
_OPEN = ""


@dataclass(frozen=True, slots=True)
class Security:
    """The ways in, each by its name; the empty name is for everybody."""

    ways: dict[str, Place]
    place: Place

    @property
    def is_open(self) -> bool:
        """Whether no credential is needed."""
        return not self.ways or _OPEN in self.ways


def server_security(version: DocumentVersion, server: Place) -> Security:
    """What a server of an AsyncAPI document asks for."""
    listed = server.get("security")
    ways: dict[str, Place] = {}
    for item in listed.items() if listed is not None else ():
        target = version.follow(item)
        ways[target.last if target is not None else item.last] = item
    return Security(ways, listed or server)


def endpoint_security(version: DocumentVersion, operation: Place) -> Security:
    """What an operation of an OpenAPI document asks for, by itself or as all of the document."""
    listed = operation.get("security") or version.main.get("security")
    if listed is None:
        return Security({}, operation)
    return Security({" and ".join(sorted(item.value)): item for item in listed.items()}, listed)


def compare_security(comparison: ShapeComparison, old: Security, new: Security, context: Context) -> None:
    """Report ways in that are gone or new."""
    if old.is_open and new.is_open:
        return
    if old.is_open:
        comparison.add("security-required", "a credential is needed now", context, old.place, new.place)
        return
    if new.is_open:
        message = "a credential is no longer needed"
        comparison.add("security-lifted", message, context, old.place, new.place)
        return
    for name, place in old.ways.items():
        if name not in new.ways:
            message = f"the credential `{name}` is no longer accepted"
            comparison.add("security-alternative-removed", message, context, place, new.place)
    for name, place in new.ways.items():
        if name not in old.ways:
            message = f"the credential `{name}` is accepted as well"
            comparison.add("security-alternative-added", message, context, old.place, place)


def compare_schemes(
    comparison: ShapeComparison, old: DocumentVersion, new: DocumentVersion, audience: Audience
) -> None:
    """Report credentials that are shown in another way."""
    before, after = _schemes(old), _schemes(new)
    for name, place in before.items():
        if name not in after:
            continue
        for key in _HOW:
            was, now = place.text(key), after[name].text(key)
            if was != now:
                message = f"`{key}` of the credential `{name}` was `{was}` and is `{now}`"
                context = Context(Flow.TO_HUB, audience, name)
                comparison.add("security-scheme-changed", message, context, place, after[name])


def _schemes(version: DocumentVersion) -> dict[str, Place]:
    components = version.main.get("components")
    listed = components.get("securitySchemes") if components is not None else None
    entries = listed.entries() if listed is not None else ()
    return {name: target for name, place in entries if (target := version.follow(place)) is not None}
