"""How long a client waits between attempts (protocol END-2): several clients, told from chance.

Each bound below is one that a client with full jitter misses less than once in a million runs.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median

from ...verdicts import lenient
from ..registry import case
from ..scene import Scene

CLIENTS = 6
_HOT = 0.04
"""Seconds: on average, attempts that follow one another faster than this have no pause between them."""
_ALIKE = 0.2
"""Delays of several clients that differ by less than this part of the longest one are the same delay."""
_FLOOR = 0.45
"""With full jitter, the least of many delays is far below this part of the longest one."""


@case("END-2")
async def delays_grow_and_are_left_to_chance(scene: Scene) -> None:
    """Six clients lose their connection at the same moment, and every attempt of theirs gets 502."""
    rows: list[list[float]] = []

    async def watch(number: int) -> None:
        rows.append(await _delays(scene, number))

    await scene.together(*(watch(number) for number in range(CLIENTS)))
    shortest = min(len(row) for row in rows)
    scene.require(shortest >= 2, "a client gave up, or made a single attempt")
    delays = [row[:shortest] for row in rows]
    shown = "; ".join(" ".join(f"{delay:.2f}" for delay in row) for row in delays)
    everything = [delay for row in delays for delay in row]
    scene.require(
        sum(everything) / len(everything) > _HOT, f"attempts follow one another without a pause (s): {shown}"
    )
    longest = scene.pace.longest_delay + scene.patience
    scene.require(max(everything) <= longest, f"a pause was longer than {longest:g} s: {shown}")
    columns = [list(column) for column in zip(*delays, strict=True)]
    spreads = [(max(column) - min(column)) / max(column) for column in columns]
    scene.require(
        median(spreads) >= _ALIKE, f"clients that were cut off together come back together (s): {shown}"
    )
    half = max(1, len(columns) // 2)
    early = _mean(columns[0])
    late = _mean([delay for column in columns[-half:] for delay in column])
    scene.require(late > 1.3 * early, f"delays do not grow with the number of attempts (s): {shown}")
    at_the_limit = [delay for column in columns[-half:] for delay in column]
    if len(at_the_limit) >= 24 and min(at_the_limit) > _FLOOR * max(at_the_limit):
        lenient(f"delays are left to chance in part only, so that none is short (s): {shown}")


async def _delays(scene: Scene, number: int) -> list[float]:
    """Seconds between each answer and the next attempt."""
    hub = await scene.another_hub(f"hub{number + 1}")
    command = await scene.start(hub=hub)
    visit = await scene.visit("at first", hub=hub)
    await scene.welcome(visit)
    await scene.deliver(command, visit, scene.frames.event("pdfm"), "an event of the documents")
    hub.answer_each(lambda visit: visit.refuse(502))
    visit.cut()
    for _ in range(int(20 * (scene.pace.attempts * scene.pace.longest_delay + scene.patience))):
        if len(hub.seen) > scene.pace.attempts + 1:
            break
        await scene.pause(0.05)
    return [
        max(0.0, later.arrived - earlier.answered)
        for earlier, later in pairwise(hub.seen[1 : scene.pace.attempts + 2])
    ]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
