"""Faults of what is sent: of its bytes, its content, its order."""

from __future__ import annotations

from typing import Final

from ..core.interference import Step
from .entry import CHANNEL, MESSAGE, FaultEntry, Parameter

_ANY: Final = (Step.EVENT, Step.WELCOME, Step.REPLY)
_SURVIVE: Final = "Report it to the application and go on; one bad message ends no stream."
_PROTOCOL_ERROR: Final = "Close the connection with {code} (RFC 6455) and reconnect with backoff."

ENTRIES: Final = (
    FaultEntry(
        id="truncate",
        summary="A frame is cut off in its middle, and the connection ends.",
        does="The frame's header announces all of it, but only some bytes come before the connection ends.",
        steps=_ANY,
        parameters=(
            Parameter(
                name="bytes",
                kind=int,
                meaning="bytes of the frame that still come; half of it if not given",
                unit="bytes",
                minimum=1,
            ),
            Parameter(
                name="end",
                kind=str,
                meaning="with an RST (reset) or a FIN (drop)",
                default="reset",
                choices=("reset", "drop"),
            ),
            CHANNEL,
            MESSAGE,
        ),
        advice="Never hand out half a message; treat it like close code 1006.",
        example={"bytes": 20},
    ),
    FaultEntry(
        id="fragment",
        summary="A message comes in several frames.",
        does=(
            "The message is split into fragments (RFC 6455, section 5.4), which may cut a character in "
            "two. That is no fault of a hub, but rare."
        ),
        steps=_ANY,
        parameters=(
            Parameter(
                name="pieces",
                kind=int,
                meaning="how many frames; fewer if the message is shorter",
                default=3,
                minimum=2,
                maximum=1000,
            ),
            CHANNEL,
            MESSAGE,
        ),
        advice="Put it together: it is the same message.",
        example={"pieces": 5},
    ),
    FaultEntry(
        id="oversize",
        summary="A message is far too long.",
        does="The message gets a further key, padding, that makes it as long as this. It is valid otherwise.",
        steps=_ANY,
        parameters=(
            Parameter(
                name="bytes",
                kind=int,
                meaning="length of the message",
                unit="bytes",
                default=2 << 20,
                minimum=1024,
                maximum=64 << 20,
            ),
            CHANNEL,
            MESSAGE,
        ),
        advice="Have a bound, and close with 1009 beyond it instead of growing.",
        example={"bytes": 4194304},
    ),
    FaultEntry(
        id="invalid-utf8",
        summary="A text message is not UTF-8.",
        does="A byte that UTF-8 does not have is put into the message's text.",
        steps=_ANY,
        parameters=(CHANNEL, MESSAGE),
        advice=_PROTOCOL_ERROR.format(code=1007),
        example={"times": 1},
    ),
    FaultEntry(
        id="invalid-json",
        summary="A message is not JSON.",
        does="A whole text frame comes, but its JSON is cut off in the middle.",
        steps=_ANY,
        parameters=(CHANNEL, MESSAGE),
        advice=_SURVIVE,
        example={"channel": "pdfm"},
    ),
    FaultEntry(
        id="wrong-schema",
        summary="A message is JSON, but not as the spec wants it.",
        does="The message's body is a text, or its timestamp a number.",
        steps=_ANY,
        parameters=(
            Parameter(
                name="part",
                kind=str,
                meaning="what is wrong; timestamp also for a message without a body",
                default="body",
                choices=("body", "timestamp"),
            ),
            CHANNEL,
            MESSAGE,
        ),
        advice=_SURVIVE,
        example={"part": "timestamp", "times": 1},
    ),
    FaultEntry(
        id="unknown-message",
        summary="A message has a name that the spec does not know.",
        does="The message's name, or its channel, is replaced.",
        steps=_ANY,
        parameters=(
            Parameter(name="name", kind=str, meaning="the new name", default="NO_SUCH_MESSAGE"),
            Parameter(
                name="name-channel", kind=str, meaning="the new channel; the message's own if not given"
            ),
            CHANNEL,
            MESSAGE,
        ),
        advice=(
            "Hand it to the application as data: newer hubs send more than older clients know (protocol "
            "EVT-5)."
        ),
        example={"name": "VM_TELEPORTED", "channel": "pdfm"},
    ),
    FaultEntry(
        id="clock-skew",
        summary="Timestamps are off.",
        does="The timestamp is moved.",
        steps=_ANY,
        parameters=(
            Parameter(
                name="seconds",
                kind=float,
                meaning="how far; negative for the past",
                unit="seconds",
                default=3600.0,
                minimum=-1e9,
                maximum=1e9,
            ),
            CHANNEL,
            MESSAGE,
        ),
        advice="Order events by their arrival, and measure durations by your own clock.",
        example={"seconds": -86400},
    ),
    FaultEntry(
        id="duplicate",
        summary="A message comes more than once.",
        does="Copies follow the message at once, with the same ID.",
        steps=_ANY,
        parameters=(
            Parameter(
                name="copies",
                kind=int,
                meaning="how many come besides the message itself",
                default=1,
                minimum=1,
                maximum=100,
            ),
            CHANNEL,
            MESSAGE,
        ),
        advice="Make handling an event twice harmless, or recognise its ID.",
        example={"copies": 2},
    ),
    FaultEntry(
        id="reorder",
        summary="A message comes after ones that were sent later.",
        does="The message is held back until others of the connection have passed it, or time is over.",
        steps=(Step.EVENT, Step.REPLY),
        parameters=(
            Parameter(
                name="distance", kind=int, meaning="how many pass it", default=1, minimum=1, maximum=1000
            ),
            Parameter(
                name="seconds",
                kind=float,
                meaning="how long it waits for them",
                unit="seconds",
                default=1.0,
                minimum=0,
                maximum=3600,
            ),
            CHANNEL,
            MESSAGE,
        ),
        advice=(
            "Do not assume that a state follows from the one before; where it matters, compare timestamps."
        ),
        example={"distance": 2, "channel": "pdfm"},
    ),
    FaultEntry(
        id="skip",
        summary="An event never comes.",
        does="The event is not sent; nobody is told.",
        steps=(Step.EVENT,),
        parameters=(CHANNEL, MESSAGE),
        advice="Delivery is at most once: fetch the whole state now and then, and after each reconnect.",
        example={"probability": 0.1, "seed": 7},
    ),
    FaultEntry(
        id="stop-channel",
        summary="A channel falls silent.",
        does="No event of the channel is sent any more, though the subscription stands.",
        steps=(Step.EVENT,),
        parameters=(Parameter(name="channel", kind=str, meaning="the channel", is_required=True),),
        advice=(
            "A heartbeat does not see it: where silence would be wrong, have a deadline for events as well."
        ),
        example={"channel": "orchestrator"},
    ),
    FaultEntry(
        id="evict-queue",
        summary="What waits for a connection is evicted.",
        does=(
            "The event and all that waits before it is dropped as if the queue were full; the inspection "
            "counts it as evicted."
        ),
        steps=(Step.EVENT,),
        parameters=(CHANNEL, MESSAGE),
        advice="As for skip; a client can also read its count of evicted frames.",
        example={"times": 5},
    ),
)
