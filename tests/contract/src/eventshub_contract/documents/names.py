"""Names in text, in tables and in URLs, looked up in the spec."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from .log import Log
from .lookup import Lookup, phrase_fault
from .page import Page, Table, Text
from .rules import NAMES, STATUSES

METHOD_PATH: Final = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+`?(/[\w\-./{}?=,&%]*)")
_URL: Final = re.compile(r"\b(?:https?|wss?)://[^\s`\"'<>)\\]+")
_BARE_PATH: Final = re.compile(r"/[\w\-./{}]+(?:\?[\w=,&\-]*)?")
_CHANNEL_BEFORE: Final = re.compile(r"`([\w-]+)`\s+(?:event )?channel\b")
_CHANNEL_AFTER: Final = re.compile(
    r"\b(?:channels?|[Ss]ubscrib(?:e|es|ed|ing|ption)\s+to|listen(?:ing)? to|broadcast via)\s+`([\w,-]+)`"
)
_MESSAGE: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z][a-z]+(?:[A-Z][a-z]+)+")
_IN_CODE: Final = re.compile(
    r"(?<![\w.])(?:[A-Z][a-z]+(?:[A-Z][a-z]+)+|(?<=[\"'])[A-Z]+(?:_[A-Z]+)+(?=[\"']))(?!\w)"
)
_HEADER: Final = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)+(?=$|:)")
_RULE: Final = re.compile(r"\b([A-Z]{2,5})-(\d{1,2})\b(?!-)")
_STATUS: Final = re.compile(
    r"`?\b(?P<status>[1-5]\d\d)\b"
    r"(?P<phrase>(?: (?:[A-Z][a-z]+|\bto\b)(?:-[A-Z][a-z]+)*(?=[ `.,;:)]|$)){1,4})?`?"
)
_STATUS_WORD: Final = re.compile(
    r"\b(?:HTTP|status(?: code)?|answer(?:s|ed)?(?: with)?|gets?|returns?|receive) $|`$", re.IGNORECASE
)
_ENDPOINT_WORDS: Final = (
    ("unsubscribe", re.compile(r"\b(?:un|Un)subscrib(?:e|es|ing)\b")),
    ("subscribe", re.compile(r"\b(?:on connect|handshake|upgrade|[Ss]ubscrib(?:e|es|ing))\b")),
)
_MOST: Final = 3
"""A table that has this many channels is meant to have all of them."""


def check_names(page: Page, log: Log) -> None:
    """Look up every name of a document's text."""
    lookup = Lookup(log.bundle)
    rules = {rule.id for rule in log.bundle.rules}
    families = {rule.partition("-")[0] for rule in rules}
    for text in page.texts:
        _paths(page.file, text, lookup, log)
        _channels(page.file, text, lookup, log)
        for span, line in text.spans:
            _span(page.file, span, line, lookup, log)
        for match in _RULE.finditer(text.text):
            if match[1] in families:
                fault = "" if match[0] in rules else f"there is no rule {match[0]}"
                log.judged(NAMES, page.file, text.line_of(match.start()), fault)
        _statuses(page.file, text, log)
    for table in page.tables:
        _table(page.file, table, lookup, log)
    for block in page.blocks:
        for match in (*METHOD_PATH.finditer(block.text), *_URL.finditer(block.text)):
            line = block.line + block.text.count("\n", 0, match.start())
            method = match[1] if match.re is METHOD_PATH else None
            _path(page.file, line, method, match[match.re.groups], lookup, log)
        for match in _IN_CODE.finditer(block.text):
            line = block.line + block.text.count("\n", 0, match.start())
            _message(page.file, match[0], line, lookup, log)


def _message(file: str, name: str, line: int, lookup: Lookup, log: Log) -> None:
    fault = lookup.message_fault(name)
    if fault:
        log.found(NAMES, file, line, fault)
    elif lookup.is_message(name):
        log.held(NAMES, file, line)


def _paths(file: str, text: Text, lookup: Lookup, log: Log) -> None:
    for match in METHOD_PATH.finditer(text.text):
        _path(file, text.line_of(match.start()), match[1], match[2], lookup, log)
    for match in _URL.finditer(text.text):
        _path(file, text.line_of(match.start()), None, match[0], lookup, log)
    for span, line in text.spans:
        bare = _BARE_PATH.fullmatch(span)
        if bare:
            _path(file, line, None, bare[0], lookup, log)


