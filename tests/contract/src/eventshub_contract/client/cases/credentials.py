"""What a client does with what it was entrusted with (protocol AUTH)."""

from __future__ import annotations

import base64

from ..registry import case
from ..scene import Scene, stream_path
from ..visit import Visit


@case("AUTH-1")
async def token_goes_into_the_header(scene: Scene) -> None:
    """The token, and nothing but the token, after the word Bearer."""
    await scene.start()
    visit = await scene.welcomed()
    _require_bearer(scene, visit)


@case("AUTH-2")
async def api_key_goes_into_its_header(scene: Scene) -> None:
    """The base64 form of key and secret."""
    await scene.start(environment={"EVENTSHUB_JUDGE_API_KEY": scene.api_key})
    visit = await scene.welcomed()
    uses_token = visit.request.header("authorization") == f"Bearer {scene.token}"
    scene.needs(not uses_token, "the command used the token: have it read EVENTSHUB_JUDGE_API_KEY")
    found = visit.request.header("x-api-key")
    scene.require(found is not None, "the API key was given, and there is no header X-Api-Key")
    expected = base64.b64encode(scene.api_key.encode()).decode()
    scene.require(found == expected, "X-Api-Key is not the base64 form of key:secret")


@case("AUTH-6")
async def one_credential_at_every_connection(scene: Scene) -> None:
    """One kind, and the first time as the second."""
    _, visit = await scene.connected()
    _require_one(scene, visit)
    await visit.close(1001)
    again = await scene.hub.visit(scene.pace.longest_delay + scene.patience)
    if again is not None:  # not to come back is for END-2 to judge
        _require_one(scene, again)


@case("AUTH-6")
async def no_credential_to_where_a_redirect_points(scene: Scene) -> None:
    """Another host may be anybody's."""
    await scene.together(*(_redirected(scene, status) for status in (302, 307, 308)))


@case("AUTH-6")
async def credential_is_written_nowhere(scene: Scene) -> None:
    """Neither printed, nor in an error, nor sent over the socket; also when things go wrong."""
    other = await scene.another_hub("refusing")
    refused = await scene.start(hub=other)
    visit = await scene.visit("at first", hub=other)
    await visit.refuse(401)
    _, visit = await scene.connected()
    await visit.send_raw(b"\x8f\x7f no such frame")
    again = await scene.hub.visit(scene.pace.longest_delay + scene.patience)
    if again is not None:
        await again.refuse(403)
    await refused.wait_ended(0.5)
    for command in scene.commands:
        await command.wait_ended(0.5)
        for where, text in (("output", command.output), ("error stream", command.errors)):
            scene.require(
                not scene.secrets.leak_in(text.decode("utf-8", "replace")),
                f"the credential was written to the command's {where}",
            )
    for each in scene.hub.seen:
        scene.require(
            not any(scene.secrets.leak_in(text) for text in each.sent_texts),
            "the credential was sent in a frame",
        )


@case("AUTH-5", "END-2")
async def refusal_with_401_is_final(scene: Scene) -> None:
    """The first connection; `Retry-After` changes nothing."""
    await _refused_at_first(scene, 401)


@case("AUTH-5", "END-2")
async def refusal_with_403_is_final(scene: Scene) -> None:
    """The first connection; `Retry-After` changes nothing."""
    await _refused_at_first(scene, 403)


@case("AUTH-5", "END-2")
async def refusal_with_401_ends_reconnecting(scene: Scene) -> None:
    """The token was good once and is not any more."""
    await _refused_on_return(scene, 401)


@case("AUTH-5", "END-2")
async def refusal_with_403_ends_reconnecting(scene: Scene) -> None:
    """The claim was there once and is not any more."""
    await _refused_on_return(scene, 403)


async def _redirected(scene: Scene, status: int) -> None:
    hub, other = await scene.another_hub(f"hub{status}"), await scene.another_hub(f"other{status}")
    await scene.start(hub=hub)
    visit = await scene.visit("at first", hub=hub)
    scheme = "ws" if status == 307 else "http"
    await visit.refuse(status, {"Location": f"{scheme}://localhost:{other.port}{stream_path()}"})
    came = await other.visit(1.0)
    kinds = came.request.credentials if came else ()
    scene.require(
        not kinds,
        f"after {status} with a location on another host the client sent its credential there,"
        f" in {', '.join(kinds)}",
    )


async def _refused_at_first(scene: Scene, status: int) -> None:
    command = await scene.start()
    visit = await scene.visit("at first")
    await visit.refuse(status, {"Retry-After": "1", "WWW-Authenticate": "Bearer"})
    await scene.no_visit(command, f"after {status}", scene.pace.silence)


async def _refused_on_return(scene: Scene, status: int) -> None:
    command, visit = await scene.connected()
    await visit.close(1001)
    again = await scene.hub.visit(scene.pace.longest_delay + scene.patience)
    scene.needs(again is not None, "the client did not reconnect, so that it could not be refused")
    if again is not None:
        await again.refuse(status)
    await scene.no_visit(command, f"after {status} on reconnecting", scene.pace.silence)


def _require_bearer(scene: Scene, visit: Visit) -> None:
    found = visit.request.header("authorization")
    scene.require(found is not None, "there is no header Authorization, and a token was given")
    scheme, _, token = (found or "").partition(" ")
    scene.require(scheme.lower() == "bearer", f"the scheme of Authorization is {scheme!r}, not Bearer")
    scene.require(token == scene.token, "Authorization carries something else than the token")


def _require_one(scene: Scene, visit: Visit) -> None:
    kinds = visit.request.credentials
    scene.require(len(kinds) == 1, f"the request carries {len(kinds)} credentials: {', '.join(kinds) or '-'}")
