"""What of a finding is another one in each run: IDs, times, addresses, measurements and counts."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = r"\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_COUNTED: Final = (
    r"(?:ms|s|seconds?|bytes|characters|commands|connections|digits|events|frames|further|handshakes"
    r"|lines|messages|more|pings|times|were|said|got)"
)
_VALUE_OF_A_KEY: Final = re.compile(
    r"""(["'](?:id|ref_id|client_id|client-id|timestamp|connected_at|last_ping_at|last_pong_at"""
    r"""|start_time|uptime)["']:\s*)(?:"[^"]*"|'[^']*'|-?\d[\d.e+-]*)"""
)
_VOLATILE: Final = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b"
    r"|\b\d{4}-\d\d-\d\d[T ]\d\d:[\d:.]+(?:Z|[+-]\d\d:?\d\d)?"
    r"|(?<=#)\d+|\bjudge-\w+\b"
    r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\d.])|(?<=localhost:)\d+|(?<=\[::1\]:)\d+"
    r"|\b[0-9a-fA-F]{16,}\b|\b\d{9,}\b|\b\d+\.\d+(?:e[+-]?\d+)?\b"
    rf"|\b{_NUMBER}(?= ?(?:[A-Z]\w+ )?{_COUNTED}\b)"
)
_ANYTHING_OFTEN: Final = re.compile(r"\*(?:[\s,;]*\*)+")


def generalised(text: str) -> str:
    """A finding with ``*`` for all that is another one in each run.

    Statuses, close codes and limits of the protocol stay as they are: they are what was found.
    """
    without_values = _VALUE_OF_A_KEY.sub(r"\1*", text)
    return _ANYTHING_OFTEN.sub("*", _VOLATILE.sub("*", without_values))
