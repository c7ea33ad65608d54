"""Finds the properties by whose values messages are told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..ir.stream import Discriminator
from ..ir.types import Const, Object


def find_discriminators(
    payloads: Mapping[str, Object | None],
    commands: Iterable[Object | None],
    channels: Iterable[str],
    wanted: tuple[str, ...] = (),
) -> tuple[Discriminator, ...]:
    """The keys that most messages require to have one fixed value, and whose values differ.

    A key that most messages have and one has not is found all the same, so
    that the one can be reported. If messages without the only key have another
    one, both are found; if some messages have the same value, so is the key
    that tells these apart; if no message requires any, the best of those that
    are fixed where they appear.

    Args:
        payloads: What the hub sends, by message name.
        commands: What clients send; may have aliases of these keys.
        channels: Names of channels. The key whose values are such names comes first.
        wanted: The keys, if somebody said so; nothing is sought then.
    """
    names = set(channels)
    known = [payload for payload in payloads.values() if payload is not None]
    seen, values = _constants(known, are_required=True)
    chosen = [
        key
        for key, count in seen.items()
        if 2 * count > len(payloads) and (len(values[key]) > 1 or len(payloads) == 1 or values[key] <= names)
    ]
    is_required = True
    if not chosen and seen:
        telling = {key: count for key, count in seen.items() if len(values[key]) > 1} or seen
        most = max(telling.values())
        chosen = [key for key, count in telling.items() if count == most]
    if not chosen and len(payloads) > 1:
        is_required = False
        seen, values = _constants(known, are_required=False)
        chosen = [key for key, _ in seen.most_common(1) if len(values[key]) > 1]
    if len(chosen) == 1 and (other := _alternative(chosen[0], known)):
        is_required = False
        chosen.append(other)
    while chosen and not wanted and (other := _splitting(chosen, known)):
        is_required = is_required and all(values_of(payload, [other]) for payload in known)
        chosen.append(other)
    if wanted:
        chosen = [key for key in wanted if any(key in values_of(payload, [key]) for payload in known)]
        is_required = all(len(values_of(payload, chosen)) == len(chosen) for payload in known)
    else:
        chosen.sort(key=lambda key: not values[key] <= names)
    aliases: dict[str, dict[str, None]] = {}
    for payload in (*payloads.values(), *commands):
        for item in payload.fields if payload is not None else ():
            if item.alias_of:
                aliases.setdefault(item.alias_of, {})[item.key] = None
    return tuple(Discriminator(key, tuple(aliases.get(key, ())), is_required) for key in chosen)


def values_of(payload: Object | None, keys: Iterable[str]) -> dict[str, Any]:
    """What a message fixes the discriminators to."""
    fields = {item.key: item.type for item in payload.fields} if payload is not None else {}
    return {key: kind.value for key in keys if isinstance(kind := fields.get(key), Const)}


def missing_keys(discriminators: Collection[Discriminator], values: Mapping[str, Any]) -> list[str]:
    """The keys that a message with these values lacks to be told apart; any if none is required."""
    if any(entry.is_required for entry in discriminators):
        return [entry.key for entry in discriminators if entry.key not in values]
    return [] if values else [entry.key for entry in discriminators]


def _constants(payloads: Iterable[Object], *, are_required: bool) -> tuple[Counter[str], dict[str, set[str]]]:
    """How many messages fix each key, and to which values."""
    seen: Counter[str] = Counter()
    values: dict[str, set[str]] = {}
    for payload in payloads:
        for item in payload.fields:
            if isinstance(item.type, Const) and not item.alias_of and (item.is_required or not are_required):
                seen[item.key] += 1
                values.setdefault(item.key, set()).add(str(item.type.value))
    return seen, values


def _alternative(key: str, payloads: Iterable[Object]) -> str:
    """A key that names messages that do not have the other at all; no message may have both."""
    with_key: set[str] = set()
    others: list[Object] = []
    for payload in payloads:
        keys = {item.key for item in payload.fields}
        if key in keys:
            with_key |= keys
        else:
            others.append(payload)
    seen, _ = _constants(others, are_required=True)
    return next((other for other, _ in seen.most_common() if other not in with_key), "")


def _splitting(chosen: list[str], payloads: Iterable[Object]) -> str:
    """A key that tells apart, and is required of, all messages that the chosen keys do not; else nothing."""
    groups: dict[str, list[Object]] = {}
    for payload in payloads:
        if found := values_of(payload, chosen):
            groups.setdefault(repr(found), []).append(payload)
    for group in groups.values():
        seen, values = _constants(group, are_required=True)
        for key, count in seen.items():
            if key not in chosen and count == len(group) == len(values[key]) > 1:
                return key
    return ""
