"""What a client does with the frames that come: right ones, new ones, broken ones (protocol EVT)."""

from __future__ import annotations

import json

from websockets.frames import Opcode

from ..registry import case
from ..scene import Scene

GENERATED = 1000
FLOOD = 5000


@case("EVT-1")
async def every_event_of_the_documents(scene: Scene) -> None:
    """Every example of every message arrives as it was sent."""
    command, visit = await scene.connected(("pdfm", "orchestrator", "system"))
    for frame in scene.frames.valid():
        await scene.deliver(command, visit, frame, f"a valid {frame['event_type']}/{frame['message']}")


@case("EVT-1")
async def timestamps_of_every_precision(scene: Scene) -> None:
    """From none to nine digits after the second."""
    command, visit = await scene.connected()
    for digits in range(10):
        fraction = f".{'123456789'[:digits]}" if digits else ""
        frame = {**scene.frames.event("pdfm"), "timestamp": f"2026-02-28T23:59:59{fraction}Z"}
        await scene.deliver(command, visit, frame, f"an event with {digits} digits of a second")


@case("EVT-1")
async def ids_of_every_form(scene: Scene) -> None:
    """An ID is opaque."""
    command, visit = await scene.connected()
    for identifier in ("0", "c58a1f0e" * 8, "evt-1", "a b/c?d=e&f", "\u00e9v\u00e9nement \u2603", "x" * 3000):
        frame = {**scene.frames.event("pdfm"), "id": identifier}
        await scene.deliver(command, visit, frame, f"an event with the ID {identifier[:20]!r}")


@case("EVT-1")
async def replies_without_id_and_timestamp(scene: Scene) -> None:
    """An error of the hub's, and pongs, as some releases send them."""
    command, visit = await scene.connected()
    fault = {"event_type": "global", "message": "error", "body": {"error": f"judge {visit.client_id}"}}
    await visit.send(fault)
    line = await command.wait_for(lambda line: line.value.get("body") == fault["body"], scene.patience)
    scene.require(line, "an error message without id and timestamp was not delivered")
    await scene.deliver(command, visit, scene.frames.event("pdfm"), "an event after it")


@case("EVT-1")
async def pongs_without_id_and_timestamp(scene: Scene) -> None:
    """They answer a ping all the same: the client stays."""
    command = await scene.start(("pdfm", "health"))
    visit = await scene.welcomed()
    visit.reply = lambda ping: {"event_type": "health", "message": "pong", "ref_id": ping.get("id")}
    first = await visit.command(scene.pace.ping_interval + scene.patience)
    scene.needs(first, "the client sends no JSON pings, so there are no replies to it")
    left = await visit.is_left(scene.pace.ping_interval + scene.pace.pong_timeout)
    scene.require(not left, "the client left a connection whose pongs came without id and timestamp")
    await scene.deliver(command, visit, scene.frames.event("pdfm"), "an event after such pongs")


@case("EVT-5")
async def unknown_channel(scene: Scene) -> None:
    """A channel that a later release may have."""
    command, visit = await scene.connected()
    frame = scene.frames.envelope("weather", "RAIN_STARTED", body={"millimetres": 4})
    await scene.deliver(command, visit, frame, "an event of an unknown channel")
    await scene.deliver(command, visit, scene.frames.event("pdfm"), "an event after it")


@case("EVT-5")
async def unknown_message(scene: Scene) -> None:
    """A message that a later release may have, with every kind of body."""
    command, visit = await scene.connected()
    for body in ({"vm_id": "1", "speed": 1.5}, None, [1, "two", None], "text", 7, False):
        frame = scene.frames.envelope("pdfm", "VM_TELEPORTED", body=body)
        await scene.deliver(command, visit, frame, f"an unknown message with the body {json.dumps(body)}")
    without = scene.frames.envelope("pdfm", "VM_TELEPORTED")
    await scene.deliver(command, visit, without, "an unknown message without a body")


@case("EVT-5")
async def further_keys(scene: Scene) -> None:
    """At the top, and inside of the body."""
    command, visit = await scene.connected()
    frame = scene.frames.event("pdfm")
    frame["severity"] = {"level": 3, "words": ["odd", None]}
    frame["body"]["cause"] = {"user": None, "times": [1, 2]}
    await scene.deliver(command, visit, frame, "an event with further keys")


@case("EVT-5")
async def unknown_values_of_an_enumeration(scene: Scene) -> None:
    """A state that a later release may have."""
    command, visit = await scene.connected(("pdfm", "orchestrator"))
    state = scene.frames.envelope(
        "pdfm",
        "VM_STATE_CHANGED",
        body={"vm_id": "1", "previous_state": "hibernating", "current_state": "teleporting"},
    )
    await scene.deliver(command, visit, state, "an event with an unknown state")
    health = scene.frames.envelope(
        "orchestrator", "HOST_HEALTH_UPDATE", body={"host_id": "1", "state": "tired"}
    )
    await scene.deliver(command, visit, health, "an event with an unknown health")


@case("EVT-5")
async def every_counterexample_of_the_documents(scene: Scene) -> None:
    """After each the next good event still arrives."""
    command, visit = await scene.connected()
    await scene.survive(command, visit, scene.frames.invalid())


@case("EVT-5")
async def a_thousand_generated_frames(scene: Scene) -> None:
    """Nearly right, or nothing at all; after each the next good event still arrives."""
    command, visit = await scene.connected()
    await scene.survive(command, visit, list(scene.frames.generated(GENERATED)))


@case("EVT-5")
async def binary_frames(scene: Scene) -> None:
    """The protocol has none."""
    command, visit = await scene.connected()
    event = json.dumps(scene.frames.event("pdfm")).encode()
    payloads = (b"", b"\x00\xff\xfe", event, event[:-1])
    await scene.survive(command, visit, [(Opcode.BINARY, payload) for payload in payloads])


@case("EVT-5")
async def flood(scene: Scene) -> None:
    """Thousands of events at once: all of them in order, or the client says how many it dropped."""
    command, visit = await scene.connected()
    wanted: list[object] = []
    seen = len(command.printed)
    for _ in range(FLOOD):
        frame = scene.frames.event("pdfm")
        wanted.append(frame["id"])
        await visit.send(frame)
    await command.wait_for(lambda line: line.value.get("id") == wanted[-1], scene.patience)
    numbers = {identifier: number for number, identifier in enumerate(wanted)}
    got = [numbers[line.value["id"]] for line in command.printed[seen:] if line.notice is None]
    counts = (line.value.get("count") for line in command.printed if line.notice == "dropped")
    dropped = sum(count for count in counts if isinstance(count, int))
    scene.require(got == sorted(got), "events were delivered in another order than they were sent")
    scene.require(len(got) == len(set(got)), "an event was delivered twice")
    scene.require(
        len(got) + dropped >= len(wanted),
        f"of {len(wanted)} events sent at once {len(got)} were delivered and {dropped} said to be dropped",
    )
