"""Faults of an open connection as a whole: how it ends, what is read and written."""

from __future__ import annotations

from typing import Final

from ..core.interference import Step
from .entry import CHANNEL, MESSAGE, FaultEntry, Parameter

_WHEN: Final = (Step.OPEN, Step.WELCOME, Step.EVENT, Step.REPLY)
_AFTER: Final = Parameter(
    name="after",
    kind=float,
    meaning="how long a connection is open before it strikes; at step open only",
    unit="seconds",
    default=0.0,
    minimum=0,
    maximum=86400,
)
_SECONDS: Final = Parameter(
    name="seconds",
    kind=float,
    meaning="how long it lasts, unless the fault is removed before",
    unit="seconds",
    default=300.0,
    minimum=0,
    maximum=3600,
)
_OPEN: Final = (
    "At the step open it strikes every connection in its scope: those that are open at once, later ones "
    "right after "
    "their welcome."
)
_INSTEAD: Final = "At another step it takes the place of that message."

ENTRIES: Final = (
    FaultEntry(
        id="close",
        summary="The connection is closed, with any code or with none.",
        does=(
            "A close frame with the code. 1005 stands for a close frame without a code, 1006 for none at "
            "all: the TCP "
            f"connection just ends. {_OPEN} {_INSTEAD}"
        ),
        steps=_WHEN,
        parameters=(
            Parameter(
                name="code",
                kind=int,
                meaning="the close code; those that RFC 6455 forbids go out as well",
                default=1011,
                minimum=0,
                maximum=65535,
            ),
            Parameter(name="reason", kind=str, meaning="the close frame's text; none if not given"),
            _AFTER,
            CHANNEL,
            MESSAGE,
        ),
        advice=(
            "Reconnect after 1001, 1006, 1011, 1012 and 1013 with backoff; after 1008 look at the "
            "credential first."
        ),
        example={"code": 1012, "after": 5},
    ),
    FaultEntry(
        id="reset",
        summary="The connection is torn down with an RST.",
        does=f"The TCP connection ends with an RST and no close frame. {_OPEN} {_INSTEAD}",
        steps=_WHEN,
        parameters=(_AFTER, CHANNEL, MESSAGE),
        advice="Treat it like close code 1006: fail what waits for a reply, reconnect with backoff.",
        example={"step": "event", "channel": "pdfm", "times": 1},
    ),
    FaultEntry(
        id="half-open",
        summary="The hub reads and writes nothing more, the TCP connection stays.",
        does=(
            f"Like a host that has gone without a word: no data, no pings, no pongs, no close. {_OPEN} The "
            "hub's own "
            "deadlines go on, so the slot of the address is free again when no pong has been read in time."
        ),
        steps=(Step.OPEN,),
        parameters=(_AFTER, _SECONDS),
        advice=(
            "Notice by a heartbeat that goes unanswered; drop the connection without waiting for a close "
            "handshake."
        ),
        example={"times": 1},
    ),
    FaultEntry(
        id="stall-reading",
        summary="The hub does not read what the client sends.",
        does=(
            "What the client sends piles up in the buffers of both machines; the hub goes on sending. "
            f"{_OPEN} As pongs "
            "are not read either, the hub closes with 1011 at its deadline."
        ),
        steps=(Step.OPEN,),
        parameters=(_AFTER, _SECONDS),
        advice="Bound the wait for a send and for a reply, and treat either as a dead connection.",
        example={"seconds": 10},
    ),
    FaultEntry(
        id="bandwidth",
        summary="The hub writes slowly.",
        does=(
            "What goes over the stream is written piecemeal, so that a frame may arrive in many parts. "
            f"{_OPEN}"
        ),
        steps=(Step.OPEN,),
        parameters=(
            Parameter(
                name="rate",
                kind=float,
                meaning="how much",
                unit="bytes a second",
                default=1024.0,
                minimum=1,
                maximum=1e9,
            ),
            _AFTER,
            Parameter(
                name="seconds",
                kind=float,
                meaning="how long it lasts, unless the fault is removed before",
                unit="seconds",
                default=86400.0,
                minimum=0,
                maximum=86400,
            ),
        ),
        advice=(
            "Do not take a frame that is still arriving for a dead connection; expect the hub to give up "
            "(1013) if that lasts."
        ),
        example={"rate": 256},
    ),
    FaultEntry(
        id="drop-pong",
        summary="Protocol pings from the client are not answered.",
        does="A ping frame gets no pong frame. Everything else goes on. For the JSON pong see missing-reply.",
        steps=(Step.PONG,),
        advice="Do without pongs for a bounded time, then drop the connection and reconnect.",
        example={"times": 3},
    ),
)
