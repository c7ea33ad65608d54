"""A scenario: what happens on a hub, step by step, and what its clients are expected to do about it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..source import Cue
from ..stage import Stage
from .blocks import Include
from .document import Place
from .play import Play, StoppedError
from .steps import Step
from .templates import Values


@dataclass(frozen=True)
class Scenario:
    """A source of events that follows a script; made by ``load_scenario``.

    Each run starts anew, with chances drawn from the seed. What it expects and
    does not get is reported as a failure of the hub's, see
    ``HubServer.scenario_failures``.
    """

    needs_journal: ClassVar[bool] = True

    name: str
    title: str
    """What happens, in a line; empty if the file does not say."""
    survive: str
    """What an application should survive; empty if the file does not say."""
    seed: int
    variables: Mapping[str, Any]
    steps: tuple[Step, ...] = field(repr=False)
    place: Place = field(repr=False)

    def perform(self, stage: Stage) -> Iterator[Cue]:
        """Run it once."""
        source = random.Random(self.seed)  # noqa: S311 - chances, to be had again, and no secrets
        play = Play(stage, Values({}, stage.clock, source), source, self.name)
        stage.note(f"{self.name}: begins")
        try:
            yield from Include(self.place, self.variables, {}, self.steps).perform(play)
        except StoppedError:
            stage.note(f"{self.name}: stopped")
        else:
            stage.note(f"{self.name}: ends")
        finally:
            play.clear_faults()
