"""Values that fulfil a JSON Schema of the spec, and values that nearly do."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias, cast

from hypothesis import strategies as st

Schema: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str | int, ...]

ROOT = Path(__file__).parents[3]
BUNDLE: dict[str, Any] = json.loads(
    (ROOT / "tests/contract/src/eventshub_contract/_generated/bundle.json").read_bytes()
)
DEFS: dict[str, Schema] = BUNDLE["$defs"]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, width=32)
ANYTHING = st.recursive(
    SCALARS.filter(lambda value: value not in {float("inf"), float("-inf")}) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)


def flattened(schema: Schema) -> Schema:
    """The schema without references and ``allOf``: the spec's parts only ever add to one another."""
    if "$ref" in schema:
        return flattened(DEFS[schema["$ref"].rpartition("/")[2]])
    merged: Schema = {key: value for key, value in schema.items() if key != "allOf"}
    for part in map(flattened, schema.get("allOf", ())):
        properties: dict[str, Schema] = merged.setdefault("properties", {})
        for name, value in part.get("properties", {}).items():
            known = properties.get(name)
            # What one part leaves open, the other one fixes.
            properties[name] = value if known is None or "const" not in known else known
        required = [*part.get("required", ()), *merged.get("required", ())]
        merged = {**part, **merged, "properties": properties, "required": list(dict.fromkeys(required))}
    return merged


def timestamps(*, plain: bool) -> st.SearchStrategy[str]:
    """In UTC, with any number of digits of a second; plain ones as ``datetime`` would write them."""

    def written(moment: datetime, digits: int) -> str:
        if plain:
            return f"{moment.isoformat()}Z"
        nanoseconds = f"{moment.microsecond:06}789"[:digits]
        return f"{moment.isoformat(timespec='seconds')}{'.' if digits else ''}{nanoseconds}Z"

    return st.builds(written, st.datetimes(), st.integers(0, 9))


class Values:
    """Strategies for the values of schemas.

    Args:
        plain: Nothing that decoding may leave out or write in another way: no keys that are not listed
            in objects that just tolerate them, and times as ``datetime`` would write them.
    """

    def __init__(self, *, plain: bool) -> None:
        self._plain = plain
        self._named: dict[str, st.SearchStrategy[Any]] = {}

    def of(self, schema: Schema) -> st.SearchStrategy[Any]:
        name = schema.get("$ref")
        if name is None:
            return self._made(flattened(schema))
        if name not in self._named:
            # Later: it may hold itself.
            self._named[name] = st.deferred(lambda: self._made(flattened(schema)))
        return self._named[name]

    def _made(self, schema: Schema) -> st.SearchStrategy[Any]:
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        if "anyOf" in schema:
            return st.one_of([self.of(branch) for branch in schema["anyOf"]])
        kind = schema.get("type", "anything")
        if isinstance(kind, list):
            return st.one_of([self.of({**schema, "type": one}) for one in cast("list[str]", kind)])
        strategy: st.SearchStrategy[Any] = getattr(self, f"_{kind}")(schema)
        return strategy

    def _anything(self, _: Schema) -> st.SearchStrategy[Any]:
        return ANYTHING

    def _null(self, _: Schema) -> st.SearchStrategy[None]:
        return st.none()

    def _boolean(self, _: Schema) -> st.SearchStrategy[bool]:
        return st.booleans()

    def _integer(self, schema: Schema) -> st.SearchStrategy[int]:
        return st.integers(schema.get("minimum", -(2**63)), schema.get("maximum", 2**63 - 1))

    def _number(self, schema: Schema) -> st.SearchStrategy[float]:
        low, high = schema.get("minimum", -1e300), schema.get("maximum", 1e300)
        return st.floats(low, high, allow_nan=False, allow_infinity=False)

    def _string(self, schema: Schema) -> st.SearchStrategy[str]:
        if schema.get("format") == "date-time":
            return timestamps(plain=self._plain)
        assert "pattern" not in schema, f"no way is known to make a text like {schema['pattern']}"
        return TEXT.filter(lambda text: len(text) >= schema.get("minLength", 0))

    def _array(self, schema: Schema) -> st.SearchStrategy[list[Any]]:
        unique = {"unique_by": json.dumps} if schema.get("uniqueItems") else {}
        least = schema.get("minItems", 0)
        return st.lists(self.of(schema["items"]), min_size=least, max_size=least + 3, **cast("Any", unique))

    def _object(self, schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
        properties: dict[str, Schema] = schema.get("properties", {})
        required = set(schema.get("required", ()))
        listed = st.fixed_dictionaries(
            {name: self.of(value) for name, value in properties.items() if name in required},
            optional={name: self.of(value) for name, value in properties.items() if name not in required},
        )
        extra = schema.get("additionalProperties", {})
        if extra is False or (self._plain and properties and "additionalProperties" not in schema):
            return listed
        names = TEXT.filter(lambda name: name not in properties)
        others = self.of(as_schema(extra)) if isinstance(extra, dict) else ANYTHING

        def together(some: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
            return {**more, **some}

        return st.builds(together, listed, st.dictionaries(names, others, max_size=2))


def as_list(value: Any) -> list[Any]:
    """The value, for type checkers that lose its type in ``isinstance``."""
    assert isinstance(value, list)
    return value  # pyright: ignore[reportUnknownVariableType] - a list of anything


def as_schema(value: Any) -> Schema:
    """Likewise."""
    assert isinstance(value, dict)
    return value  # pyright: ignore[reportUnknownVariableType] - from JSON, its keys are texts


def places(value: Any, here: Place = ()) -> Iterator[Place]:
    """Where all values within a value are, itself left out."""
    if isinstance(value, dict):
        for key, inner in cast("dict[str, Any]", value).items():
            yield (*here, key)
            yield from places(inner, (*here, key))
    elif isinstance(value, list):
        for index, inner in enumerate(as_list(value)):
            yield (*here, index)
            yield from places(inner, (*here, index))


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """A message with one thing taken away, emptied, doubled or replaced."""
    message = deepcopy(draw(whole))
    place = draw(st.sampled_from(sorted(places(message), key=repr)))
    owner: Any = message
    for step in place[:-1]:
        owner = owner[step]
    old = owner[place[-1]]
    match draw(st.sampled_from(["remove", "empty", "repeat", "replace", "retype"])):
        case "remove":
            del owner[place[-1]]
        case "empty":
            owner[place[-1]] = type(old)() if old is not None else ""
        case "repeat" if isinstance(owner, list):
            as_list(owner).append(old)
        case "retype":
            owner[place[-1]] = draw(st.sampled_from([None, True, -1, 0.5, "", "text", [], [1], {}, {"a": 1}]))
        case _:
            owner[place[-1]] = draw(ANYTHING)
    return message


def shuffled(message: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The same keys in another order, which means nothing."""
    keys = list(message)
    random.Random(seed).shuffle(keys)
    return {key: message[key] for key in keys}
