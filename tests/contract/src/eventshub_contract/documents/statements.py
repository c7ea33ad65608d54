"""What the text says of the hub, where it can be understood: where fields are, and what becomes of what."""

from __future__ import annotations

import re
from typing import Final

from ..schemas import Schemas
from .log import Log
from .page import Page
from .rules import STATEMENTS
from .topics import TOPICS, Topic

_IN_BODY: Final = re.compile(
    r"`(?P<field>\w[\w-]*)` (?:is |sits |comes )?(?:in|inside|within)"
    r" (?:the|an|each|every) (?:event(?:'s)? |message(?:'s)? )?`?body`?"
)
_AT_TOP: Final = re.compile(r"(?:top[- ]level|at the top level,?) `(?P<field>\w[\w-]*)`")
_BODY_FIELD: Final = re.compile(r"\bbody(?:\.(?P<dotted>\w+)|\[[\"'](?P<quoted>[\w-]+)[\"']\])")


def check_statements(page: Page, log: Log) -> None:
    """Judge what a document's text says."""
    _check_fields(page, log)
    for topic in TOPICS:
        _check_topic(page, topic, log)


def _check_fields(page: Page, log: Log) -> None:
    schemas = Schemas(log.bundle)
    sent = [message for message in log.bundle.messages if message.direction == "hub-to-client"]
    tops = {message.name: schemas.properties(message.schema) for message in sent}
    bodies = {name: schemas.properties(keys["body"]) if "body" in keys else {} for name, keys in tops.items()}
    for text in page.texts:
        for sentence, line in text.sentences:
            for match in _IN_BODY.finditer(sentence):
                name = match["field"]
                at_top = [message for message in tops if name in tops[message]]
                in_body = [message for message in bodies if name in bodies[message]]
                names_one = any(word in f"{sentence} {text.heading}" for word in _named(in_body))
                if len(at_top) > len(in_body) and not names_one:
                    log.found(
                        STATEMENTS,
                        page.file,
                        line,
                        f"`{name}` is said to be in the body: it is at the top level of the event",
                        log.says("EVT-1", "EVT-3") if name == "client_id" else log.says("EVT-1"),
                    )
                elif at_top or in_body:
                    log.held(STATEMENTS, page.file, line)
            for match in _AT_TOP.finditer(sentence):
                name = match["field"]
                if any(name in keys for keys in tops.values()):
                    log.held(STATEMENTS, page.file, line)
                elif any(name in keys for keys in bodies.values()):
                    what = f"`{name}` is said to be at the top level: it is in the body"
                    log.found(STATEMENTS, page.file, line, what, log.says("EVT-1"))
        for span, line in text.spans:
            field = _BODY_FIELD.fullmatch(span.removeprefix("event.").removeprefix("frame."))
            if field is not None:
                name = field["dotted"] or field["quoted"]
                is_known = any(name in keys for keys in bodies.values())
                fault = "" if is_known else f"no message has `{name}` in its body"
                log.judged(STATEMENTS, page.file, line, fault)


def _named(messages: list[str]) -> list[str]:
    """How texts call messages: by their names, and `Welcome` as the welcome."""
    return [*messages, *(message.lower() for message in messages)]


def _check_topic(page: Page, topic: Topic, log: Log) -> None:
    stated: dict[str, int] = {}
    quotes: dict[str, str] = {}
    says = log.says(*topic.rules)
    right = topic.outcomes[0][0]
    for text in page.texts:
        for sentence, line in text.sentences:
            if not topic.about.search(sentence) or (topic.apart and topic.apart.search(sentence)):
                continue
            outcome = next((name for name, words in topic.outcomes if words.search(sentence)), None)
            if outcome is None:
                continue
            if outcome not in stated:
                stated[outcome], quotes[outcome] = line, sentence
            if outcome == right:
                log.held(STATEMENTS, page.file, line)
            else:
                what = f"{topic.name}: this says that {outcome}; the spec says that {right}"
                log.found(STATEMENTS, page.file, line, f"{what}: “{sentence[:160]}”", says)
    if len(stated) > 1:
        first, *others = sorted(stated, key=lambda outcome: stated[outcome])
        for other in others:
            what = (
                f"{topic.name} is described in two ways: line {stated[first]} says that {first}"
                f" (“{quotes[first][:100]}”), this says that {other}"
            )
            log.found(STATEMENTS, page.file, stated[other], what, says)
