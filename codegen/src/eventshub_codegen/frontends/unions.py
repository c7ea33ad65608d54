"""Unions: which types, and which property says which of them a value is."""

from __future__ import annotations

from ..ir.types import Anything, Plain, Type, Union
from .workspace import Place, Workspace


def make_union(
    options: list[Type], hint: str = "", tag: str = "", tagged: tuple[tuple[Plain, Type], ...] = ()
) -> Type:
    """One type of several: what is there twice counts once, and anything swallows the rest."""
    flat: list[Type] = []
    for option in options:
        flat += option.options if isinstance(option, Union) and not option.tag else [option]
    unique = list(dict.fromkeys(flat))
    if not unique or any(isinstance(option, Anything) for option in unique):
        return Anything()
    return unique[0] if len(unique) == 1 else Union(tuple(unique), hint, tag, tagged)


def tag_of(place: Place) -> str:
    """The property that a `discriminator` names: OpenAPI has an object there, AsyncAPI the name alone."""
    discriminator = place.get("discriminator")
    if discriminator is None:
        return ""
    return discriminator.value if isinstance(discriminator.value, str) else discriminator.text("propertyName")


def tagged_options(place: Place, options: list[Place], kinds: list[Type]) -> tuple[tuple[Plain, Type], ...]:
    """Type by value of the `discriminator`: as its `mapping` says, else by the name of each schema."""
    if not tag_of(place):
        return ()
    by_reference: dict[str, Type] = {}
    for option, kind in zip(options, kinds, strict=True):
        if option.reference is not None:
            by_reference[option.reference] = kind
    found: dict[Plain, Type] = {}
    mapped = _mapping(place)
    for value, reference in mapped.items():
        if reference in by_reference:
            found[value] = by_reference[reference]
    for reference, kind in by_reference.items():
        if reference not in mapped.values():
            found[reference.rpartition("/")[2]] = kind
    return tuple(found.items())


def tag_values(place: Place) -> list[list[str]]:
    """The values of OpenAPI's `discriminator` for each branch of a `oneOf`; none if any is no reference."""
    discriminator, whole = place.get("discriminator"), place.get("oneOf")
    options = list(whole.items()) if whole is not None else []
    references = [option.reference for option in options]
    if discriminator is None or not discriminator.text("propertyName") or None in references:
        return []
    mapped = _mapping(place)
    return [
        [
            *(value for value, target in mapped.items() if target == reference),
            *([name] if (name := (reference or "").rpartition("/")[2]) not in mapped else []),
        ]
        for reference in references
    ]


def heirs_of(workspace: Workspace, place: Place) -> list[tuple[str, Place]]:
    """The schemas that the `mapping` of a discriminator names, where no union lists them."""
    if place.get("oneOf") is not None or place.get("anyOf") is not None or place.get("properties") is None:
        return []
    found: list[tuple[str, Place]] = []
    for value, reference in _mapping(place).items():
        target = workspace.follow(Place(place.source, place.pointer, {"$ref": reference}))
        if target is None or target.origin == place.origin:
            continue
        # What has no properties at all has no class either.
        if target.get("properties") is None and target.get("allOf") is None:
            return []
        found.append((value, target))
    return found


def only_part(place: Place) -> Place | None:
    """The reference that is all of a schema, in an `allOf` by itself: what else is said is text."""
    parts = list(whole.items()) if (whole := place.get("allOf")) is not None else []
    words = ("properties", "required", "additionalProperties", "patternProperties", "x-tolerate-missing")
    if len(parts) != 1 or parts[0].reference is None or any(word in place.value for word in words):
        return None
    return parts[0]


def _mapping(place: Place) -> dict[str, str]:
    discriminator = place.get("discriminator")
    mapping = discriminator.get("mapping") if discriminator is not None else None
    return {
        value: entry.value
        if "/" in entry.value or "#" in entry.value
        else f"#/components/schemas/{entry.value}"
        for value, entry in (mapping.entries() if mapping is not None else ())
        if isinstance(entry.value, str)
    }
