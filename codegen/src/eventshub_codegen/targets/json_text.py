"""JSON files, laid out so that a change shows as few changed lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .target import HEADER


def as_json_file(content: Mapping[str, Any]) -> str:
    """An object as a JSON file with the header as ``$comment`` on line 1."""
    body = json.dumps(content, indent=1, ensure_ascii=False)
    return (
        f'{{"$comment": {json.dumps(HEADER)},{body[1:]}\n'
        if content
        else f'{{"$comment": {json.dumps(HEADER)}}}\n'
    )
