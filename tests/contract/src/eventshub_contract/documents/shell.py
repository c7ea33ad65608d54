"""curl, websocat and wscat in blocks for a shell."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from .json_blocks import check_value, filled
from .log import Log
from .lookup import Lookup
from .page import Block
from .rules import SHELL
from .shapes import Shape

LANGUAGES: Final = frozenset({"sh", "bash", "shell", "console", "zsh", "shell-session"})
_TOOLS: Final = frozenset({"curl", "websocat", "wscat"})
_HEADER_OPTIONS: Final = frozenset({"-H", "--header"})
_DATA_OPTIONS: Final = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--json"})
_METHOD_OPTIONS: Final = frozenset({"-X", "--request"})
_WITH_VALUE: Final = frozenset(
    {"-o", "-u", "--user", "--cacert", "-m", "--max-time", "-w", "--write-out", "-A"}
)


@dataclass
class _Call:
    """A tool and what it was given."""

    tool: str
    line: int
    url: str = ""
    method: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    data: str | None = None
    data_line: int = 0


def check_shell(file: str, block: Block, log: Log) -> None:
    """Judge the calls of a block that go to the hub."""
    for call in _calls(block):
        _check(file, call, log)


def _check(file: str, call: _Call, log: Log) -> None:
    lookup = Lookup(log.bundle)
    try:
        url = urlsplit(call.url)
    except ValueError:
        return
    if not lookup.endpoints(url.path) and not lookup.is_meant(url.path):
        return
    fault = lookup.path_fault(None if call.tool != "curl" else call.method or _method(call), call.url)
    if fault:
        log.found(SHELL, file, call.line, f"{call.tool}: {fault}", lookup.endpoints_shown)
        return
    scheme_fault = _scheme_fault(call, url.scheme)
    if scheme_fault:
        log.found(SHELL, file, call.line, scheme_fault)
        return
    endpoint = next((each for each in lookup.endpoints(url.path)), None)
    names = {name.lower() for name in call.headers}
    has_credential = bool(names & {"authorization", "x-api-key"}) or "access_token" in url.query
    if endpoint is not None and "401" in endpoint.responses and not has_credential:
        what = f"{call.tool}: {endpoint.path} needs a credential, and none is sent"
        log.found(SHELL, file, call.line, what, log.says("AUTH-1", "AUTH-2"))
        return
    for name in call.headers:
        header_fault = lookup.header_fault(name)
        if header_fault:
            log.found(SHELL, file, call.line, f"{call.tool}: {header_fault}")
            return
    if endpoint is not None and endpoint.request is not None:
        if call.data is None:
            log.found(SHELL, file, call.line, f"curl: {endpoint.path} needs a body, and none is sent")
            return
        try:
            value = json.loads(filled(call.data))
        except ValueError as error:
            log.found(SHELL, file, call.line, f"curl: the body is no JSON: {error}")
            return
        if call.tool == "curl" and "content-type" not in names and "--json" not in call.method:
            what = f"curl: {endpoint.path} is sent a body without Content-Type: application/json"
            log.found(SHELL, file, call.line, what, log.says("UNSUB-5"))
            return
        name = f"the request {endpoint.operation_id}"
        check_value(file, value, call.data, call.data_line, Shape(name, endpoint.request), log)
    log.held(SHELL, file, call.line)


def _method(call: _Call) -> str:
    return "POST" if call.data is not None else "GET"


def _scheme_fault(call: _Call, scheme: str) -> str:
    if call.tool == "curl" and scheme in {"ws", "wss"}:
        return ""  # recent curl speaks WebSocket
    if call.tool != "curl" and scheme in {"http", "https"}:
        return f"{call.tool} takes ws:// and wss:// URLs alone, not {scheme}://"
    return ""


def _calls(block: Block) -> Iterator[_Call]:
    for text, line in _commands(block):
        try:
            words = shlex.split(text)
        except ValueError:
            continue
        starts = [index for index, word in enumerate(words) if word in _TOOLS]
        if starts:
            call = _call(words[starts[0] :], line)
            before = text.partition(call.data)[0] if call.data else ""
            call.data_line = line + before.count("\n")
            yield call


def _commands(block: Block) -> Iterator[tuple[str, int]]:
    """Commands over as many lines as they take: with a backslash at the end, or a quote that is open."""
    pending, start = "", 0
    for number, raw in enumerate(block.text.splitlines()):
        line = re.sub(r"^\$ ", "", raw) if not pending else raw
        if not pending:
            start = number
        pending += f"{line}\n"
        if line.endswith("\\"):
            continue
        try:
            shlex.split(pending)
        except ValueError:
            continue
        yield pending, block.line + start
        pending = ""


def _call(words: list[str], line: int) -> _Call:
    call = _Call(words[0], line)
    rest = iter(words[1:])
    for word in rest:
        name, has_value, attached = word.partition("=") if word.startswith("--") else (word, "", "")
        if name in _HEADER_OPTIONS:
            header, _, value = (attached if has_value else next(rest, "")).partition(":")
            call.headers[header.strip()] = value.strip()
        elif name in _DATA_OPTIONS:
            call.data = attached if has_value else next(rest, "")
            if name == "--json":
                call.headers.setdefault("Content-Type", "application/json")
        elif name in _METHOD_OPTIONS:
            call.method = attached if has_value else next(rest, "")
        elif name in _WITH_VALUE:
            if not has_value:
                next(rest, "")
        elif not word.startswith("-") and ("://" in word or "/v1/" in word) and not call.url:
            call.url = word
        elif word in {"|", "&&", "||", ";"}:
            break
    return call
