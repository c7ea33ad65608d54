"""What publishes events of its own accord."""

from __future__ import annotations

import math
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...core.hub import UnknownClientError
from ...sources.examples import ExamplesSource
from ...sources.fleet import FleetForNewcomers, SimulatedFleet, tell_inventory
from ...sources.replay import Replay
from ...sources.runner import RunningSource
from ...sources.scenario import Scenario, library, load_scenario, read_scenario
from ...sources.source import Source, StageSource
from .controlled import ControlledHub
from .endpoint import Endpoint, Example, Nothing, refused
from .faults import Removed

MOST_SOURCES: Final = 32
_Seed = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class SimulationOrder(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="source",
    tag="simulation",
):
    """A simulated fleet."""

    seed: Annotated[_Seed, Meta(description="Decides everything that happens.")] = 0
    hosts: Annotated[int, Meta(ge=1, le=200, description="Hosts at the start.")] = 3
    vms_per_host: Annotated[int, Meta(ge=1, le=50, description="VMs on each of them.")] = 3
    rate: Annotated[
        float, Meta(gt=0, le=1000, description="How many things happen in a second, on average.")
    ] = 2.0
    host_share: Annotated[float, Meta(ge=0, le=1, description="How many of them happen to hosts.")] = 0.15
    chances: Annotated[
        dict[str, Annotated[float, Meta(ge=0)]],
        Meta(description="Factors for how often something happens, such as `crash`; 0 for never."),
    ] = {}
    tell_newcomers: Annotated[
        bool, Meta(description="Tell whoever connects later what there is, in events for them alone.")
    ] = False

    def made(self) -> Source | StageSource:
        """The source."""
        fleet = SimulatedFleet(
            seed=self.seed,
            hosts=self.hosts,
            vms_per_host=self.vms_per_host,
            rate=self.rate,
            host_share=self.host_share,
            chances=self.chances,
        )
        return FleetForNewcomers(fleet) if self.tell_newcomers else fleet


class ScenarioOrder(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="source", tag="scenario"
):
    """A scenario: one of the library, or the text of another. Exactly one of `name` and `yaml`."""

    name: Annotated[str | UnsetType, Meta(description="Its name in the library.")] = UNSET
    yaml: Annotated[str | UnsetType, Meta(description="Its text; it may include those of the library.")] = (
        UNSET
    )
    variables: Annotated[dict[str, Any], Meta(description="Values instead of the scenario's own.")] = {}
    seed: Annotated[_Seed | UnsetType, Meta(description="Instead of the scenario's own.")] = UNSET

    def made(self) -> StageSource:
        """The source."""
        seed = None if isinstance(self.seed, UnsetType) else self.seed
        if isinstance(self.name, UnsetType) == isinstance(self.yaml, UnsetType):
            raise ValueError("name, yaml: give exactly one of them")
        if not isinstance(self.yaml, UnsetType):
            return read_scenario(self.yaml, seed=seed, variables=self.variables)
        if self.name not in library():
            raise ValueError(f"name: there is no scenario {self.name!r}, but {', '.join(library())}")
        return load_scenario(str(self.name), seed=seed, variables=self.variables)


class ReplayOrder(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="source", tag="replay"
):
    """A recording, published again."""

    recording: Annotated[str, Meta(description="The text of its file: JSON Lines.")]
    speed: Annotated[
        Annotated[float, Meta(gt=0)] | Literal["max"],
        Meta(description="2 for twice as fast; `max` for as fast as the slowest subscriber reads."),
    ] = 1.0
    verbatim: Annotated[bool, Meta(description="Keep IDs and timestamps.")] = False

    def made(self) -> StageSource:
        """The source."""
        speed = math.inf if isinstance(self.speed, str) else self.speed
        return Replay.of_text(self.recording, speed=speed, verbatim=self.verbatim)


class ExamplesOrder(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="source", tag="examples"
):
    """The spec's examples, then events drawn from its schemas."""

    seed: Annotated[_Seed, Meta(description="Decides which are drawn, and all that is in them.")] = 0
    interval: Annotated[float, Meta(ge=0.001, le=86_400, description="Seconds between two events.")] = 0.5
    drawn: Annotated[
        Annotated[int, Meta(ge=0, le=2**63 - 1)] | UnsetType,
        Meta(description="How many are drawn; no end when left out."),
    ] = UNSET

    def made(self) -> StageSource:
        """The source."""
        drawn = None if isinstance(self.drawn, UnsetType) else self.drawn
        return ExamplesSource(seed=self.seed, interval=self.interval, drawn=drawn)


Order = SimulationOrder | ScenarioOrder | ReplayOrder | ExamplesOrder


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """A source that runs."""

    number: int
    source: Annotated[str, Meta(description="What kind it is of: `simulation`, `scenario` and so on.")]
    name: Annotated[str, Meta(description="A scenario's name; empty for other sources.")] = ""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What a scenario or a replay had to complain of."""

    scenario: str
    place: Annotated[str, Meta(description="File, line and column.")]
    reason: str


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """What runs, and what went wrong."""

    running: list[SourceState]
    failures: Annotated[
        list[Failure], Meta(description="Of all sources since the start or the last reset, the latest 1,000.")
    ]


class SourceNumberRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which source is meant."""

    number: Annotated[int, Meta(ge=1, le=2**63 - 1, description="The number that it got.")]


class TellRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is to be told what there is."""

    client_id: Annotated[str, Meta(description="The connection; it hears of its own channels alone.")]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """How many events that took."""

    events: int


async def start(controlled: ControlledHub, request: Order) -> SourceState:
    """Let a source run from now on."""
    if len(controlled.sources.running) >= MOST_SOURCES:
        raise refused(409, f"{MOST_SOURCES} sources run already: stop some before")
    try:
        return _state(controlled.sources.start(request.made()))
    except ValueError as error:
        raise refused(400, str(error)) from error
    except LookupError as error:
        raise refused(409, str(error)) from error


async def sources(controlled: ControlledHub, request: Nothing) -> Sources:
    """What runs."""
    del request
    return Sources(
        running=[_state(running) for running in controlled.sources.running],
        failures=[
            Failure(scenario=f.scenario, place=f.place, reason=f.reason) for f in controlled.stage.failures
        ],
    )


async def stop(controlled: ControlledHub, request: SourceNumberRequest) -> Removed:
    """Let a source run no longer."""
    for running in controlled.sources.running:
        if running.number == request.number:
            running.stop()
            return Removed(removed=1)
    raise refused(404, f"number: no source that runs has the number {request.number}")


async def stop_all(controlled: ControlledHub, request: Nothing) -> Removed:
    """Let no source run any longer."""
    del request
    removed = len(controlled.sources.running)
    controlled.sources.stop()
    return Removed(removed=removed)


async def inventory(controlled: ControlledHub, request: Nothing) -> dict[str, Any]:
    """What the fleets consist of now."""
    del request
    return {host: told for fleet in _fleets(controlled) for host, told in fleet.state().items()}


async def tell(controlled: ControlledHub, request: TellRequest) -> Told:
    """Tell one connection what there is."""
    fleets = _fleets(controlled)
    if not fleets:
        raise refused(409, "no simulated fleet runs: start one with POST /sources")
    try:
        told = [tell_inventory(fleet, controlled.stage, request.client_id) for fleet in fleets]
    except UnknownClientError as error:
        raise refused(404, f"client_id: {error}") from error
    return Told(events=sum(told))


def _fleets(controlled: ControlledHub) -> list[SimulatedFleet]:
    running = [running.source for running in controlled.sources.running]
    fleets = [source.fleet if isinstance(source, FleetForNewcomers) else source for source in running]
    return [fleet for fleet in fleets if isinstance(fleet, SimulatedFleet)]


def _state(running: RunningSource) -> SourceState:
    source = running.source
    name = source.name if isinstance(source, Scenario) else ""
    return SourceState(number=running.number, source=_kind_of(source), name=name)


def _kind_of(source: Source | StageSource) -> str:
    match source:
        case SimulatedFleet() | FleetForNewcomers():
            return "simulation"
        case Scenario():
            return "scenario"
        case Replay():
            return "replay"
        case ExamplesSource():
            return "examples"
        case _:
            return type(source).__name__


ENDPOINTS: Final = (
    Endpoint(
        name="start_source",
        method="POST",
        path="/sources",
        summary="Start a simulated fleet, a scenario, a replay, or the spec's examples.",
        details=(
            "The surface opens no file: the text of a recording, or of a scenario that is not of the "
            "library, comes in the body, which may be 8 MiB long. "
            f"At most {MOST_SOURCES} sources run at once."
        ),
        request=Order,
        answer=SourceState,
        status=201,
        says="It runs.",
        errors={
            400: "The source cannot be made of that; a scenario's errors come with line and column.",
            409: "The source needs a journal, and this hub keeps none; or too many run.",
        },
        handle=start,
        example=Example(body={"source": "simulation", "hosts": 2, "vms_per_host": 2, "rate": 5, "seed": 7}),
    ),
    Endpoint(
        name="sources",
        method="GET",
        path="/sources",
        summary="List what runs, and what scenarios expected in vain.",
        answer=Sources,
        says="The sources that run, those of the configuration too, and all failures.",
        handle=sources,
    ),
    Endpoint(
        name="stop_source",
        method="DELETE",
        path="/sources/{number}",
        summary="Stop one source.",
        request=SourceNumberRequest,
        answer=Removed,
        says="It is stopped.",
        errors={404: "No source that runs has this number."},
        handle=stop,
        example=Example(path="/sources/1"),
    ),
    Endpoint(
        name="stop_sources",
        method="DELETE",
        path="/sources",
        summary="Stop all sources, those of the configuration too.",
        answer=Removed,
        says="They are stopped.",
        handle=stop_all,
    ),
    Endpoint(
        name="fleet",
        method="GET",
        path="/fleet",
        summary="Read what the simulated fleets consist of now.",
        answer=dict[str, Any],
        says="Every host by its ID, with its VMs: what a subscriber to all their events knows.",
        handle=inventory,
    ),
    Endpoint(
        name="tell_fleet",
        method="POST",
        path="/fleet/tell",
        summary="Tell one connection what the simulated fleets consist of, in events for it alone.",
        details=(
            "The hub has no snapshot: who connects late has missed what was told before. This repeats it as "
            "`HOST_ADDED`, `VM_ADDED` and so on, of the channels that the connection has."
        ),
        request=TellRequest,
        answer=Told,
        says="So many events are queued.",
        errors={404: "No connection has the `client_id`.", 409: "No simulated fleet runs."},
        handle=tell,
        example=Example(body={"client_id": "$CLIENT_ID"}),
    ),
)
