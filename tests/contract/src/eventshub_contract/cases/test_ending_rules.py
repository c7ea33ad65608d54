"""END: nothing comes twice, and the hub goes away. The last cases that talk to it."""

from __future__ import annotations

import pytest

from eventshub_contract.ending import Shutdown
from eventshub_contract.hub import Hub
from eventshub_contract.verdicts import unsupported
from eventshub_contract.watch import Watch


@pytest.mark.rule("END-3")
def test_nothing_is_replayed_after_a_reconnect(hub: Hub) -> None:
    address = hub.lend_address()
    hub.connect("pdfm", source=address).close()
    missed = hub.publish_on("pdfm")
    again = hub.connect("pdfm", source=address)
    again.expect("an event published while connected", id=hub.publish_on("pdfm"))
    arrived = [event.value.get("id") for event in again.pending()]
    assert missed not in arrived, "an event that was published before the connection was opened came on it"


@pytest.mark.rule("END-1")
def test_shutdown_is_announced(shutdown: Watch[Shutdown]) -> None:
    farewells = shutdown.result().farewells
    assert all(farewell.is_announced for farewell in farewells), "the shutdown was not announced on global"


@pytest.mark.rule("END-1")
def test_shutdown_closes_with_1001(shutdown: Watch[Shutdown]) -> None:
    farewells = shutdown.result().farewells
    assert all(farewell.is_closed for farewell in farewells), "a connection was not closed at the shutdown"
    codes = [farewell.close_code for farewell in farewells]
    assert codes == [1001] * len(codes), f"connections were closed with {codes}, not 1001"


@pytest.mark.rule("CONN-8")
def test_draining_hub_refuses_handshakes(shutdown: Watch[Shutdown]) -> None:
    seen = shutdown.result()
    assert seen.drains, "the hub does not drain: it dropped its connections, and refuses none with 503"
    if not seen.answers:
        unsupported("the hub was gone before a handshake could be tried")
    statuses = [answer.status for answer in seen.answers]
    assert set(statuses) == {503}, f"after it had announced its end the hub answered {statuses}, not 503"
    for answer in seen.answers:
        assert answer.headers.get("retry-after"), "503 came without Retry-After"
        assert answer.message, f"503 does not say what was wrong: {answer.text!r}"
