"""Log lines of the command line: one line each, whatever happens."""

from __future__ import annotations

import logging
import time


class OneLineFormatter(logging.Formatter):
    """Time in UTC, level, logger, message; a traceback stays on the line of its message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        return super().format(record).replace("\r", "").replace("\n", " | ")


def log_to_stderr(level: str) -> None:
    """Send log records of ``level`` and above to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLineFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
