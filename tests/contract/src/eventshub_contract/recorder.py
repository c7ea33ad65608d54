"""Hears all that is said in a run, and holds every word from the hub against the documents."""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .bundle import Bundle, Endpoint, Json, ResponseSpec, as_object
from .headers import undocumented
from .redaction import Secrets
from .schemas import Schemas
from .traffic import Traffic

SUCCESS_RULES: Final = {
    "/v1/ws/unsubscribe": "UNSUB-1",
    "/v1/ws/clients": "OPS-1",
    "/v1/ws/stats": "OPS-2",
}
"""The rule that a malformed answer of success breaks; errors break ERR-1."""

FINDING_RULES: Final = ("CONN-1", "CONN-6", "EVT-1", "UNSUB-1", "OPS-1", "OPS-2", "ERR-1", "ERR-2")
"""The rules that a finding can be filed under."""

_INNARDS: Final = re.compile(
    r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+|\.(?:py|go|js|rs):\d+"
    r"|goroutine \d+ \[|(?:^|[\s\"'(=])/(?:usr|home|root|var|opt|srv|app|tmp|etc)/\w",
)
_LONGEST_LINE: Final = 600
_LONGEST_VALUE: Final = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Json:
        """The body decoded; None when it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON."""
        return self.json is not None or self.body.strip() == b"null"

    @property
    def message(self) -> str:
        """What an error response says was wrong; empty when it says nothing."""
        message = (as_object(self.json) or {}).get("message")
        return message if isinstance(message, str) else ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something from the hub that the documents do not allow."""

    rule: str
    what: str
    """In words that are the same for the next of the kind."""
    case: str
    came: str
    is_mild: bool = False
    """Of what proxies add and of further values of what is said to be open: in no document all the same."""


@dataclass
class Recorder:
    """All that was said and found in a run."""

    bundle: Bundle
    secrets: Secrets
    findings: list[Finding] = field(default_factory=list[Finding])
    heard: set[str] = field(default_factory=set[str])
    """Rules under which something was held against the documents."""

    def __post_init__(self) -> None:
        self.traffic = Traffic(self.bundle)
        self.schemas = Schemas(self.bundle)
        # Examples may show that more keys are tolerated; the judge has them published itself.
        self.exemplary = frozenset(
            (message.name, _of_any_element(unknown.text))
            for message in self.bundle.messages
            if message.role != "welcome"
            for example in message.examples
            for unknown in self.schemas.undocumented(message.schema, example)
        )

    def log(self, case: str) -> CaseLog:
        """A fresh log for one case."""
        return CaseLog(self, case)


class CaseLog:
    """What was said in one case. Safe to write to from several threads."""

    def __init__(self, recorder: Recorder, case: str) -> None:
        self._recorder = recorder
        self._bundle = recorder.bundle
        self._case = case
        self._schemas = recorder.schemas
        self._traffic = recorder.traffic.of(case)
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._lines: list[str] = []
        self._labels = itertools.count(1)

    @property
    def conversation(self) -> tuple[str, ...]:
        """What was said, a line each: seconds, who, ``>`` for sent and ``<`` for what came."""
        with self._lock:
            return tuple(self._lines)

    def next_label(self) -> str:
        """A name for the next connection."""
        return f"#{next(self._labels)}"

    def sent(self, who: str, text: str) -> None:
        """Note what the judge sent."""
        self._note(who, ">", text)

    def command(self, who: str, text: str) -> None:
        """Note a frame that the judge sent, whatever is in it."""
        self._note(who, ">", text)
        value = _decoded(text)
        if value is not None:
            self._traffic.command(value)

    def note(self, who: str, text: str) -> None:
        """Note what happened otherwise."""
        self._note(who, "-", text)

    def first_frame(self, who: str, text: str) -> None:
        """Note and check the first frame of a connection (protocol CONN-6)."""
        self._note(who, "<", text)
        self._check_leaks(text)
        value = self._object_in(text, "CONN-6")
        if value is not None:
            self._traffic.welcome()
            self._check(self._bundle.welcome.schema, value, "CONN-6", "the welcome", text)

    def frame(self, who: str, text: str) -> None:
        """Note and check a text frame after the first (protocol EVT-1)."""
        self._note(who, "<", text)
        self._check_leaks(text)
        value = self._object_in(text, "EVT-1")
        if value is None:
            return
        message = self._bundle.message_of(value)
        if message is None:
            named = ", ".join(
                f"{keys[0]} {value.get(keys[0])!r}" for keys in self._bundle.stream.discriminators
            )
            self._found("EVT-1", f"a message that is in no document: {named}", text)
            return
        self._traffic.frame(value)
        if message.role == "error":
            self._check_innards(text)
        self._check(message.schema, value, "EVT-1", message.name, text)

    def binary_frame(self, who: str, size: int) -> None:
        """Note a binary frame, which no hub may send (protocol EVT-1)."""
        self._note(who, "<", f"(binary frame, {size} bytes)")
        self._found("EVT-1", "a binary frame", f"{size} bytes")

    def answer(self, who: str, endpoint: Endpoint | None, answer: Answer) -> None:
        """Note and check an HTTP response; no endpoint: of a path that is in no document (protocol ERR-1)."""
        came = f"HTTP {answer.status} {answer.text}".rstrip()
        self._note(who, "<", came)
        self._traffic.response(endpoint, answer.status)
        self._check_headers(endpoint, answer, came)
        if answer.status == 101:
            return
        self._check_leaks(came)
        self._check_leaks(" ".join(f"{name}: {value}" for name, value in answer.headers.items()))
        is_well_formed = True
        if answer.status >= 400:
            self._check_innards(came)
            is_well_formed = self._has_error_shape(answer, came)
        if endpoint is not None:
            self._check_documented(endpoint, answer, came, is_well_formed=is_well_formed)

    def _check_headers(self, endpoint: Endpoint | None, answer: Answer, came: str) -> None:
        rule = _rule_of(endpoint, answer.status)
        self._recorder.heard.add(rule)
        documented = _documented(endpoint, answer.status) if endpoint is not None else None
        known = (*documented.headers, *documented.optional_headers) if documented is not None else ()
        where = (
            f"{endpoint.method.upper()} {endpoint.path}" if endpoint is not None else "an undocumented path"
        )
        for name in undocumented(answer.headers, known):
            evidence = f"{where} answered {answer.status} with {name}: {answer.headers[name]}; {came}"
            self._found(rule, f"a header that is in no document: {name}", evidence, is_mild=True)

    def _check_documented(
        self, endpoint: Endpoint, answer: Answer, came: str, *, is_well_formed: bool
    ) -> None:
        where = f"{endpoint.method.upper()} {endpoint.path}"
        rule = _rule_of(endpoint, answer.status)
        self._recorder.heard.add(rule)
        documented = _documented(endpoint, answer.status)
        if documented is None:
            self._found(rule, f"{where} answered with status {answer.status}, which is in no document", came)
            return
        for name in documented.headers:
            if name.lower() not in answer.headers:
                self._found(rule, f"{where} answered {answer.status} without the header {name}", came)
        content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if documented.content_type and content_type != documented.content_type.lower():
            wanted = documented.content_type
            self._found(
                rule, f"{where} answered {answer.status} as {content_type or 'nothing'}, not {wanted}", came
            )
        if documented.schema is None or not is_well_formed:
            return
        if not answer.is_json:
            self._found(rule, f"{where} {answer.status} is no JSON", came)
        elif answer.status >= 400:
            # Errors are alike, and which of them come is often a matter of timing: one finding for all.
            evidence = f"{where} {came}"
            self._check(documented.schema, answer.json, rule, "an error", evidence)
        else:
            self._check(documented.schema, answer.json, rule, f"{where} {answer.status}", came)

    def _has_error_shape(self, answer: Answer, came: str) -> bool:
        self._recorder.heard.add("ERR-1")
        body = as_object(answer.json) or {}
        if answer.message and body.get("code") == answer.status:
            return True
        what = f"an error that is not {{code: {answer.status}, message: what was wrong}} in JSON"
        self._found("ERR-1", what, came)
        return False

    def _object_in(self, text: str, rule: str) -> dict[str, Json] | None:
        self._recorder.heard.add(rule)
        value = _decoded(text)
        if value is None:
            self._found(rule, "a frame that is no JSON object", text)
        return value

    def _check(self, schema: Json, value: Json, rule: str, name: str, came: str) -> None:
        for violation, there in self._bundle.kinds_of_violations(schema, value):
            evidence = f"it is {there}; {came}" if len(there) <= _LONGEST_VALUE else came
            self._found(rule, f"{name} breaks its schema {violation}", evidence)
        for unknown in self._schemas.undocumented(schema, value):
            text = _of_any_element(unknown.text)
            if (name, text) not in self._recorder.exemplary:
                what = f"{name} has what is in no document {text}"
                self._found(rule, what, came, is_mild=not unknown.is_key)

    def _check_leaks(self, text: str) -> None:
        if self._recorder.secrets.leak_in(text):
            self._found("ERR-2", "a credential repeated by the hub", text)

    def _check_innards(self, text: str) -> None:
        self._recorder.heard.add("ERR-2")
        innards = _INNARDS.search(text)
        if innards:
            self._found("ERR-2", f"the hub's innards: {innards[0].strip()}", text)

    def _found(self, rule: str, what: str, came: str, *, is_mild: bool = False) -> None:
        redact = self._recorder.secrets.redact
        finding = Finding(rule, redact(what), self._case, _shortened(redact(came)), is_mild)
        with self._lock:
            self._recorder.findings.append(finding)

    def _note(self, who: str, sign: str, text: str) -> None:
        said = _shortened(self._recorder.secrets.redact(text))
        with self._lock:
            self._lines.append(f"{time.monotonic() - self._started:8.3f} {who} {sign} {said}")


def _rule_of(endpoint: Endpoint | None, status: int) -> str:
    """The rule that an answer breaks which is not as documented."""
    if status == 101:
        return "CONN-1"
    return SUCCESS_RULES.get(endpoint.path, "ERR-1") if endpoint is not None and status < 400 else "ERR-1"


def _documented(endpoint: Endpoint, status: int) -> ResponseSpec | None:
    return endpoint.responses.get(str(status)) or endpoint.responses.get("default")


def _of_any_element(where: str) -> str:
    """A place without the number of an element in a list."""
    path, sign, rest = where.partition(": ")
    return re.sub(r"\.\d+(?=\.|$)", ".*", path) + sign + rest


def _decoded(text: str) -> dict[str, Json] | None:
    try:
        return as_object(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _shortened(text: str) -> str:
    line = text.replace("\r", "\\r").replace("\n", "\\n")
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}... ({len(line)} characters)"
