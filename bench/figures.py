"""Measured figures and the bounds that they have to keep."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the figure is within its bounds; without any, it is there to compare with."""
        return not (
            (self.at_most is not None and self.value > self.at_most)
            or (self.at_least is not None and self.value < self.at_least)
        )

    def __str__(self) -> str:
        bound = ""
        if self.at_most is not None:
            bound = f"≤ {self.at_most:g}"
        elif self.at_least is not None:
            bound = f"≥ {self.at_least:g}"
        verdict = "" if not bound else "ok" if self.is_kept else "MISSED"
        return f"{self.what:<66} {self.value:>12,.2f} {self.unit:<6} {bound:>8}  {verdict}".rstrip()


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """A line of the table that there is no number for."""

    what: str
    why: str
    is_kept: bool = True

    def __str__(self) -> str:
        return f"{self.what:<66} not measured: {self.why}"


def cpu_microseconds(
    candidates: Mapping[str, Callable[[], object]], rounds: int = 15
) -> Mapping[str, list[float]]:
    """The CPU time of a call of each, round by round, so that what disturbs one disturbs all."""
    taken: dict[str, list[float]] = {name: [] for name in candidates}
    repeats = {name: repeats_of(call) for name, call in candidates.items()}
    for _ in range(rounds):
        for name, call in candidates.items():
            count = repeats[name]
            start = time.process_time()
            for _ in range(count):
                call()
            taken[name].append((time.process_time() - start) / count * 1e6)
    return taken


def repeats_of(call: Callable[[], object], seconds: float = 0.01) -> int:
    """How often to call, to be measured for so long; a first call may prepare things."""
    call()
    start = time.process_time()
    call()
    return max(1, int(seconds / max(time.process_time() - start, 1e-6)))


def ratio(over: list[float], under: list[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(over, under, strict=True))
