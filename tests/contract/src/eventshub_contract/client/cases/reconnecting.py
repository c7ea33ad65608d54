"""When a client connects again (protocol END)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from ...errors import ClientMisbehaved
from ...verdicts import lenient
from ..command import Command
from ..registry import Case, add, case
from ..scene import Scene

CODES = (1001, 1011, 1012, 1013)


def _comes_back_after(code: int) -> Case:
    async def script(scene: Scene) -> None:
        command, visit = await scene.connected()
        await visit.close(code)
        await _require_back(scene, command, f"after the close code {code}")

    return Case(f"comes_back_after_close_code_{code}", ("END-2",), script)


for each in CODES:
    add(_comes_back_after(each))


def _stays_away_after(code: int, meaning: str) -> Case:
    async def script(scene: Scene) -> None:
        command, visit = await scene.connected()
        await visit.close(code)
        try:
            await scene.no_visit(command, f"after the close code {code}, {meaning}", scene.pace.silence)
        except ClientMisbehaved as error:
            lenient(f"{error}; the codes to come back after are 1001, 1006, 1011, 1012 and 1013")

    return Case(f"stays_away_after_close_code_{code}", ("END-2",), script)


add(_stays_away_after(1000, "an end that the hub wanted"))
add(_stays_away_after(1008, "a policy that the client broke, or a token that has expired"))


@case("END-2")
async def comes_back_after_the_end_of_tcp(scene: Scene) -> None:
    """No close frame (1006)."""
    command, visit = await scene.connected()
    visit.cut()
    await _require_back(scene, command, "after TCP ended without a close frame")


@case("END-2")
async def comes_back_after_a_reset_within_a_frame(scene: Scene) -> None:
    """The hub's machine has crashed."""
    command, visit = await scene.connected()
    await visit.send_raw(b"\x81\x7e\x10\x00" + b'{"id": "half of')
    visit.abort()
    await _require_back(scene, command, "after a reset within a frame")


@case("END-2")
async def comes_back_after_nobody_listened(scene: Scene) -> None:
    """The hub is restarted: for a while every connection is refused."""
    command, visit = await scene.connected()
    await scene.hub.refuse_connections()
    visit.abort()
    await command.wait_ended(0.6)
    await scene.hub.listen()
    await _require_back(scene, command, "after nobody listened for a while")


@case("END-2")
async def comes_back_after_handshakes_that_fail(scene: Scene) -> None:
    """A server error, a connection that ends during the handshake, and one that is never answered."""
    command, visit = await scene.connected()
    visit.cut()
    refused = await scene.visit("after a loss", scene.pace.longest_delay + scene.patience)
    await refused.refuse(503)
    ended = await scene.visit("after 503", scene.pace.longest_delay + scene.patience)
    await ended.send_raw(b"HTTP/1.1 101 Switching Proto")
    ended.abort()
    await scene.visit(
        "after a handshake that broke off", scene.pace.longest_delay + scene.patience
    )  # and is left without an answer
    within = scene.pace.handshake_timeout
    await _require_back(scene, command, "after a handshake without an answer", within)


@case("END-2")
async def retry_after_in_seconds(scene: Scene) -> None:
    """503, then 429."""
    command, visit = await scene.connected()
    visit.cut()
    for status in (503, 429):
        await _require_wait(scene, status, str(scene.pace.retry_after), scene.pace.retry_after)
    await _require_back(scene, command, "after Retry-After", scene.pace.retry_after)


@case("END-2")
async def retry_after_as_a_date(scene: Scene) -> None:
    """The other form that HTTP allows."""
    command, visit = await scene.connected()
    visit.cut()
    # A date has whole seconds: the one that has begun does not count.
    until = datetime.now(UTC) + timedelta(seconds=scene.pace.retry_after + 2)
    await _require_wait(scene, 503, format_datetime(until, usegmt=True), scene.pace.retry_after - 1)
    await _require_back(scene, command, "after Retry-After", scene.pace.retry_after + 2)


@case("END-2")
async def conflict_is_tried_again(scene: Scene) -> None:
    """The hub may not know yet that the old connection is dead (protocol IP-3)."""
    command, visit = await scene.connected()
    visit.cut()
    refused = await scene.visit("after a loss", scene.pace.longest_delay + scene.patience)
    await refused.refuse(409)
    await _require_back(scene, command, "after 409")


@case("END-2")
async def conflict_is_not_tried_for_ever(scene: Scene) -> None:
    """Somebody else may have the slot for good."""
    command, visit = await scene.connected()
    scene.hub.answer_each(lambda visit: visit.refuse(409))
    visit.cut()
    limit = scene.pace.conflict_limit + scene.pace.longest_delay
    await command.wait_ended(limit + scene.pace.longest_delay + 1.0)
    before = len(scene.hub.seen)
    scene.needs(before > 1, "the client did not reconnect at all")
    if not command.has_ended:
        await command.wait_ended(2 * scene.pace.longest_delay + 1.0)
    more = len(scene.hub.seen) - before
    scene.require(not more, f"{limit:g} s after a loss the client still goes on trying against 409")


@case("END-3")
async def gap_is_told(scene: Scene) -> None:
    """Between the last event before the loss and the first one after it."""
    command, visit = await scene.connected()
    visit.cut()
    again = await scene.hub.visit(scene.pace.longest_delay + scene.patience)
    scene.needs(again, "the client did not reconnect, so there is no gap to tell of")
    if again is None:
        return
    before = len(command.printed)
    await scene.welcome(again)
    frame = scene.frames.event("pdfm")
    await again.send(frame)
    # Whether events arrive again is for END-2 to judge.
    await command.wait_for(lambda line: line.value.get("id") == frame["id"], scene.patience, before)
    told = next((line for line in command.printed if line.notice in {"reconnected", "gap"}), None)
    scene.require(
        told, 'the connection was lost and made again, and no {"notice": "reconnected"} tells of it'
    )
    event = next((line for line in command.printed if line.value.get("id") == frame["id"]), None)
    scene.require(
        told is None or event is None or told.at <= event.at,
        "the gap was told after the first event of the new connection",
    )


async def _require_back(scene: Scene, command: Command, what: str, extra: float = 0.0) -> None:
    visit = await scene.returned(what, extra)
    await scene.deliver(command, visit, scene.frames.event("pdfm"), f"an event {what}")


async def _require_wait(scene: Scene, status: int, header: str, seconds: float) -> None:
    refused = await scene.visit(
        "after a loss", scene.pace.longest_delay + scene.patience + scene.pace.retry_after
    )
    await refused.refuse(status, {"Retry-After": header})
    # Taken before the answer is written, and when the next connection is there: never shorter than it was.
    within = scene.pace.retry_after + 2 + scene.pace.longest_delay + scene.patience
    deadline = time.monotonic() + within
    seen = len(scene.hub.seen)
    while len(scene.hub.seen) == seen and time.monotonic() < deadline:
        await scene.pause(0.02)
    scene.require(
        len(scene.hub.seen) > seen, f"the client did not connect again after {status} with Retry-After"
    )
    waited = scene.hub.seen[seen].arrived - refused.answered
    scene.require(
        waited >= seconds,
        f"{status} with `Retry-After: {header}`, and the client came back after {waited:.2f} s",
    )
