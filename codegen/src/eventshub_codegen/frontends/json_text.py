"""JSON text to plain Python values, with the position of what JSON does not allow."""

from __future__ import annotations

import json
from typing import Any

from .yaml_text import Parsed, Problem, parse_yaml, position_in_yaml


def parse_json(text: str) -> Parsed:
    """Read one JSON document. Duplicate keys and ``NaN`` are problems."""
    parsed = Parsed()
    has_duplicates = False

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal has_duplicates
        values = dict(pairs)
        has_duplicates = has_duplicates or len(values) != len(pairs)
        return values

    try:
        parsed.value = json.loads(text, object_pairs_hook=unique, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        parsed.is_readable = False
        parsed.problems.append(Problem("json-syntax", error.lineno, error.colno, error.msg))
    except RecursionError:
        parsed.is_readable = False
        parsed.problems.append(Problem("json-syntax", 1, 1, "nested too deeply"))
    except ValueError as error:
        parsed.is_readable = False
        parsed.problems.append(Problem("json-syntax", 1, 1, str(error)))
    if has_duplicates:
        parsed.problems += [
            found for found in parse_yaml(_as_yaml(text)).problems if found.rule == "duplicate-key"
        ]
    return parsed


def position_in_json(text: str, pointer: tuple[str | int, ...], *, of_key: bool) -> tuple[int, int]:
    """Line and column of the value that a JSON pointer leads to, or of the key that names it."""
    return position_in_yaml(_as_yaml(text), pointer, of_key=of_key)


def _as_yaml(text: str) -> str:
    # JSON is YAML but for tabs, which YAML does not take everywhere; a space keeps every column.
    return text.replace("\t", " ")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
