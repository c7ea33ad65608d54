"""Protocol AUTH-7 while the hub runs: credentials that are replaced, revoked and restored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from tests.mockserver.net.conftest import Control, StartHub
from tests.mockserver.signing import Issuer, jwk_set, rules

from eventshub_mockserver import ApiKey, HubServer, Token

STAYING, LEAVING, REVOKED = Token("staying", "one"), Token("leaving", "two"), Token("revoked", "three")


async def statuses(hub: HubServer, tokens: Sequence[Token | str]) -> list[int]:
    async with httpx.AsyncClient() as http:
        answers = [
            await http.get(f"{hub.url}/v1/ws/stats", headers={"Authorization": f"Bearer {token}"})
            for token in (one.secret if isinstance(one, Token) else one for one in tokens)
        ]
    return [answer.status_code for answer in answers]


async def test_who_is_revoked_stays_so_when_the_others_are_read_again(start_hub: StartHub) -> None:
    hub = await start_hub(credentials=(STAYING, LEAVING, REVOKED))
    hub.revoke("revoked")
    coming = Token("coming", "four")
    hub.replace_credentials((STAYING, REVOKED, coming))
    assert await statuses(hub, (STAYING, LEAVING, REVOKED, coming)) == [200, 401, 401, 200]
    renewed = Token("revoked", "five")
    hub.replace_credentials((STAYING, renewed, coming))
    assert await statuses(hub, (REVOKED, renewed)) == [401, 200]


async def test_what_cannot_be_used_changes_nothing(start_hub: StartHub) -> None:
    hub = await start_hub(credentials=(STAYING, LEAVING), control_token="control")
    with pytest.raises(ValueError, match="control_token"):
        hub.replace_credentials((STAYING, Token("another", "control")))
    with pytest.raises(ValueError, match="two credentials, 'staying' and 'another', have one secret"):
        hub.replace_credentials((STAYING, Token("another", "one")))
    assert await statuses(hub, (STAYING, LEAVING)) == [200, 200]


async def test_one_of_two_secrets_of_a_principal_can_go(start_hub: StartHub) -> None:
    old, new = Token("rotating", "old"), Token("rotating", "new")
    hub = await start_hub(credentials=(old, new, ApiKey("rotating", "old")))
    hub.replace_credentials((new,))
    assert await statuses(hub, (old, new)) == [401, 200]


async def test_signed_tokens_of_a_principal_are_revoked_and_restored(
    start_hub: StartHub, control_of: Control, tmp_path: Path
) -> None:
    issuer = Issuer()
    (tmp_path / "keys.json").write_bytes(jwk_set(issuer))
    jwt = rules(keys=str(tmp_path / "keys.json"))
    hub = await start_hub(credentials=(STAYING,), jwt=jwt)
    token = issuer.sign(exp=4_000_000_000)
    assert await statuses(hub, (token,)) == [200]
    control = await control_of(hub)
    await control.post("/credentials/revoke", 204, name="alice")
    hub.replace_credentials((STAYING, LEAVING))
    assert await statuses(hub, (token, LEAVING)) == [401, 200]
    await control.post("/credentials/restore", 204, name="alice")
    assert await statuses(hub, (token,)) == [200]
    await control.post("/credentials/restore", 404, name="alice")
