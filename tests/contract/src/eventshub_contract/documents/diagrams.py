"""Sequence diagrams in mermaid, held against the operations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..bundle import Endpoint
from .log import Log
from .lookup import Lookup, phrase_fault
from .page import Block
from .rules import DIAGRAMS

LANGUAGES: Final = frozenset({"mermaid"})
_ARROW: Final = re.compile(
    r"^\s*(?P<of>[\w ]+?)\s*(?:<<)?-{1,2}(?:>>|>|x|\))[+-]?\s*(?P<to>[\w ]+?)\s*:\s*(?P<text>.*)$"
)
_ALIAS: Final = re.compile(r"^\s*(?:participant|actor)\s+(?P<id>\w+)(?:\s+as\s+(?P<name>.+))?$")
_REQUEST: Final = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE)\s+(/\S+)")
_STATUS: Final = re.compile(r"^(?:HTTP )?(?P<status>[1-5]\d\d)\b\s*(?P<phrase>[A-Z][\w -]*)?")
_NAME: Final = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_HUB: Final = re.compile(r"hub|server|service|backend", re.IGNORECASE)
_CLIENT: Final = re.compile(r"client|app|browser|sdk|consumer|user|script", re.IGNORECASE)
_WELCOME: Final = re.compile(r"\bwelcome\b", re.IGNORECASE)
_EVENTS: Final = re.compile(r"\bevents?\b|\bVM_|\bHOST_", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Line:
    of: str
    to: str
    text: str
    line: int


def check_diagram(file: str, block: Block, log: Log) -> None:
    """Judge one diagram, if it is of a client and a hub."""
    if not block.text.lstrip().startswith("sequenceDiagram"):
        return
    state = _State(file, log)
    for line in _lines(block):
        state.take(line)


class _State:
    """How far the conversation of a diagram has come."""

    def __init__(self, file: str, log: Log) -> None:
        self._file = file
        self._log = log
        self._lookup = Lookup(log.bundle)
        self._asked: Endpoint | None = None
        self._is_upgraded = self._is_welcomed = False
        self._commands: list[str] = []

    def take(self, line: _Line) -> None:
        is_to_hub = bool(_HUB.search(line.to)) and not _HUB.search(line.of)
        is_to_client = bool(_HUB.search(line.of)) and not _HUB.search(line.to)
        if not is_to_hub and not is_to_client:
            return
        fault, says = self._to_hub(line.text) if is_to_hub else self._to_client(line.text)
        self._log.judged(DIAGRAMS, self._file, line.line, fault, says)

    def _to_hub(self, text: str) -> tuple[str, str]:
        request = _REQUEST.search(text)
        if request:
            fault = self._lookup.path_fault(request[1], request[2])
            found = self._lookup.endpoints(request[2].partition("?")[0])
            self._asked = found[0] if found else None
            return fault, self._lookup.endpoints_shown
        if _STATUS.match(text):
            return f"a status is an answer of the hub, here it goes to it: {text}", ""
        if _WELCOME.search(text):
            return "the welcome comes from the hub, here it goes to it", self._log.says("CONN-6")
        for operation in self._log.bundle.operations:
            replies = {
                message.values.get("message", "")
                for message in self._log.bundle.messages
                if message.name in operation.replies
            }
            command = next(m for m in self._log.bundle.messages if m.name == operation.request)
            verb = command.values.get("message", "")
            if re.search(rf"\b{re.escape(verb)}\b", text):
                self._commands.append(operation.name)
            elif any(re.search(rf"\b{re.escape(reply)}\b", text) for reply in replies - {verb}):
                return f"{text}: that is a reply of the hub, here it goes to it", self._log.says("CMD-2")
        return self._names(text, "client-to-hub")

    def _to_client(self, text: str) -> tuple[str, str]:
        if _REQUEST.search(text):
            return f"a request comes from the client, here the hub makes it: {text}", ""
        status = _STATUS.match(text)
        if status:
            return self._status(status["status"], (status["phrase"] or "").strip())
        if _WELCOME.search(text):
            if self._asked is not None and self._asked.websocket and not self._is_upgraded:
                return "the welcome comes after 101 Switching Protocols", self._log.says("CONN-6")
            self._is_welcomed = True
            return "", ""
        is_event = bool(_EVENTS.search(text))
        if is_event and self._is_upgraded and not self._is_welcomed:
            return "the first frame is the welcome; here an event comes before it", self._log.says("CONN-6")
        return self._names(text, "hub-to-client")

    def _status(self, status: str, phrase: str) -> tuple[str, str]:
        fault = phrase_fault(int(status), phrase)
        if fault:
            return fault, ""
        asked = self._asked
        if asked is not None and status not in asked.responses:
            named = f"{asked.method.upper()} {asked.path}"
            return (
                f"{named} is not documented to answer {status}",
                f"{named} answers {', '.join(asked.responses)}",
            )
        if status == "101":
            if asked is None or not asked.websocket:
                return "101 without a request to upgrade before it", self._log.says("CONN-1")
            self._is_upgraded = True
        return "", ""

    def _names(self, text: str, direction: str) -> tuple[str, str]:
        for name in _NAME.findall(text):
            if name not in self._lookup.message_values:
                return self._lookup.message_fault(name) or f"there is no message {name}", ""
            directions = {m.direction for m in self._log.bundle.messages if m.values.get("message") == name}
            if direction not in directions:
                return f"{name} goes {' and '.join(sorted(directions))}, here {direction}", ""
        return "", ""


def _lines(block: Block) -> list[_Line]:
    names: dict[str, str] = {}
    found: list[_Line] = []
    for number, raw in enumerate(block.text.splitlines()):
        alias = _ALIAS.match(raw)
        if alias:
            names[alias["id"]] = alias["name"] or alias["id"]
        arrow = _ARROW.match(raw)
        if arrow:
            of, to = arrow["of"].strip(), arrow["to"].strip()
            found.append(
                _Line(names.get(of, of), names.get(to, to), arrow["text"].strip(), block.line + number)
            )
    return found
