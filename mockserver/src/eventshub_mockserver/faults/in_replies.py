"""Faults of replies to commands."""

from __future__ import annotations

from typing import Final

from ..core.interference import Step
from .entry import CHANNEL, MESSAGE, FaultEntry, Parameter

_DEADLINE: Final = "Have a deadline for each command and tell the caller when it has passed."

ENTRIES: Final = (
    FaultEntry(
        id="wrong-ref-id",
        summary="A reply refers to a command that was never sent.",
        does="The reply's ref_id is replaced.",
        steps=(Step.REPLY,),
        parameters=(
            Parameter(name="ref-id", kind=str, meaning="the new ref_id", default="no-such-command"),
            CHANNEL,
            MESSAGE,
        ),
        advice=f"Match replies by ref_id alone and hand out what matches nothing as data. {_DEADLINE}",
        example={"message": "pong"},
    ),
    FaultEntry(
        id="late-reply",
        summary="A reply comes late.",
        does="The reply is put off; what else there is to send overtakes it.",
        steps=(Step.REPLY,),
        parameters=(
            Parameter(
                name="seconds",
                kind=float,
                meaning="how late",
                unit="seconds",
                default=5.0,
                minimum=0,
                maximum=3600,
            ),
            CHANNEL,
            MESSAGE,
        ),
        advice=f"{_DEADLINE} A reply after that belongs to nobody and must not answer a later command.",
        example={"seconds": 60, "message": "pong"},
    ),
    FaultEntry(
        id="missing-reply",
        summary="A reply never comes.",
        does=(
            "The command is carried out, but not answered. With message=pong it is the JSON heartbeat that "
            "fails."
        ),
        steps=(Step.REPLY,),
        parameters=(CHANNEL, MESSAGE),
        advice=f"{_DEADLINE} A JSON ping without a pong means a dead connection (protocol HB-2).",
        example={"message": "pong"},
    ),
    FaultEntry(
        id="foreign-reply",
        summary="A reply belongs to another connection.",
        does=(
            "route=asker: who asked gets a reply whose client_id is that of another connection, a made-up "
            "one if there is "
            "no other. route=other: another connection gets the reply, and who asked gets none."
        ),
        steps=(Step.REPLY,),
        parameters=(
            Parameter(
                name="route",
                kind=str,
                meaning="who gets the reply",
                default="asker",
                choices=("asker", "other"),
            ),
            CHANNEL,
            MESSAGE,
        ),
        advice="Compare client_id with the welcome's; a reply that is not yours answers no command of yours.",
        example={"route": "other", "times": 1},
    ),
)
