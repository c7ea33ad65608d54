"""JavaScript and Go that connects, judged by what can be seen in its text."""

from __future__ import annotations

import json
import re
from typing import Final

from ..bundle import Json
from .json_blocks import check_value
from .log import Log
from .lookup import Lookup
from .page import Block
from .rules import CODE
from .shapes import Shapes

JAVASCRIPT: Final = frozenset({"javascript", "js", "typescript", "ts", "mjs", "jsx", "tsx"})
GO: Final = frozenset({"go", "golang"})

CONNECTS: Final = re.compile(
    r"\bnew WebSocket\b|websocket\.(?:DefaultDialer|Dialer|Dial)\b|from ['\"]ws['\"]"
)
_HTTP_URL: Final = re.compile(r"https?://[^\s\"'`)]+")
_TURNED: Final = re.compile(r"['\"`]wss?(?:://|['\"`])|Scheme\s*=|replace\(\s*[/'\"]\^?http")
_LITERAL: Final = re.compile(
    r"(?P<open>\{)(?=[^{}]*[\"']?\b(?:type|event_type)\b[\"']?\s*:)[^{}]*\}", re.DOTALL
)
_PAIR: Final = re.compile(
    r"[\"']?(?P<key>[A-Za-z_][\w-]*)[\"']?\s*:\s*(?:[\"'](?P<text>[^\"'`]*)[\"'](?=\s*[,}\n])|(?P<other>[^,}\n]+))"
)
_COMPARED: Final = re.compile(
    r"\b(?P<key>event_?[tT]ype|[mM]essage)\"?\)?\s*[!=]==?\s*[\"'](?P<value>[\w-]+)[\"']"
)


def check_other_code(file: str, block: Block, log: Log) -> None:
    """Judge one block of JavaScript or Go that opens a WebSocket."""
    connects = CONNECTS.search(block.text)
    if connects is None:
        return
    line = block.line + block.text.count("\n", 0, connects.start())
    url = _HTTP_URL.search(block.text)
    if url and block.language in GO and not _TURNED.search(block.text):
        at = block.line + block.text.count("\n", 0, url.start())
        what = f"gorilla/websocket dials no {url[0].partition(':')[0]}:// URL: {url[0]}"
        log.found(CODE, file, at, what, "the URL of a WebSocket begins with ws:// or wss:// (RFC 6455)")
    else:
        log.held(CODE, file, line)
    for match in _LITERAL.finditer(block.text):
        at = block.line + block.text.count("\n", 0, match.start())
        value = _plain(match[0])
        shape = Shapes(log.bundle).of(value)
        if shape is not None and (shape.message is None or shape.message.direction == "client-to-hub"):
            check_value(file, value, json.dumps(value), at, shape, log)
    for match in _COMPARED.finditer(block.text):
        at = block.line + block.text.count("\n", 0, match.start())
        log.judged(CODE, file, at, _compared_fault(match["key"], match["value"], Lookup(log.bundle)))


def _compared_fault(key: str, value: str, lookup: Lookup) -> str:
    if key.lower() == "message":
        return "" if value in lookup.message_values else f"no message is called {value}"
    return lookup.channel_fault(value)


def _plain(literal: str) -> dict[str, Json]:
    return {
        match["key"]: match["text"] if match["text"] is not None else "text"
        for match in _PAIR.finditer(literal)
    }
