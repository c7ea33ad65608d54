"""What a message or an operation says itself, or else one of its traits."""

from __future__ import annotations

from .workspace import Place, Workspace


def stated(workspace: Workspace, place: Place, key: str) -> Place | None:
    """A value of the object itself, else of the last of its traits that has it."""
    own = place.get(key)
    if own is not None:
        return own
    traits = place.get("traits")
    for entry in reversed(list(traits.items())) if traits is not None else ():
        trait = workspace.follow(entry)
        found = trait.get(key) if trait is not None else None
        if found is not None:
            return found
    return None


def stated_text(workspace: Workspace, place: Place, key: str) -> str:
    """The same for a string, without space around; empty if there is none."""
    found = stated(workspace, place, key)
    return found.value.strip() if found is not None and isinstance(found.value, str) else ""


def described(workspace: Workspace, place: Place) -> str:
    """Summary and description, as paragraphs."""
    texts = (stated_text(workspace, place, key) for key in ("summary", "description"))
    return "\n\n".join(dict.fromkeys(text for text in texts if text))
