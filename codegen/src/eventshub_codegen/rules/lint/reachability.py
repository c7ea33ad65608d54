"""Components to which nothing refers."""

from __future__ import annotations

from ...frontends.workspace import Place, Workspace
from ...ir.json_values import is_array, is_object
from ...ir.origin import Origin

_SKIPPED = frozenset(["securitySchemes"])


def check_reachability(workspace: Workspace, documents: list[Place]) -> None:
    """Report components that are reached from no document: not from its own parts, not from another."""
    reached: set[Origin] = set()
    names: set[str] = set()
    waiting = [child for document in documents for key, child in document.entries() if key != "components"]
    while waiting:
        place = waiting.pop()
        if place.reference is not None:
            waiting += _targets(workspace, place, reached)
            continue
        names |= _named_schemes(place)
        waiting += [child for _, child in place.entries() if is_object(child.value) or is_array(child.value)]
        waiting += [child for child in place.items() if is_object(child.value) or is_array(child.value)]
    for document in documents:
        components = document.get("components")
        for kind, holder in components.entries() if components is not None else ():
            for name, place in holder.entries() if not kind.startswith("x-") else ():
                if place.origin in reached or (kind in _SKIPPED and name in names):
                    continue
                message = f"nothing refers to `{kind}/{name}`"
                workspace.warn("unreachable-component", place, message, of_key=True)


def _targets(workspace: Workspace, place: Place, reached: set[Origin]) -> list[Place]:
    """What a reference leads to, and each component on the way there; those seen before are left out."""
    found: list[Place] = []
    target = workspace.follow(place)
    if target is None:
        return found
    for origin in (_component(place), target.origin, Origin(target.source.display, target.pointer[:3])):
        if origin is not None and origin not in reached:
            reached.add(origin)
            if origin == target.origin:
                found.append(target)
    mapping = place.get("mapping")
    return [*found, *([mapping] if mapping is not None else [])]


def _component(place: Place) -> Origin | None:
    """The component that a local reference names itself, which may be a reference again."""
    reference = place.reference or ""
    if not reference.startswith("#/components/"):
        return None
    steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in reference[2:].split("/"))
    return Origin(place.source.display, steps[:3])


def _named_schemes(place: Place) -> set[str]:
    """Names of security schemes that a requirement of OpenAPI holds."""
    if place.last != "security":
        return set()
    return {name for entry in place.items() for name, _ in entry.entries()}
