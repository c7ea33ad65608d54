"""How long a client waits between attempts (protocol END-2): several clients, told from chance.

Each bound below is one that a client with full jitter misses less than once in a hundred thousand runs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from statistics import mean, median

from ...verdicts import lenient
from ..adversary import Adversary
from ..registry import case
from ..scene import Scene

CLIENTS = 6
_PAUSE = 0.04
"""Seconds: attempts that on average follow one another faster than this have no pause between them."""
_ALIKE = 0.2
"""Delays of several clients that differ by less than this part of the longest one are the same delay."""
_GROWTH = 1.5
"""How much longer the last delays are than the first two, at least; doubling gives far more."""
_ANEW = 0.7
"""After a healthy time the delay is less than this part of the late ones; it is a tenth if it begins anew."""
_FLOOR = 0.45
"""With full jitter, the least of many delays is far below this part of the longest one."""


@case("END-2")
async def delays_grow_and_are_left_to_chance(scene: Scene) -> None:
    """Six clients lose their connection, and every attempt of theirs gets 502."""
    rows: list[list[float]] = []

    async def watch(number: int) -> None:
        rows.append(await _delays(scene, await scene.another_hub(f"hub{number + 1}")))

    await scene.together(*(watch(number) for number in range(CLIENTS)))
    finding, is_lenient = judge_delays(rows, scene.pace.longest_delay + scene.patience)
    if finding and is_lenient:
        lenient(finding)
    scene.require(not finding, finding)


@case("END-2")
async def delays_begin_anew_after_a_healthy_time(scene: Scene) -> None:
    """Six clients have failed often, are connected for a while, and lose their connection again."""
    rows: list[tuple[list[float], float]] = []

    async def watch(number: int) -> None:
        hub = await scene.another_hub(f"hub{number + 1}")
        before = await _delays(scene, hub)
        scene.needs(len(before) >= scene.pace.attempts, "the client gave up, or made few attempts")
        hub.answer_each(scene.welcome)
        seen = len(hub.seen)
        deadline = time.monotonic() + scene.pace.longest_delay + scene.patience
        while len(hub.seen) == seen and time.monotonic() < deadline:
            await scene.pause(0.02)
        scene.needs(len(hub.seen) > seen, "the client did not come back, so it cannot have been healthy")
        healthy = hub.seen[-1]
        scene.needs(
            not await healthy.is_left(scene.pace.healthy_time), "the client left a connection that was good"
        )
        lost_at = time.monotonic()
        healthy.cut()
        seen = len(hub.seen)
        deadline = lost_at + scene.pace.longest_delay + scene.patience
        while len(hub.seen) == seen and time.monotonic() < deadline:
            await scene.pause(0.02)
        if len(hub.seen) > seen:
            rows.append((before, hub.seen[seen].arrived - lost_at))

    await scene.together(*(watch(number) for number in range(CLIENTS)))
    scene.needs(len(rows) == CLIENTS, "not every client came back")
    late = mean(delay for before, _ in rows for delay in before[-(len(before) // 2) :])
    anew = mean(after for _, after in rows)
    # A machine that stalls makes both longer.
    scene.require(
        anew < _ANEW * late,
        f"after a healthy time the next delay is {anew:.2f} s on average, as long as after many failures:"
        f" {late:.2f} s",
    )


def judge_delays(rows: Sequence[Sequence[float]], longest: float) -> tuple[str, bool]:
    """What is wrong with delays in seconds, a row for each client.

    Returns:
        The finding, empty if there is none, and whether it is a small one.
    """
    length = min(len(row) for row in rows)
    shown = "; ".join(" ".join(f"{delay:.2f}" for delay in row) for row in rows)
    if length < 3:
        return f"a client gave up, or made few attempts; delays in seconds: {shown}", False
    columns = [sorted(column) for column in zip(*(row[:length] for row in rows), strict=True)]
    everything = [delay for column in columns for delay in column]
    late = [delay for column in columns[-(length // 2) :] for delay in column]
    # The longest of each column may be a machine that stalled.
    spreads = [(column[-2] - column[0]) / column[-2] for column in columns]
    wrong = ""
    if mean(everything) < _PAUSE:
        wrong = "attempts follow one another without a pause"
    elif max(everything) > longest:
        wrong = f"a delay was longer than {longest:g} s"
    elif median(spreads) < _ALIKE:
        wrong = "clients that were cut off together come back together"
    elif mean(late) < _GROWTH * mean([*columns[0], *columns[1]]):
        wrong = "delays do not grow with the number of attempts"
    if wrong:
        return f"{wrong}; delays in seconds: {shown}", False
    if len(late) >= 24 and min(late) > _FLOOR * max(late):
        return f"delays are left to chance in part only; in seconds: {shown}", True
    return "", False


async def _delays(scene: Scene, hub: Adversary) -> list[float]:
    """Seconds between the loss, or the refusal, and the next attempt."""
    command = await scene.start(hub=hub)
    visit = await scene.visit("at first", hub=hub)
    await scene.welcome(visit)
    await scene.deliver(command, visit, scene.frames.event("pdfm"), "an event of the documents")
    hub.answer_each(lambda visit: visit.refuse(502))
    visit.answered = time.monotonic()
    visit.cut()
    deadline = visit.answered + scene.pace.attempts * scene.pace.longest_delay + scene.patience
    while len(hub.seen) <= scene.pace.attempts and time.monotonic() < deadline:
        await scene.pause(0.02)
    attempts = hub.seen[: scene.pace.attempts + 1]
    return [later.arrived - earlier.answered for earlier, later in pairwise(attempts)]
