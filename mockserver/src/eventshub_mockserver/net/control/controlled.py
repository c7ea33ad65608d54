"""The hub, as the control surface has it in hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ...core.hub import Hub
from ...core.recorder import Recorder
from ...faults.injector import FaultInjector
from ...sources.runner import SourceRunner
from ...sources.stage import Stage


@dataclass(frozen=True, slots=True)
class ControlledHub:
    """What there is to be worked."""

    hub: Hub
    stage: Stage
    faults: FaultInjector
    sources: SourceRunner
    reset: Callable[[int | None], Awaitable[None]]
    """Makes everything as after the start, with IDs from a seed if there is one."""

    @property
    def recorder(self) -> Recorder | None:
        """Writes the journal; ``None`` when the hub keeps none."""
        return self.hub.recorder
