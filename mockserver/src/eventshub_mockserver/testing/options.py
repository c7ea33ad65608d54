"""What a test may choose about its hub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self, TypeAlias, cast

from ..config import HubConfig
from ..core.dialect import dialect_named
from ..core.ids import Ids
from ..faults.rule import FaultRule, parse_fault
from ..net.virtual_clock import VirtualClock
from ..sources.scenario.loading import load_scenario
from ..sources.source import Source, StageSource

Fault: TypeAlias = "str | Mapping[str, Any] | FaultRule"
Scenario: TypeAlias = "str | Path | Source | StageSource"


@dataclass(frozen=True, kw_only=True)
class HubOptions:
    """What the marker ``events_hub`` takes.

    Raises:
        TypeError: a value is of the wrong type; the message names it.
        ValueError: a value is out of its range; the message names it.
    """

    dialect: str | None = None
    """Which reading of the protocol the hub keeps to: ``guide`` or ``service``."""
    scenario: Scenario | Iterable[Scenario] = ()
    """What publishes events of its own accord: names or files of scenarios, or sources."""
    faults: Fault | Iterable[Fault] = ()
    """What the hub does wrong, as ``parse_fault`` reads it; one or more."""
    seed: int | None = None
    """Makes everything that is left to chance the same in each run, IDs above all."""
    virtual_time: bool = False
    """Whether time stands still until the test lets it pass."""
    strict: bool = True
    """Whether what the hub had to refuse fails the test, unless it asked for it."""

    def __post_init__(self) -> None:
        if self.dialect is not None:
            dialect_named(self.dialect)
        for name in ("virtual_time", "strict"):
            if not isinstance(value := getattr(self, name), bool):
                raise TypeError(f"{name} must be True or False, got {value!r}")
        if type(self.seed) not in (int, type(None)):
            raise TypeError(f"seed must be a whole number, got {self.seed!r}")

    @classmethod
    def of(cls, choices: Mapping[str, Any]) -> Self:
        """Options by their names.

        Raises:
            TypeError: there is no such option, or a value is of the wrong type.
            ValueError: a value is out of its range.
        """
        names = [option.name for option in fields(cls)]
        if unknown := [name for name in choices if name not in names]:
            raise TypeError(f"there is no {', '.join(map(repr, unknown))}: there are {', '.join(names)}")
        return cls(**choices)

    def applied_to(self, config: HubConfig, folder: Path) -> HubConfig:
        """A configuration with these options.

        Args:
            config: what is configured for all tests.
            folder: where files of scenarios are looked for first.

        Raises:
            FaultError: a fault is not as the catalogue wants it.
            ScenarioError: a scenario is not found or not valid.
            TypeError: something is neither.
        """
        changes: dict[str, Any] = {
            "journal": True,
            "faults": (*config.faults, *(_fault(f) for f in _each(self.faults, Mapping, FaultRule))),
            "sources": (
                *config.sources,
                *(_source(s, folder, self.seed) for s in _each(self.scenario, Path)),
            ),
        }
        if self.dialect is not None:
            changes["dialect"] = self.dialect
        if self.seed is not None:
            changes["ids"] = Ids.seeded(self.seed)
        if self.virtual_time and not isinstance(config.clock, VirtualClock):
            changes["clock"] = VirtualClock()
        return replace(config, **changes)


def _each(value: object, *single: type) -> tuple[object, ...]:
    """What may be one or more, as several."""
    if isinstance(value, (str, *single)) or not isinstance(value, Iterable):
        return (value,)
    return tuple(cast("Iterable[object]", value))


def _fault(value: object) -> FaultRule:
    if isinstance(value, FaultRule):
        return value
    if isinstance(value, str | Mapping):
        return parse_fault(cast("str | Mapping[str, Any]", value))
    raise TypeError(f"a fault is text, a mapping or a FaultRule, got {value!r}")


def _source(value: object, folder: Path, seed: int | None) -> Source | StageSource:
    if isinstance(value, Source | StageSource):
        return value
    if not isinstance(value, str | Path):
        raise TypeError(f"a scenario is a name, a file or a source, got {value!r}")
    return load_scenario(value, folder=folder, seed=seed)
