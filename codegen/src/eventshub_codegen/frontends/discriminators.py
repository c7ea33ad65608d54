"""Finds the properties by whose values messages are told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ..ir.stream import Discriminator
from ..ir.types import Const, Object


def find_discriminators(
    payloads: Mapping[str, Object | None], commands: Iterable[Object | None], channels: Iterable[str]
) -> tuple[Discriminator, ...]:
    """The keys that most messages require to have one fixed value, and whose values differ.

    A key that most messages have and one has not is found all the same, so
    that the one can be reported.

    Args:
        payloads: What the hub sends, by message name.
        commands: What clients send; may have aliases of these keys.
        channels: Names of channels. The key whose values are such names comes first.
    """
    names = set(channels)
    seen: Counter[str] = Counter()
    values: dict[str, set[str]] = {}
    for payload in payloads.values():
        for item in payload.fields if payload is not None else ():
            if isinstance(item.type, Const) and item.is_required and not item.alias_of:
                seen[item.key] += 1
                values.setdefault(item.key, set()).add(str(item.type.value))
    chosen = [
        key
        for key, count in seen.items()
        if 2 * count > len(payloads) and (len(values[key]) > 1 or len(payloads) == 1 or values[key] <= names)
    ]
    if not chosen and seen:
        most = max(seen.values())
        chosen = [key for key, count in seen.items() if count == most]
    chosen.sort(key=lambda key: not values[key] <= names)
    aliases: dict[str, dict[str, None]] = {}
    for payload in (*payloads.values(), *commands):
        for item in payload.fields if payload is not None else ():
            if item.alias_of:
                aliases.setdefault(item.alias_of, {})[item.key] = None
    return tuple(Discriminator(key, tuple(aliases.get(key, ()))) for key in chosen)


def values_of(payload: Object | None, keys: Iterable[str]) -> dict[str, Any]:
    """What a message fixes the discriminators to."""
    fields = {item.key: item.type for item in payload.fields} if payload is not None else {}
    return {key: kind.value for key in keys if isinstance(kind := fields.get(key), Const)}
