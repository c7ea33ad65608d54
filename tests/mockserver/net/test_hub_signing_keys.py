"""Public keys of signed tokens on the wire: fetched, rotated, withdrawn; and sockets whose token ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tests.mockserver.settings import until
from tests.mockserver.signing import SECRET, Issuer, jwk_set, rules, signed

from eventshub_mockserver import HubConfig, HubServer, VirtualClock
from eventshub_mockserver.core.jwt_rules import SigningKeysError


class KeyServer:
    """Publishes a JWK set."""

    def __init__(self) -> None:
        self.document = b""
        self.status = 200
        self.asked = 0
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        del request
        self.asked += 1
        return web.Response(status=self.status, body=self.document, content_type="application/json")


@pytest.fixture
async def keys() -> AsyncGenerator[KeyServer]:
    server = KeyServer()
    application = web.Application()
    application.router.add_get("/keys", server.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/keys"
    yield server
    await runner.cleanup()


async def status(hub: HubServer, dial: Any, token: str) -> int:
    answer = await (await dial(hub)).upgrade("/v1/ws/subscribe", {"Authorization": f"Bearer {token}"})
    return int(answer.status)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def start(start_hub: Any, clock: VirtualClock) -> Any:
    async def begin(**options: Any) -> HubServer:
        given = {"credentials": (), "connections_per_address": None, "clock": clock}
        server: HubServer = await start_hub(jwt=rules(**options), **given)
        return server

    return begin


async def test_a_rotated_key_counts_from_its_first_token_on(
    start: Any, keys: KeyServer, clock: VirtualClock, dial: Any
) -> None:
    old, new = Issuer(kid="old"), Issuer(kid="new")
    keys.document = jwk_set(old)
    hub = await start(keys=keys.url)
    expires = clock.time() + 3600
    assert await status(hub, dial, old.sign(exp=expires)) == 101
    keys.document = jwk_set(old, new)
    await clock.advance_async(11)
    asked = keys.asked
    both = await asyncio.gather(*(status(hub, dial, new.sign(exp=expires)) for _ in range(5)))
    assert both == [101] * 5
    assert keys.asked == asked + 1


async def test_unknown_keys_cannot_make_the_hub_ask_more_often_than_now_and_then(
    start: Any, keys: KeyServer, clock: VirtualClock, dial: Any
) -> None:
    keys.document = jwk_set(Issuer())
    hub = await start(keys=keys.url)
    await clock.advance_async(11)
    asked = keys.asked
    stranger = Issuer(kid="stranger")
    assert [await status(hub, dial, stranger.sign()) for _ in range(3)] == [401] * 3
    assert keys.asked == asked + 1


async def test_a_withdrawn_key_ceases_to_count(
    start: Any, keys: KeyServer, clock: VirtualClock, dial: Any
) -> None:
    old = Issuer(kid="old")
    keys.document = jwk_set(old)
    hub = await start(keys=keys.url)
    token = old.sign(exp=clock.time() + 3600)
    assert await status(hub, dial, token) == 101
    keys.document = jwk_set(Issuer(kid="new"))
    await clock.advance_async(301)
    asked = keys.asked
    await status(hub, dial, token)
    await until(lambda: keys.asked > asked)
    async with asyncio.timeout(5):
        while await status(hub, dial, token) != 401:  # noqa: ASYNC110 - its answer may be on the way
            await asyncio.sleep(0.01)


async def test_keys_are_fetched_when_that_is_asked_for_and_stay_if_it_fails(
    start: Any, keys: KeyServer, clock: VirtualClock, dial: Any
) -> None:
    old = Issuer(kid="old")
    keys.document = jwk_set(old)
    hub = await start(keys=keys.url)
    token = old.sign(exp=clock.time() + 3600)
    asked, keys.status = keys.asked, 503
    hub.read_keys_again()
    await until(lambda: keys.asked == asked + 1)
    assert await status(hub, dial, token) == 101
    keys.document, keys.status = jwk_set(Issuer(kid="new")), 200
    async with asyncio.timeout(5):
        while await status(hub, dial, token) != 401:
            hub.read_keys_again()


async def test_a_hub_starts_before_its_issuer_does(
    start: Any, keys: KeyServer, clock: VirtualClock, dial: Any
) -> None:
    issuer = Issuer()
    keys.status = 503
    hub = await start(keys=keys.url)
    token = issuer.sign(exp=clock.time() + 3600)
    assert await status(hub, dial, token) == 401
    keys.status, keys.document = 200, jwk_set(issuer)
    await clock.advance_async(11)
    assert await status(hub, dial, token) == 101


async def test_a_document_without_end_is_not_read_to_its_end(start: Any, keys: KeyServer, dial: Any) -> None:
    keys.document = b" " * (2 << 20)
    hub = await start(keys=keys.url)
    assert await status(hub, dial, Issuer().sign()) == 401


async def test_keys_in_a_file(start: Any, tmp_path: Path, clock: VirtualClock, dial: Any) -> None:
    issuer = Issuer("RS256")
    file = tmp_path / "keys.json"
    file.write_bytes(jwk_set(issuer))
    hub = await start(keys=str(file))
    assert await status(hub, dial, issuer.sign(exp=clock.time() + 60)) == 101


@pytest.mark.parametrize("content", [None, b"no keys"])
async def test_a_file_without_keys_is_told_at_the_start(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "keys.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises((OSError, SigningKeysError)):
        await HubServer(HubConfig(jwt=rules(keys=str(file)))).start()


async def test_keys_do_not_come_in_the_clear_from_elsewhere() -> None:
    with pytest.raises(SigningKeysError, match="https"):
        await HubServer(HubConfig(jwt=rules(keys="http://issuer.example/keys"))).start()


async def test_a_socket_ends_with_its_token_or_its_revocation(
    start: Any, clock: VirtualClock, subscribe: Any, dial: Any
) -> None:
    hub: HubServer = await start(secret=SECRET)
    brief = await subscribe(hub, token=signed(SECRET, exp=clock.time() + 5))
    revoked_token = signed(SECRET, sub="bob", exp=clock.time() + 3600)
    revoked = await subscribe(hub, token=revoked_token)
    hub.revoke("bob")
    assert (await revoked.read_close())[:2] == (1008, "the credential was revoked")
    revoked.close()
    await clock.advance_async(6)
    assert (await brief.read_close())[:2] == (1008, "the credential has expired")
    brief.close()
    assert await status(hub, dial, revoked_token) == 401
