"""The hub's time, and everything as it was at the start."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...core.clock import rfc3339
from ..virtual_clock import VirtualClock
from .controlled import ControlledHub
from .endpoint import Endpoint, Example, Nothing, refused

_LONGEST_ADVANCE: Final = 3600


class ClockState(msgspec.Struct, frozen=True, kw_only=True):
    """The hub's time."""

    time: Annotated[str, Meta(description="The moment that events are stamped with now.")]
    elapsed: Annotated[float, Meta(description="Seconds since the hub's start.")]
    virtual: Annotated[bool, Meta(description="Whether it stands still until it is told to advance.")]


class AdvanceRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much time is to pass."""

    seconds: Annotated[float, Meta(ge=0, le=_LONGEST_ADVANCE, description="An hour at most in one call.")]


class ResetRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the hub is to become."""

    seed: Annotated[
        Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | UnsetType,
        Meta(description="IDs are drawn from it from now on, so that they can be had again."),
    ] = UNSET


async def clock(controlled: ControlledHub, request: Nothing) -> ClockState:
    """The hub's time now."""
    del request
    return _state(controlled)


async def advance(controlled: ControlledHub, request: AdvanceRequest) -> ClockState:
    """Let time pass, and let the hub and its clients do what is due meanwhile."""
    passing = controlled.hub.clock
    if not isinstance(passing, VirtualClock):
        raise refused(
            409,
            "this hub's time passes by itself: start it with --virtual-time, or with "
            "HubConfig(clock=VirtualClock())",
        )
    try:
        await passing.advance_async(request.seconds)
        controlled.hub.tick()
        await passing.advance_async(0)
    except RuntimeError as error:
        raise refused(409, str(error)) from error
    return _state(controlled)


async def reset(controlled: ControlledHub, request: ResetRequest) -> None:
    """Make everything as after the start."""
    await controlled.reset(None if isinstance(request.seed, UnsetType) else request.seed)


def _state(controlled: ControlledHub) -> ClockState:
    passing = controlled.hub.clock
    return ClockState(
        time=rfc3339(passing.time()),
        elapsed=controlled.hub.uptime,
        virtual=isinstance(passing, VirtualClock),
    )


ENDPOINTS: Final = (
    Endpoint(
        name="clock",
        method="GET",
        path="/clock",
        summary="Read the hub's clock.",
        answer=ClockState,
        says="The hub's time.",
        handle=clock,
    ),
    Endpoint(
        name="advance_clock",
        method="POST",
        path="/clock/advance",
        summary="Let time pass, on a hub with virtual time.",
        details=(
            "When it answers, the hub has sent the pings that were due, has had the answers of all clients "
            "that are alive, and has closed what is overdue. It waits half a real second for each client "
            "that owes a pong and does not send it."
        ),
        request=AdvanceRequest,
        answer=ClockState,
        says="The time has passed.",
        errors={409: "The hub's time passes by itself, or another call lets it pass just now."},
        handle=advance,
        example=Example(body={"seconds": 45}),
    ),
    Endpoint(
        name="reset",
        method="POST",
        path="/reset",
        summary="Make everything as after the start, for the next test.",
        details=(
            "Connections end with 1001. Faults, sources and credentials are those of the configuration "
            "again, its sources begin anew, and the journal is empty; the numbers of its entries go on, and "
            "so does time."
        ),
        request=ResetRequest,
        status=204,
        says="Done.",
        handle=reset,
        example=Example(body={"seed": 7}),
    ),
)
