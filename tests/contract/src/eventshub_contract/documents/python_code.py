"""Python code that connects, judged without running it: arguments, URLs, what is sent and compared."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any, Final

from websockets.asyncio.client import connect as connect_async
from websockets.sync.client import connect as connect_sync

from ..bundle import Json
from .json_blocks import check_value
from .log import Log
from .page import Block
from .rules import CODE
from .shapes import Shapes

_CONNECTS: Final[dict[str, Callable[..., Any]]] = {
    "websockets.connect": connect_async,
    "websockets.client.connect": connect_async,
    "websockets.asyncio.client.connect": connect_async,
    "websockets.sync.client.connect": connect_sync,
}
_EXAMPLE_URL: Final = re.compile(r"[\"'(\s](?P<url>https?://[^\s\"')]+)")
_PLACEHOLDER: Final = "text"


def check_python(file: str, block: Block, log: Log) -> None:
    """Judge one block of Python that uses the library websockets, or writes JSON for the hub."""
    source = textwrap.dedent(re.sub(r"^(>>>|\.\.\.) ?", "", block.text, flags=re.MULTILINE))
    if "websockets" not in source:
        return
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        log.found(CODE, file, block.line + (error.lineno or 1) - 1, f"this is no Python: {error.msg}")
        return
    code = _Code(tree, source.splitlines())
    for call in code.calls:
        connect = _CONNECTS.get(code.full_name(call.func))
        if connect is not None:
            _check_call(file, block, code, call, connect, log)
    for literal in code.messages:
        value, text = code.plain(literal), ast.get_source_segment(source, literal) or ""
        shape = Shapes(log.bundle).of(value)
        if shape is not None and (shape.message is None or shape.message.direction == "client-to-hub"):
            check_value(file, value, text, block.line + literal.lineno - 1, shape, log)


class _Code:
    """A module, and what its names mean as far as a glance tells."""

    def __init__(self, tree: ast.Module, lines: list[str]) -> None:
        self._lines = lines
        self._imports: dict[str, str] = {}
        self._values: dict[str, ast.Assign] = {}
        self.calls: list[ast.Call] = []
        self.messages: list[ast.Dict] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self._imports |= {(name.asname or name.name): name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                self._imports |= {
                    (name.asname or name.name): f"{node.module}.{name.name}" for name in node.names
                }
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self._values[node.targets[0].id] = node
            elif isinstance(node, ast.Call):
                self.calls.append(node)
            elif isinstance(node, ast.Dict):
                self.messages.append(node)

    def full_name(self, node: ast.expr) -> str:
        """What a name was imported as: ``websockets.connect``."""
        if isinstance(node, ast.Attribute):
            return f"{self.full_name(node.value)}.{node.attr}"
        if isinstance(node, ast.Name):
            return self._imports.get(node.id, node.id)
        return ""

    def url_prefix(self, node: ast.expr, depth: int = 0) -> tuple[str, int]:
        """How a URL begins, and the line that says so; empty if that cannot be told."""
        if depth > 5:
            return "", 0
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value, node.lineno
        if isinstance(node, ast.JoinedStr) and node.values:
            first = node.values[0]
            inner = first.value if isinstance(first, ast.FormattedValue) else first
            return self.url_prefix(inner, depth + 1)
        if isinstance(node, ast.BinOp):
            return self.url_prefix(node.left, depth + 1)
        if isinstance(node, ast.Name) and node.id in self._values:
            assign = self._values[node.id]
            found = self.url_prefix(assign.value, depth + 1)
            # The comment beside a value from the environment says what is put there.
            comment = self._lines[assign.lineno - 1].partition("#")[2]
            example = _EXAMPLE_URL.search(f" {comment}")
            return (example["url"], assign.lineno) if example and not found[0] else found
        return "", 0

    def plain(self, node: ast.expr) -> Json:
        """A literal as JSON, with some text for whatever is worked out when the code runs."""
        if isinstance(node, ast.Dict):
            return {
                str(key.value): self.plain(value)
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            }
        if isinstance(node, ast.List | ast.Tuple):
            return [self.plain(element) for element in node.elts]
        if isinstance(node, ast.Constant):
            return node.value
        return _PLACEHOLDER


def _check_call(
    file: str, block: Block, code: _Code, call: ast.Call, connect: Callable[..., Any], log: Log
) -> None:
    line = block.line + call.lineno - 1
    allowed = _parameters(connect)
    unknown = [word for word in call.keywords if word.arg is not None and word.arg not in allowed]
    for word in unknown:
        near = [name for name in allowed if name.endswith(str(word.arg).rpartition("_")[2])]
        instead = f"; it has {', '.join(near)}" if near else ""
        log.found(
            CODE,
            file,
            block.line + word.value.lineno - 1,
            f"websockets.connect of the installed release takes no argument `{word.arg}`{instead}",
            f"websockets.connect takes {', '.join(list(inspect.signature(connect).parameters)[:12])}",
        )
    prefix, prefix_line = code.url_prefix(call.args[0]) if call.args else ("", 0)
    if prefix.startswith(("http://", "https://")):
        at = block.line + (prefix_line or call.lineno) - 1
        log.found(
            CODE,
            file,
            at,
            f"websockets.connect takes no {prefix.partition(':')[0]}:// URL: {prefix}",
            _SCHEME,
        )
    elif not unknown:
        log.held(CODE, file, line)


_SCHEME: Final = (
    "the URL of a WebSocket begins with ws:// or wss:// (RFC 6455);"
    " Python's websockets and Go's gorilla/websocket refuse any other"
)


def _parameters(connect: Callable[..., Any]) -> frozenset[str]:
    """Everything that may be given by name: ``connect`` hands on what it does not know to asyncio."""
    own = set(inspect.signature(connect).parameters)
    passed_on = set(inspect.signature(asyncio.AbstractEventLoop.create_connection).parameters)
    return frozenset((own | passed_on) - {"self", "kwargs", "protocol_factory"})
