"""What ``--help`` says."""

from __future__ import annotations

from .event_filter import ENVELOPE
from .exit_codes import EXIT_CODES

HELP = f"""\
Watch, ask and record an Events Hub.

Say which hub with --url or EVENTS_HUB_URL, and who you are with
EVENTS_HUB_TOKEN, EVENTS_HUB_API_KEY or --token-file.

\b
Examples:
  export EVENTS_HUB_URL=https://hub.example.com EVENTS_HUB_TOKEN
  eventshub whoami
  eventshub tail --channels pdfm
  eventshub record today.jsonl --since-connect 3600

\b
{EXIT_CODES}"""

TAIL_HELP = f"""\
Print events as they come.

One line an event; --pretty has the whole body below it, and --json is the
frame as the hub sent it, one a line, ready for jq. Where events are missing a
notice stands among them, in JSON an object with the key "notice". What else
there is to tell of the connection goes to standard error.

--where takes an expression over the event's JSON: {", ".join(ENVELOPE)},
and event, which is all of it. There are ==, !=, <, <=, >, >=, in, not in,
and, or, not, [lists], "strings", numbers, true, false, null, .key and ["a key"],
startswith(a, b), endswith(a, b), lower(a) and len(a). What is missing is null,
and a comparison that makes no sense is false.

\b
Examples:
  eventshub tail --channels pdfm,health
  eventshub tail --channels pdfm \\
      --where 'body.current_state == "stopped"'
  eventshub tail --where 'startswith(message, "HOST_")' --pretty
  eventshub tail --channels pdfm --json | jq .body.vm_id
  eventshub tail --channels pdfm --count 1 --since-connect 60 \\
      --where 'body.vm_id == "vm-1"' || echo "nothing for a minute"
"""

RECORD_HELP = """\
Write events to a file, one JSON object a line, until Ctrl-C.

Each line holds when the frame arrived and the frame exactly as the hub sent
it; gaps are lines of their own. The README of eventshub describes the format.
FILE must not exist yet; - is standard output.

\b
Examples:
  eventshub record today.jsonl --channels pdfm,orchestrator
  eventshub record minute.jsonl --since-connect 60
  eventshub record - | gzip > today.jsonl.gz
"""

PING_HELP = """\
Send a ping and print the round trip.

\b
Examples:
  eventshub ping
  eventshub ping --timeout 2 --json
"""

WHOAMI_HELP = """\
Connect, say as whom and with which channels, and leave.

\b
Examples:
  eventshub whoami
  eventshub whoami --channels pdfm,typo --json
"""

UNSUBSCRIBE_HELP = """\
Drop channels from a live connection of yours; its socket stays open.

What the hub refuses is said, with exit code 8, also when the rest was done.

\b
Examples:
  eventshub clients
  eventshub unsubscribe 0b7e3a52-7d8c-4f0e-9f63-1d5b2a9c8e11 pdfm health
"""

CLIENTS_HELP = """\
List your live connections; all of them if you are an administrator.

\b
Examples:
  eventshub clients
  eventshub clients --json | jq -r .id
"""

STATS_HELP = """\
Print the hub's counters.

\b
Examples:
  eventshub stats
  eventshub stats --json | jq .total_clients
"""
