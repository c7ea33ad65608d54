"""How each side knows that the other lives (protocol HB), and how commands look (protocol CMD)."""

from __future__ import annotations

from websockets.frames import Opcode

from ...bundle import Json
from ..registry import case
from ..scene import Scene
from ..visit import Visit

PINGS = 3


@case("HB-1")
async def ping_frames_are_answered(scene: Scene) -> None:
    """With what was in them, also while events come."""
    _, visit = await scene.connected()
    for number in range(3):
        payload = f"judge {number}".encode()
        await visit.send_frame(Opcode.PING, payload)
        for _ in range(20):
            await visit.send(scene.frames.event("pdfm"))
        found = await visit.pong(scene.patience)
        scene.require(found is not None, f"a ping frame was not answered within {scene.patience:g} s")
        scene.require(found == payload, "a pong frame carries something else than its ping frame")


@case("HB-2")
async def json_pings_come_regularly(scene: Scene) -> None:
    """Each with an ID of its own, and the connection stays while they are answered."""
    visit, pings = await _pings(scene, PINGS)
    scene.require(
        len(pings) == PINGS,
        f"a client subscribed to `health` sent {len(pings)} JSON pings, not {PINGS}, in time",
    )
    ids = [ping.get("id") for ping in pings]
    scene.require(all(isinstance(each, str) and each for each in ids), f"a ping has no ID: {ids!r}")
    scene.require(len({str(each) for each in ids}) == PINGS, f"pings share an ID: {ids!r}")
    scene.require(not visit.ended.is_set(), "the client left a connection whose pings were answered")


@case("HB-2")
async def missing_pong_ends_the_connection(scene: Scene) -> None:
    """The hub answers two pings, then falls silent; TCP stays."""
    visit, pings = await _pings(scene, 2)
    scene.needs(len(pings) == 2, "the client sends no JSON pings")
    visit.reply = lambda _: None
    await _require_left(scene, visit, "the hub stopped answering JSON pings")


@case("HB-2")
async def pong_for_another_ping_does_not_count(scene: Scene) -> None:
    """A pong is matched by its `ref_id`."""
    visit, pings = await _pings(scene, 1)
    scene.needs(pings, "the client sends no JSON pings")
    visit.reply = lambda _: scene.frames.envelope(
        "health", "pong", ref_id="somebody-elses", client_id=visit.client_id
    )
    await _require_left(scene, visit, "no pong had the `ref_id` of a ping")


@case("CMD-1")
async def commands_name_the_channel_under_both_keys(scene: Scene) -> None:
    """Every release of the hub understands one of them."""
    _, pings = await _pings(scene, 1)
    scene.needs(pings, "the client sends no commands")
    channel, other = pings[0].get("event_type"), pings[0].get("type")
    scene.require(channel == "health", f"the ping's `event_type` is {channel!r}, not 'health'")
    scene.require(other == "health", f"the ping's `type` is {other!r}, not 'health'")


async def _pings(scene: Scene, count: int) -> tuple[Visit, list[dict[str, Json]]]:
    """A client subscribed to `health`, and its first pings, as many as come in time."""
    await scene.start(("pdfm", "health"))
    visit = await scene.visit("at first")
    scene.needs(
        "health" in visit.request.channels,
        "the client did not ask for the channels in EVENTSHUB_JUDGE_CHANNELS: have the command read it",
    )
    await scene.welcome(visit)
    pings: list[dict[str, Json]] = []
    while len(pings) < count:
        command = await visit.command(scene.pace.ping_interval + scene.patience)
        if command is None:
            break
        if command.get("message") == "ping":
            pings.append(command)
    return visit, pings


async def _require_left(scene: Scene, visit: Visit, why: str) -> None:
    within = scene.pace.ping_interval + scene.pace.pong_timeout + scene.patience
    scene.require(await visit.is_left(within), f"{why}, and the client did not leave within {within:g} s")
