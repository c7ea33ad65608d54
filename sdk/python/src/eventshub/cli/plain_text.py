"""Text from the hub, made fit for a terminal."""

from __future__ import annotations

import json
import re

_INVISIBLE = re.compile(r"[^\x20-\x7e]")


def visible(text: str) -> str:
    r"""The text with every character that does not print as its escape: ``\x1b``, ``\u202e``.

    Nothing in it can move a cursor, ring, set a title, or turn the reading direction.
    """
    return _INVISIBLE.sub(_escape_python, text)


def visible_json(text: str) -> str:
    r"""JSON on one line, equal to the given JSON, with what does not print as ``\uXXXX``."""
    return _INVISIBLE.sub(_escape_json, on_one_line(text))


def on_one_line(text: str) -> str:
    """JSON on one line: a line break in JSON can only stand between tokens, where a space says the same."""
    return text.replace("\r", " ").replace("\n", " ")


def _escape_python(match: re.Match[str]) -> str:
    character = match[0]
    return character if character.isprintable() else repr(character)[1:-1]


def _escape_json(match: re.Match[str]) -> str:
    character = match[0]
    if character.isprintable():
        return character
    # A tab between tokens is the one that is no part of a string.
    return " " if character == "\t" else json.dumps(character)[1:-1]
