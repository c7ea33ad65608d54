"""What the command line says about where events come from."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .core.ids import Ids
from .sources.examples import ExamplesSource
from .sources.fleet import FleetForNewcomers, SimulatedFleet
from .sources.recording import EventRecording, read_recording
from .sources.replay import Replay
from .sources.scenario import Scenario, load_scenario, plain_value
from .sources.source import Source, StageSource


class SourceOptionError(ValueError):
    """An option about sources is wrong; the text says what, in one line for each thing."""

    def __init__(self, option: str, text: str) -> None:
        super().__init__(text)
        self.option = option


@dataclass(frozen=True, kw_only=True)
class SourceOptions:
    """The options of ``serve`` that choose sources."""

    simulate: bool
    hosts: int
    vms: int
    rate: float
    seed: int | None
    seed_ids: bool
    tell_newcomers: bool
    scenarios: Sequence[str]
    examples: bool
    replay: Path | None
    speed: str
    verbatim: bool
    record: Path | None
    overwrite: bool
    until_done: bool

    def sources(self) -> tuple[Source | StageSource, ...]:
        """The sources, a recording first so that it misses nothing.

        Raises:
            SourceOptionError: an option is wrong, or a file is.
        """
        if self.until_done and not self.scenarios and self.replay is None:
            raise SourceOptionError("--until-done", "it needs a --scenario or a --replay")
        if self.tell_newcomers and not self.simulate:
            raise SourceOptionError("--tell-newcomers", "it needs --simulate")
        if not self.rate > 0:
            raise SourceOptionError("--rate", f"it must be above 0, got {self.rate}")
        sources: list[Source | StageSource] = []
        if self.simulate:
            try:
                seed = self.seed or 0
                fleet = SimulatedFleet(seed=seed, hosts=self.hosts, vms_per_host=self.vms, rate=self.rate)
                sources.append(FleetForNewcomers(fleet) if self.tell_newcomers else fleet)
            except ValueError as error:
                raise SourceOptionError("--simulate", str(error)) from error
        if self.examples:
            sources.append(ExamplesSource(seed=self.seed or 0, interval=1 / self.rate))
        sources += [_scenario(text, self.seed) for text in self.scenarios]
        if self.replay is not None:
            sources.append(self._replayed(self.replay))
        if self.record is not None:
            sources.insert(0, self._recording(self.record))
        return tuple(sources)

    def ids(self) -> Ids:
        """Where IDs come from."""
        return Ids.seeded(self.seed or 0) if self.seed_ids else Ids()

    def _replayed(self, path: Path) -> Replay:
        if self.record is not None and self.record.exists() and self.record.samefile(path):
            raise SourceOptionError("--record", f"{path} is the file that is to be replayed")
        try:
            next(read_recording(path), None)
        except ValueError as error:
            raise SourceOptionError("--replay", str(error)) from error
        try:
            speed = math.inf if self.speed == "max" else float(self.speed)
            return Replay(path, speed=speed, verbatim=self.verbatim)
        except ValueError:
            text = f"{self.speed!r} is neither a number above 0 nor max"
            raise SourceOptionError("--speed", text) from None

    def _recording(self, path: Path) -> EventRecording:
        if path.exists() and not self.overwrite:
            raise SourceOptionError("--record", f"{path} exists already: choose another, or add --overwrite")
        if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            raise SourceOptionError("--record", f"cannot write {path}")
        return EventRecording(path)


def _scenario(text: str, seed: int | None) -> Scenario:
    name, _, rest = text.partition(":")
    variables: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        variable, equals, value = part.partition("=")
        if not equals:
            raise SourceOptionError("--scenario", f"{part!r} is not VARIABLE=VALUE")
        variables[variable.strip()] = plain_value(value.strip())
    try:
        return load_scenario(name, seed=seed, variables=variables)
    except ValueError as error:
        raise SourceOptionError("--scenario", str(error)) from error
