"""The steps of a scenario that are made of other steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .document import Place
from .play import Play
from .steps import Going, Step


def perform_all(steps: Sequence[Step], play: Play) -> Going:
    """Do one step after another."""
    for step in steps:
        yield from step.perform(play)


@dataclass(frozen=True, slots=True)
class Repeat:
    """Do steps several times, or once for each item of a list."""

    place: Place
    times: int | str | None
    items: Sequence[Any] | str
    name: str
    """What the item is called in templates."""
    steps: tuple[Step, ...]

    def perform(self, play: Play) -> Going:
        """See ``Step``."""
        if self.times is not None:
            for index in range(1, int(play.render(self.times, self.place)) + 1):
                play.values.bind(index=index)
                yield from self._perform_once(play)
            return
        for index, item in enumerate(play.render(self.items, self.place), 1):
            play.values.bind(**{"index": index, self.name: item})
            yield from self._perform_once(play)

    def _perform_once(self, play: Play) -> Going:
        yield from perform_all(self.steps, play)
        if play.is_out_of_breath():  # the steps may be such that wait for nothing
            yield 0.0


@dataclass(frozen=True, slots=True)
class Choose:
    """Do one of several things, drawn from the scenario's seed."""

    place: Place
    weights: tuple[float, ...]
    branches: tuple[tuple[Step, ...], ...]

    def perform(self, play: Play) -> Going:
        """See ``Step``."""
        return perform_all(play.random.choices(self.branches, self.weights)[0], play)


@dataclass(frozen=True, slots=True)
class Include:
    """Do the steps of another scenario, which knows its own variables alone."""

    place: Place
    defaults: Mapping[str, Any]
    given: Mapping[str, Any]
    steps: tuple[Step, ...]

    def perform(self, play: Play) -> Going:
        """See ``Step``."""
        outer = play.values
        given = play.render(dict(self.given), self.place)
        play.values = outer.within({})
        try:
            for name, value in self.defaults.items():
                play.values.bind(**{name: given[name] if name in given else play.render(value, self.place)})
            yield from perform_all(self.steps, play)
        finally:
            play.values = outer
