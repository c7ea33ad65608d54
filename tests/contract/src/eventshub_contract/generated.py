"""Commands and requests that are generated: valid ones, nearly valid ones, and hostile ones.

Needs the extra ``generated``: Hypothesis makes, shrinks and replays commands, Schemathesis makes requests.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import operator
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .bundle import Bundle, Json, MessageSpec, as_object

T = TypeVar("T")
F = TypeVar("F")

_SHRINKING: Final = 8.0
"""Seconds for making a finding smaller."""

Frame = str | bytes
"""A text frame, or a binary one."""


class _Enough(BaseException):
    """Ends the search: the smallest finding so far is small enough."""


def search(
    strategy: SearchStrategy[T], examples: int, number: int, judge: Callable[[T], F | None]
) -> F | None:
    """Judge many values, and find a small one that is wrong.

    Args:
        strategy: Makes the values.
        examples: How many.
        number: The seed: the same values for the same seed.
        judge: Says what is wrong with a value; None: nothing.

    Returns:
        What is wrong with the smallest value found; None: nothing with any.
    """
    findings: list[tuple[int, F]] = []
    deadline: list[float] = []

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
    )
    @given(strategy)
    def run(value: T) -> None:
        if deadline and time.monotonic() > deadline[0]:
            raise _Enough
        finding = judge(value)
        if finding is not None:
            deadline[:] = deadline or [time.monotonic() + _SHRINKING]
            findings.append((len(repr(value)), finding))
            raise AssertionError

    with contextlib.suppress(_Enough, AssertionError):
        run()
    return min(findings, key=operator.itemgetter(0))[1] if findings else None


def valid_commands(bundle: Bundle, commands: list[MessageSpec]) -> SearchStrategy[Frame]:
    """Commands of the documents, under all keys, with IDs of every form and keys that nobody knows."""
    known = {key for keys in bundle.stream.discriminators for key in keys} | {"id"}
    further = st.dictionaries(_KEYS.filter(lambda key: key not in known), _JSON, max_size=2)

    def made(command: MessageSpec, identifier: str, more: dict[str, Json]) -> Frame:
        return json.dumps({**more, **_keyed(bundle, command), "id": identifier})

    return st.builds(made, st.sampled_from(commands), st.text(_CHARACTERS, min_size=1, max_size=40), further)


def nearly_valid_commands(bundle: Bundle, commands: list[MessageSpec], key: str) -> SearchStrategy[Frame]:
    """Commands of which a key is missing, has a value that it cannot have, or is another."""

    def made(command: MessageSpec, value: Json, way: str) -> Frame:
        frame: dict[str, Json] = {**_keyed(bundle, command), "id": "generated"}
        if way == "removed":
            frame.pop(key, None)
        elif way == "renamed":
            frame[f"{key}_"] = frame.pop(key, value)
        else:
            frame[key] = value
        return json.dumps(frame)

    # The first is tried first, always: a hub that does not read a key is found in any run.
    ways = st.sampled_from(["replaced", "replaced", "replaced", "renamed", "removed"])
    return st.builds(made, st.sampled_from(commands), _JSON, ways)


def hostile_frames() -> SearchStrategy[Frame]:
    """What is no command at all."""
    deep = st.integers(1, 3000).map(lambda depth: "[" * depth + "]" * depth)
    cut = _JSON.map(json.dumps).map(lambda text: text[: len(text) // 2])
    odd = st.sampled_from(_ODD)
    return st.one_of(
        _JSON.map(json.dumps), st.text(_CHARACTERS, max_size=80), deep, cut, odd, st.binary(max_size=80)
    )


def must_be_refused(bundle: Bundle, frame: Frame) -> bool:
    """Whether a frame is certainly no command (protocol CMD-5): an error is due; else either may come."""
    if isinstance(frame, bytes):
        return True
    try:
        value = as_object(json.loads(frame))
    except (ValueError, RecursionError):
        return True
    if value is None:
        return True
    found = [[value[key] for key in keys if key in value] for keys in bundle.stream.discriminators]
    if any(not values or not all(isinstance(each, str) for each in values) for values in found):
        return True
    if any(len(set(values)) > 1 for values in found):
        return True
    return bundle.command_of(value) is None or not isinstance(value.get("id", ""), str)


def requests_of(bundle: Bundle, operation_id: str, *, valid: bool) -> SearchStrategy[Any]:
    """Requests of an operation, made by Schemathesis from an OpenAPI document.

    Args:
        bundle: The documents.
        operation_id: Of an endpoint with a body.
        valid: Those that satisfy the schema, or those that do not.
    """
    schemathesis: Any = importlib.import_module("schemathesis")
    modes: Any = importlib.import_module("schemathesis.generation").GenerationMode
    document = schemathesis.openapi.from_dict(openapi_of(bundle))
    operations = [result.ok() for result in document.get_all_operations()]
    wanted = next(each for each in operations if each.definition.raw.get("operationId") == operation_id)
    strategy: SearchStrategy[Any] = wanted.as_strategy(
        generation_mode=modes.POSITIVE if valid else modes.NEGATIVE
    )
    return strategy


def openapi_of(bundle: Bundle) -> dict[str, Json]:
    """The REST part of the documents as an OpenAPI document."""
    paths: dict[str, dict[str, Json]] = {}
    for endpoint in bundle.rest:
        operation: dict[str, Json] = {
            "operationId": endpoint.operation_id,
            "responses": {status: {"description": status} for status in endpoint.responses},
        }
        if endpoint.request is not None:
            body = {"application/json": {"schema": endpoint.request}}
            operation["requestBody"] = {"required": True, "content": body}
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    whole: dict[str, Json] = {
        "openapi": "3.1.0",
        "info": {"title": bundle.title, "version": bundle.version},
        "paths": paths,
        "components": {"schemas": bundle.defs},
    }
    moved: dict[str, Json] = json.loads(json.dumps(whole).replace("#/$defs/", "#/components/schemas/"))
    return moved


def _keyed(bundle: Bundle, command: MessageSpec) -> dict[str, Json]:
    """A command's values under every key that may carry them."""
    return {key: command.values[keys[0]] for keys in bundle.stream.discriminators for key in keys}


_CHARACTERS: Final = st.characters(exclude_categories=["Cs"])
_ODD: Final = (
    *("", " ", "null", "NaN", '"\\ud800"', '{"a":1}{"a":1}', "\ufeff{}"),
    *("0" * 5000, "{" * 900),
)
_KEYS: Final = st.text(_CHARACTERS, max_size=12)
_JSON: Final[SearchStrategy[Json]] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(_CHARACTERS, max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)
