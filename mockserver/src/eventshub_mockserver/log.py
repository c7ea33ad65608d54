"""Log lines of the command line: one line each, whatever happens, each with the connection it is about."""

from __future__ import annotations

import json
import logging
import re
import time
from contextvars import ContextVar
from typing import Any, Final

CONNECTION: Final = ContextVar("CONNECTION", default="-")
"""The connection that is being served: a client ID, or before there is one a number of the TCP connection."""
_FACT: Final = re.compile(r"(\w+)=%[^a-z]*[a-z]")


class ConnectionFilter(logging.Filter):
    """Notes on each record which connection it is about."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let it pass, with its ``connection``."""
        facts = _facts(record)
        record.connection = facts.get("connection", CONNECTION.get())
        return True


class OneLineFormatter(logging.Formatter):
    """Time in UTC, level, logger, connection, message; a traceback stays on the line of its message."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s [%(connection)s] %(message)s",
            "%Y-%m-%dT%H:%M:%S",
        )
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        line = super().format(record).replace("\r", "").replace("\n", " | ")
        # It stands in the brackets already.
        return line.replace(f" connection={getattr(record, 'connection', '-')}", "", 1)


class JsonFormatter(logging.Formatter):
    """One JSON object a line; what a message says as ``key=value`` is a member of it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        facts = _facts(record)
        message = record.msg[: _FACT.search(record.msg).start()].rstrip() if facts else record.getMessage()  # type: ignore[union-attr] # there are facts because it matches
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "connection": getattr(record, "connection", "-"),
            "message": message,
            **facts,
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_to_stderr(level: str, form: str = "text") -> None:
    """Send log records of ``level`` and above to standard error, as ``text`` or ``json``."""
    handler = logging.StreamHandler()
    handler.addFilter(ConnectionFilter())
    handler.setFormatter(JsonFormatter() if form == "json" else OneLineFormatter())
    # A disk that is full, or a reader that has gone, must not be told of by further lines.
    logging.raiseExceptions = False
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    """What a message says as ``key=%s``, unless it has other parts to be filled in."""
    if not isinstance(record.msg, str) or not isinstance(record.args, tuple):
        return {}
    names = _FACT.findall(record.msg)
    if len(names) != len(record.args) or record.msg.count("%") != len(names):
        return {}
    return dict(zip(names, record.args, strict=True))
