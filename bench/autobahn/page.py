"""docs/autobahn.md: what the suite found."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version

from .suite import VERDICTS, Case, Verdict

GROUPS: Mapping[str, str] = {
    "1": "frames of every length",
    "2": "pings and pongs",
    "3": "reserved bits",
    "4": "reserved opcodes",
    "5": "fragments",
    "6": "UTF-8",
    "7": "closing",
    "9": "large and many messages",
    "10": "messages in pieces",
}

_GATHERED = (
    "Answers are gathered until all that one read brought is taken; a broken frame in the same read ends the "
    "connection before they are written, so it depends on what arrives together."
)
_WHOLE_TEXT = (
    "Text is checked when its message is complete, not piece by piece; then the connection ends with 1007."
)
HUB_REASONS: Mapping[str, str] = {
    "3.": _GATHERED,
    "4.": _GATHERED,
    "5.": _GATHERED,
    "6.4.": _WHOLE_TEXT,
    "7.1.6.": "The close frame came while the message before it was still being sent back.",
    "7.13.": "RFC 6455 gives codes above 4999 no meaning; the hub answers with 1002.",
}

_LATER_ECHO = (
    "The echo is written a turn of the event loop after its message was read; a broken frame in the same "
    "read has ended the connection by then."
)
_GENERAL_CLIENT_REASONS: Mapping[str, str] = {
    "3.": _LATER_ECHO,
    "4.": _LATER_ECHO,
    "5.": _LATER_ECHO,
    "6.4.": _WHOLE_TEXT,
    "7.1.6.": "The close frame came while the message before it was still being sent back.",
    "7.13.": "RFC 6455 gives codes above 4999 no meaning.",
}
CLIENT_REASONS: Mapping[str, Mapping[str, str]] = {
    "websockets": {
        **_GENERAL_CLIENT_REASONS,
        "7.1.5.": "The library answers a close frame in the middle of a message with 1002, as a protocol "
        "error; the suite wants 1000.",
    },
    "picows": _GENERAL_CLIENT_REASONS,
}
ACCEPTED_FAILURES: Mapping[str, tuple[str, ...]] = {
    "hub": (),
    "websockets": ("7.1.5.",),
    "picows": (),
}
"""The cases, or groups of them, that may fail."""

_HEAD = """\
<!-- Written by `nox -s autobahn`; do not edit. -->
# What the Autobahn test suite says

The [Autobahn test suite](https://github.com/crossbario/autobahn-testsuite) tries implementations of WebSocket
with frames of every kind, right and wrong. This command runs it and writes this page; it fails when a case
fails that is not explained here:

```sh
nox -s autobahn
```

The suite needs Python 2.7: the session looks for a `python2.7` on the PATH and among those of pyenv, and is
skipped where there is none. Groups 12 and 13 of the suite are left out: they try compression, which the hub
never agrees to and the client never offers.

*Non-strict* is what the suite calls behaviour that RFC 6455 allows although it wishes for another;
*informational* is what the RFC leaves open.
"""

_HUB = """
## The hub

Server, sockets and queues of `eventshub-mockserver`, with an echo in place of the hub behind them and without
the welcome.
"""

_CLIENT = """\
The transport that `eventshub` makes of {library}, with an echo in place of the client on top of it.
"""


def _table(cases: Sequence[Case]) -> list[str]:
    counts: dict[str, Counter[Verdict]] = {}
    for case in cases:
        counts.setdefault(case.group, Counter())[case.verdict] += 1
    total = sum(counts.values(), Counter[Verdict]())
    rows = [
        *((f"{group} {GROUPS.get(group, '')}".strip(), count) for group, count in counts.items()),
        ("all", total),
    ]
    return [
        f"| group | {' | '.join(VERDICTS)} |",
        f"|---|{'---|' * len(VERDICTS)}",
        *(f"| {name} | {' | '.join(str(count[verdict]) for verdict in VERDICTS)} |" for name, count in rows),
    ]


def _reason(case: Case, reasons: Mapping[str, str]) -> str:
    known = next((why for start, why in reasons.items() if f"{case.number}.".startswith(start)), None)
    return known or f"Not looked into yet: {case.finding}."


def _not_strict(cases: Sequence[Case], reasons: Mapping[str, str]) -> list[str]:
    """A line for each verdict and reason, with the cases of which it is true."""
    by_reason: dict[tuple[Verdict, str], list[str]] = {}
    for case in cases:
        if case.verdict != "passed":
            by_reason.setdefault((case.verdict, _reason(case, reasons)), []).append(case.number)
    return [
        "| cases | verdict | why |",
        "|---|---|---|",
        *(f"| {', '.join(numbers)} | {verdict} | {why} |" for (verdict, why), numbers in by_reason.items()),
    ]


def _versions(suite: str, *distributions: str) -> str:
    named = [f"{name} {version(name)}" for name in distributions]
    return (
        f"Seen with {', '.join(named)}, Python {platform.python_version()} and version {suite} of the suite."
    )


def unaccepted(who: str, cases: Sequence[Case]) -> list[Case]:
    """Those that failed and may not."""
    accepted = ACCEPTED_FAILURES[who]
    return [case for case in cases if case.verdict == "failed" and not f"{case.number}.".startswith(accepted)]


def page(suite: str, hub: Sequence[Case], clients: Mapping[str, Sequence[Case]]) -> str:
    """The whole page; ``suite`` is the version of the suite, clients go by their library."""
    lines = [_HEAD + _HUB, *_table(hub), "", *_not_strict(hub, HUB_REASONS), ""]
    lines += [_versions(suite, "eventshub-mockserver", "aiohttp", "uvloop")]
    for library, cases in clients.items():
        lines += [
            "",
            f"## The client with {library}",
            "",
            _CLIENT.format(library=library),
            *_table(cases),
            "",
        ]
        lines += [*_not_strict(cases, CLIENT_REASONS[library]), "", _versions(suite, "eventshub", library)]
    return "\n".join(lines) + "\n"
