"""Blocks of JSON, held against the schema of what they look like."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from ..bundle import Json
from ..schemas import Schemas
from .log import Log
from .page import Block, Page
from .rules import JSON_BLOCKS
from .shapes import Shape, Shapes

LANGUAGES: Final = frozenset({"json", "jsonl", "ndjson", "json5", "jsonc"})
_PLACEHOLDER: Final = re.compile(r"\"(?:\$\{?\w+\}?|<[^<>\"]+>|\{\{\w+\}\})\"")
_PATH: Final = re.compile(r"at (\S+): ")
_MISSING: Final = re.compile(r'"([^"]+)" is a required property')


def check_json(page: Page, log: Log) -> None:
    """Judge every block of JSON that looks like something of the spec."""
    shapes = Shapes(log.bundle)
    for block in page.blocks:
        if block.language in LANGUAGES:
            _check_block(page.file, block, shapes, log)


def check_value(file: str, value: Json, text: str, line: int, shape: Shape, log: Log, what: str = "") -> None:
    """Judge one value that is shown in a text.

    Args:
        file: The document.
        value: The JSON.
        text: As it was written, to find the line of what is wrong.
        line: Of the text.
        shape: What it is meant to be.
        log: Where to say so.
        what: What it is shown as, if not as itself.
    """
    if shape.unknown:
        log.found(JSON_BLOCKS, file, line, f"{shape.unknown} is in no document", _known(log))
        return
    if shape.message is not None:
        log.traffic.of(file).element(shape.message.name)
    violations = log.bundle.violations(shape.schema, value)
    if not violations:
        # A receiver tolerates what is new; what is printed here has to be known.
        violations = [each.text for each in Schemas(log.bundle).undocumented(shape.schema, value)]
    shown = what or shape.name
    for violation in violations:
        at = line + _line_of(text, violation)
        log.found(JSON_BLOCKS, file, at, f"{shown} breaks its schema {violation}", _says(shape, log))
    if not violations:
        log.held(JSON_BLOCKS, file, line)


def filled(text: str) -> str:
    """The JSON with an ID in place of each value that the reader has to fill in."""
    return _PLACEHOLDER.sub('"00000000-0000-4000-8000-000000000000"', text)


def _check_block(file: str, block: Block, shapes: Shapes, log: Log) -> None:
    try:
        for text, offset in _documents(block):
            value = json.loads(filled(text))
            shape = shapes.of(value, block.before)
            if shape is not None:
                check_value(file, value, text, block.line + offset, shape, log)
    except (ValueError, RecursionError) as error:
        if block.language == "json":
            at = block.line + (error.lineno - 1 if isinstance(error, json.JSONDecodeError) else 0)
            log.found(JSON_BLOCKS, file, at, f"a block of JSON that is none: {error}")


def _documents(block: Block) -> Iterator[tuple[str, int]]:
    """The JSON texts of a block: one, or one a line."""
    lines = block.text.splitlines()
    objects = [line for line in lines if line.strip()]
    if len(objects) > 1 and all(line.startswith(("{", "[")) and line[-1] in "}]" for line in objects):
        yield from ((line, offset) for offset, line in enumerate(lines) if line.strip())
    elif objects:
        yield block.text, 0


def _line_of(text: str, violation: str) -> int:
    """On which line of a text the offending value is; the first one if that cannot be told."""
    path = _PATH.match(violation)
    if path is None or _MISSING.search(violation):
        return 0
    position = 0
    for step in path[1].split("."):
        found = text.find(f'"{step}"', position)
        if found >= 0:
            position = found
    return text.count("\n", 0, position)


def _says(shape: Shape, log: Log) -> str:
    if shape.message is None:
        return f"the schema of {shape.name}"
    rule = "CMD-1" if shape.message.direction == "client-to-hub" else "EVT-1"
    return log.says("CONN-6" if shape.message.role == "welcome" else rule)


def _known(log: Log) -> str:
    names = [" ".join(message.values.values()) for message in log.bundle.messages]
    return f"the spec has {', '.join(dict.fromkeys(names))}"
