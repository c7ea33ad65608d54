"""Protocol OPS-1, OPS-2."""

from __future__ import annotations

from tests.mockserver.core_harness import VM, CoreHub

from eventshub_mockserver.core.credentials import ADMIN, READ_ONLY, Principal
from eventshub_mockserver.core.inspection import describe_clients, describe_hub
from eventshub_mockserver.core.limits import Limits


def test_a_caller_sees_its_own_connections_and_an_admin_all() -> None:
    core = CoreHub()
    alice, bob = core.connect(name="alice"), core.connect(name="bob")
    shown = describe_clients(core.hub, Principal("alice"))
    assert [entry["id"] for entry in shown] == [alice.id]
    shown = describe_clients(core.hub, Principal("root", frozenset({READ_ONLY, ADMIN})))
    assert [entry["id"] for entry in shown] == [alice.id, bob.id]


def test_heartbeats_and_losses_are_shown() -> None:
    core = CoreHub(Limits(queue_size=2))
    peer = core.connect("pdfm")
    for _ in range(5):
        core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    (entry,) = describe_clients(core.hub, Principal("alice"))
    assert (entry["queue_depth"], entry["evicted"]) == (2, 3)
    assert (entry["last_ping_at"], entry["last_pong_at"]) == (None, None)
    core.advance(30)
    core.advance(1)
    core.hub.receive_pong(peer.connection)
    (entry,) = describe_clients(core.hub, Principal("alice"))
    assert (entry["last_ping_at"], entry["last_pong_at"]) == (
        "2025-12-05T10:16:00.000000Z",
        "2025-12-05T10:16:01.000000Z",
    )
    assert entry["is_alive"]


def test_the_hub_in_numbers() -> None:
    core = CoreHub()
    gone, _ = core.connect("pdfm"), core.connect("pdfm,health")
    core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    gone.reads()
    core.hub.disconnect(gone.connection)
    core.clock.advance(3723)
    shown = describe_hub(core.hub)
    assert shown == {
        "total_clients": 1,
        "total_subscriptions": 3,
        "type_stats": {"global": 1, "pdfm": 1, "system": 0, "orchestrator": 0, "health": 1},
        "messages_sent": 3,
        "start_time": "2025-12-05T10:15:30.000000Z",
        "uptime": "1:02:03",
    }