def _path(file: str, line: int, method: str | None, target: str, lookup: Lookup, log: Log) -> None:
    try:
        path = urlsplit(target).path
    except ValueError:
        return
    if lookup.endpoints(path) or lookup.is_meant(path):
        log.judged(NAMES, file, line, lookup.path_fault(method, target), lookup.endpoints_shown)


def _channels(file: str, text: Text, lookup: Lookup, log: Log) -> None:
    for pattern in (_CHANNEL_BEFORE, _CHANNEL_AFTER):
        for match in pattern.finditer(text.text):
            for name in match[1].split(","):
                fault = lookup.channel_fault(name)
                log.judged(NAMES, file, text.line_of(match.start()), fault, lookup.channels_shown)


def _span(file: str, span: str, line: int, lookup: Lookup, log: Log) -> None:
    if span.startswith("event_types=") or "?event_types=" in span:
        fault = lookup.query_fault(span.partition("?")[2] or span)
        log.judged(NAMES, file, line, fault, lookup.channels_shown)
    if _MESSAGE.fullmatch(span):
        _message(file, span, line, lookup, log)
    header = _HEADER.match(span)
    if header and (span == header[0] or ": " in span) and span[0].isupper():
        log.judged(NAMES, file, line, lookup.header_fault(header[0]))


def _statuses(file: str, text: Text, log: Log) -> None:
    """A phrase has to be the status's; the status has to be one of the endpoint that is mentioned with it."""
    for match in _STATUS.finditer(text.text):
        phrase = (match["phrase"] or "").strip()
        is_status = phrase or _STATUS_WORD.search(
            text.text[: match.start()] + ("`" if match[0][0] == "`" else "")
        )
        if not is_status:
            continue
        line = text.line_of(match.start())
        is_phrase = phrase and text.text[match.start() - 1 : match.start() + 1].count("`") > 0
        fault = phrase_fault(int(match["status"]), phrase) if is_phrase else ""
        if fault:
            log.found(STATUSES, file, line, fault)
            continue
        sentence = _sentence_around(text.text, match.start())
        _status_of_endpoint(file, line, sentence, match["status"], log)


def _status_of_endpoint(file: str, line: int, sentence: str, status: str, log: Log) -> None:
    mentioned = [
        each for each in log.bundle.rest if f"{each.path}`" in sentence or f"{each.path} " in sentence
    ]
    if not mentioned:
        for operation, words in _ENDPOINT_WORDS:
            if words.search(sentence):
                mentioned = [each for each in log.bundle.rest if each.operation_id == operation]
                break
    if not mentioned:
        return
    if any(status in endpoint.responses for endpoint in mentioned):
        for endpoint in mentioned:
            if status in endpoint.responses:
                log.traffic.of(file).response(endpoint, int(status))
        log.held(STATUSES, file, line)
        return
    named = " and ".join(f"{endpoint.method.upper()} {endpoint.path}" for endpoint in mentioned)
    documented = sorted({status for endpoint in mentioned for status in endpoint.responses})
    log.found(
        STATUSES,
        file,
        line,
        f"{named} is not documented to answer {status}",
        f"{named} answers {', '.join(documented)}",
    )


def _sentence_around(text: str, offset: int) -> str:
    start = max((match.end() for match in re.finditer(r"[.!?;]\s", text[:offset])), default=0)
    end = re.search(r"[.!?;]\s|$", text[offset:])
    return text[start : offset + (end.end() if end else 0)]


def _table(file: str, table: Table, lookup: Lookup, log: Log) -> None:
    """A table with a column of channels has them all, and no other."""
    for column, head in enumerate(table.head):
        if "channel" not in head.lower():
            continue
        cells = [(line, row[column].strip()) for line, row in table.rows if column < len(row)]
        names = [(line, cell.strip("`")) for line, cell in cells if re.fullmatch(r"`[\w-]+`", cell)]
        known = {name for _, name in names} & set(log.bundle.stream.channels)
        if len(known) < _MOST:
            continue
        for line, name in names:
            log.judged(NAMES, file, line, lookup.channel_fault(name), lookup.channels_shown)
        missing = [name for name in log.bundle.stream.channels if name not in known]
        if missing:
            what = f"the table of channels lacks {', '.join(missing)}"
            log.found(NAMES, file, table.line, what, lookup.channels_shown)
