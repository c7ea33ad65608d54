"""What a client makes of the answers to requests (protocol ERR-1, UNSUB-1)."""

from __future__ import annotations

import json

from ..registry import case
from ..scene import Scene
from ..wire import Request

HTML = b"<!DOCTYPE html><html><head><title>Proxy says no</title></head><body>no</body></html>"
SHAPES: tuple[tuple[str, bytes, str], ...] = (
    ("code and message", b'{"code": 403, "message": "no such luck"}', "no such luck"),
    (
        "code, message and diagnostics",
        b'{"code": 403, "message": "no such luck", "diagnostics": [{"stack": ["a", "b"]}]}',
        "no such luck",
    ),
    (
        "error and error_description",
        b'{"error": "access_denied", "error_description": "no such luck"}',
        "no such luck",
    ),
    ("null", b"null", ""),
    ("nothing", b"", ""),
    ("HTML", HTML, ""),
)
REMOVED: tuple[tuple[str, bytes], ...] = (
    (
        "an answer of all fields",
        json.dumps(
            {
                "code": 200,
                "message": "unsubscribed",
                "unsubscribed": ["pdfm"],
                "remaining_subscriptions": ["global"],
                "refused": [],
            }
        ).encode(),
    ),
    ("an empty answer", b""),
    ("an answer of message and code", b'{"message": "unsubscribed", "code": 200}'),
)


@case("ERR-1")
async def refusals_of_every_shape(scene: Scene) -> None:
    """Each becomes one error that says the status, and the text where there is one."""
    found: dict[str, tuple[object, object] | None] = {}

    async def try_shape(shape: str, body: bytes) -> None:
        hub = await scene.another_hub(f"hub ({shape})")
        command = await scene.start(hub=hub)
        visit = await scene.visit("at first", hub=hub)
        kind = "text/html" if body is HTML else "application/json"
        await visit.refuse(403, {"Content-Type": kind}, body)
        notice = await scene.notice(command, "error")
        found[shape] = (notice.value.get("status"), notice.value.get("text")) if notice else None

    await scene.together(*(try_shape(shape, body) for shape, body, _ in SHAPES))
    scene.needs(
        any(found.values()),
        'no refusal was told of: have the command print {"notice": "error", "status": ..., "text": ...}',
    )
    for shape, _, text in SHAPES:
        told = found[shape]
        scene.require(told, f"a refusal whose body is {shape} led to no error with a status")
        status, said = told or (None, None)
        scene.require(status == 403, f"a refusal with 403 whose body is {shape} was told as {status!r}")
        scene.require(
            text in str(said), f"a refusal whose body is {shape} was told without its text: {said!r}"
        )


@case("UNSUB-1")
async def answers_to_unsubscribe(scene: Scene) -> None:
    """All fields, none, or two: the channel is gone, the stream goes on."""

    async def try_answer(what: str, body: bytes) -> None:
        hub = await scene.another_hub(f"hub ({what})")
        command = await scene.start(
            ("pdfm", "system"), hub=hub, environment={"EVENTSHUB_JUDGE_UNSUBSCRIBE": "pdfm"}
        )
        visit = await scene.visit("at first", hub=hub)
        await scene.welcome(visit)
        asked = await hub.visit(scene.patience)
        scene.needs(
            asked, "no request to unsubscribe came: have the command read EVENTSHUB_JUDGE_UNSUBSCRIBE"
        )
        if asked is None:
            return
        _require_request(scene, asked.request, visit.client_id)
        await asked.answer(200, "application/json" if body else None, body)
        notice = await scene.notice(command, "unsubscribed", "error")
        scene.require(
            notice and notice.notice == "unsubscribed", f"the client did not accept {what} to unsubscribe"
        )
        event = scene.frames.event("system")
        await scene.deliver(command, visit, event, f"an event of another channel after {what}")

    await scene.together(*(try_answer(what, body) for what, body in REMOVED))


def _require_request(scene: Scene, request: Request, client_id: str) -> None:
    shown = f"{request.method} {request.target}"
    scene.require(shown == "POST /v1/ws/unsubscribe", f"to unsubscribe, the client sent {shown}")
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    wanted = {"client_id": client_id, "event_types": ["pdfm"]}
    scene.require(body == wanted, f"to unsubscribe, the client sent {body!r}, not {wanted!r}")
    kind = (request.header("content-type") or "").partition(";")[0]
    scene.require(kind == "application/json", f"the body's content type is {kind!r}")
    credential = request.header("authorization") or ""
    scene.require(scene.token in credential, "the request to unsubscribe is without the token")
