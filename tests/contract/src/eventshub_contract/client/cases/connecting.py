"""How a client finds the hub, and what it makes of the welcome (protocol CONN)."""

from __future__ import annotations

from ..frames import DEFAULT_TEXT, NOT_THE_TEXT
from ..registry import case
from ..scene import Scene, stream_path
from .tls import tls_hub

FORMS = (
    ("http://{host}/", ""),
    ("ws://{host}", ""),
    ("http://{host}/api", "/api"),
    ("ws://{host}/some/where/", "/some/where"),
)


@case("CONN-1")
async def base_url_in_every_form(scene: Scene) -> None:
    """With http or ws, with or without a path and a slash at its end."""

    async def try_form(url: str, prefix: str) -> None:
        hub = await scene.another_hub(f"hub{prefix}")
        await scene.start(hub=hub, url=url)
        visit = await scene.visit(f"with the base URL {url.format(host='HOST')}", hub=hub)
        asked, wanted = visit.request.path, stream_path(prefix)
        shown = url.format(host="HOST")
        scene.require(
            asked == wanted, f"with the base URL {shown} the client asked for {asked}, not {wanted}"
        )
        scene.require(not visit.request.fault, f"the handshake with {shown} is none: {visit.request.fault}")

    await scene.together(*(try_form(url, prefix) for url, prefix in FORMS))


@case("CONN-1")
async def base_url_over_tls(scene: Scene) -> None:
    """With https or wss, certificates of a private authority trusted through the environment."""

    async def try_scheme(scheme: str) -> None:
        async with tls_hub(scene, scheme) as (hub, environment):
            await scene.start(hub=hub, url=f"{scheme}://{{host}}", environment=environment)
            visit = await scene.visit(f"with a base URL of {scheme}", hub=hub)
            scene.require(
                visit.request.path == stream_path() and not visit.request.fault,
                f"with a base URL of {scheme} the client sent no handshake for {stream_path()}",
            )

    await scene.together(try_scheme("https"), try_scheme("wss"))


@case("CONN-5")
async def channels_not_granted_are_told(scene: Scene) -> None:
    """The hub grants less than was asked for, and says so in the welcome alone."""
    command = await scene.start(("pdfm", "tyop"))
    visit = await scene.visit("at first")
    scene.needs(
        "tyop" in visit.request.channels,
        "the client did not ask for the channels in EVENTSHUB_JUDGE_CHANNELS: have the command read it",
    )
    await scene.welcome(visit, granted=["pdfm"])
    notice = await scene.notice(command, "refused")
    scene.require(notice, 'the hub did not grant `tyop`, and no {"notice": "refused", ...} tells of it')
    told = notice.value.get("channels") if notice else None
    scene.require(told == ["tyop"], f"`tyop` was not granted, and the notice speaks of {told!r}")


@case("CONN-6")
async def welcome_with_another_text(scene: Scene) -> None:
    """Its text may change with any release of the hub."""
    command = await scene.start()
    visit = await scene.welcomed(message=NOT_THE_TEXT)
    await scene.deliver(
        command, visit, scene.frames.event("pdfm"), "an event after a welcome of another text"
    )


@case("CONN-6")
async def event_with_the_text_of_a_welcome(scene: Scene) -> None:
    """What is not the first frame is no welcome, whatever it says: its subscriptions are not the client's."""
    command, visit = await scene.connected()
    body = {"client_id": visit.client_id, "subscriptions": ["global"]}
    frame = scene.frames.envelope("global", DEFAULT_TEXT, body=body)
    await scene.deliver(command, visit, frame, "an event with the text of a welcome")
    await scene.deliver(command, visit, scene.frames.event("pdfm"), "an event after it")


@case("CONN-6")
async def welcome_with_more_and_with_less(scene: Scene) -> None:
    """Further keys, and no client ID at the top level."""

    async def try_welcome(name: str, *, more: bool) -> None:
        hub = await scene.another_hub(name)
        command = await scene.start(hub=hub)
        visit = await scene.visit("at first", hub=hub)
        await visit.accept()
        frame = scene.frames.welcome(f"{name}-1", [*visit.request.channels, "global"])
        if more:
            frame["body"]["region"] = "eu-north"
            frame["shard"] = {"number": 7}
        else:
            del frame["client_id"]
        await visit.send(frame)
        what = "an event after a welcome " + ("of more keys" if more else "without a client_id at its top")
        await scene.deliver(command, visit, scene.frames.event("pdfm"), what)

    await scene.together(try_welcome("more", more=True), try_welcome("less", more=False))


@case("CONN-6")
async def no_welcome_at_all(scene: Scene) -> None:
    """The hub takes the connection and then says nothing: that is no connection to stay with."""
    await scene.start()
    visit = await scene.visit("at first")
    await visit.accept()
    within = scene.pace.handshake_timeout + scene.patience
    scene.require(
        await visit.is_left(within),
        f"no welcome came, and the client still waits for one after {within:g} s",
    )


@case("CONN-6")
async def first_frame_that_is_no_welcome(scene: Scene) -> None:
    """It is not swallowed as one: the client leaves, or takes it for the event that it is."""
    command = await scene.start()
    visit = await scene.visit("at first")
    await visit.accept()
    first, second = scene.frames.event("pdfm"), scene.frames.event("pdfm")
    await visit.send(first)
    await visit.send(second)
    if await visit.is_left(scene.patience):
        return
    printed = [line.value.get("id") for line in command.printed]
    scene.require(
        first["id"] in printed or second["id"] not in printed,
        "the first frame was an event, and the client took it for the welcome",
    )
    scene.require(
        second["id"] in printed,
        "the first frame was no welcome, and the client neither leaves nor delivers what comes",
    )
