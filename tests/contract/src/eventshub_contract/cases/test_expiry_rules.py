"""AUTH-7: a token that expires while a connection is open. Watched from the start, asked for late."""

from __future__ import annotations

import pytest

from eventshub_contract.expiry import GRACE, Expiry
from eventshub_contract.watch import Watch


@pytest.mark.rule("AUTH-7")
def test_socket_of_an_expired_token_is_closed(expiring_peer: Watch[Expiry]) -> None:
    seen = expiring_peer.result()
    assert seen.is_closed, f"not closed within {GRACE:g} s of the end of its token"
    assert seen.close_code == 1008, f"closed with {seen.close_code}, not 1008"
    assert seen.answer_afterwards == 401, f"an expired token was answered {seen.answer_afterwards}, not 401"
