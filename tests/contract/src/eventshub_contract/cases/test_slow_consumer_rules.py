"""EVT-7: a client that reads too slowly loses events, is told how many, and disturbs nobody."""

from __future__ import annotations

from typing import Final

import pytest

from eventshub_contract.bundle import Json, as_object, is_list
from eventshub_contract.hub import CLIENTS, Hub
from eventshub_contract.verdicts import unsupported

LARGE: Final = "x" * 48_000
"""Fills the buffers of the sockets within a few hundred events."""
FURTHER: Final = 600
"""Events beyond the bound of the queue after which some must have been evicted."""
STEP: Final = 50


@pytest.mark.rule("EVT-7")
def test_slow_client_loses_the_oldest_and_disturbs_nobody(hub: Hub) -> None:
    limit = hub.target.queue_limit
    if limit is None:
        unsupported("floods a client: say with --queue-limit how many messages the hub keeps for one")
    if hub.target.control_url is None:
        unsupported("needs events: give the hub's control surface with --control-url")
    channel, message, body = _large_event(hub)
    slow, quick = hub.connect(channel, keep_reading=False), hub.connect(channel)
    slow_id = slow.client_id
    entry: dict[str, object] = {}
    for published in range(1, limit + FURTHER + 1):
        last = hub.publish(channel, message, body)
        if published % STEP:
            continue
        quick.expect(f"event {published}, while another client does not read", id=last)
        entry = _entry_of(hub, slow_id)
        if entry.get("evicted") or not entry:
            break
    quick_entry = _entry_of(hub, quick.client_id)
    if not entry:
        unsupported(
            "the hub ended a client that does not read before its queue was full, as dead or as stalled"
        )
    evicted, depth = entry.get("evicted"), entry.get("queue_depth")
    assert isinstance(evicted, int), f"{CLIENTS} has no number `evicted` for a slow client: {entry}"
    assert evicted > 0, f"{limit + FURTHER} events for a client that does not read, and none is evicted"
    assert isinstance(depth, int), f"{CLIENTS} has no number `queue_depth` for a slow client: {entry}"
    assert depth <= limit, f"{depth} messages wait for a slow client, more than the bound of {limit}"
    assert not quick_entry.get("evicted"), "a client that reads lost events beside one that does not"


def _large_event(hub: Hub) -> tuple[str, str, dict[str, Json]]:
    """Channel, message and body of an event of the documents that may be large."""
    for event in hub.bundle.events:
        for example in event.examples[:1]:
            body = as_object(example.get("body")) or {}
            for key, value in body.items():
                large = {**body, key: LARGE}
                may_be = not hub.bundle.violations(event.schema, {**example, "body": large})
                if isinstance(value, str) and may_be:
                    return event.channels[0], event.values["message"], large
    return unsupported("the documents have no event with a text of any length")


def _entry_of(hub: Hub, client_id: str) -> dict[str, object]:
    listed = hub.request("GET", CLIENTS).json
    entries = [as_object(entry) or {} for entry in listed] if is_list(listed) else []
    mine = [entry for entry in entries if entry.get("id") == client_id]
    return mine[0] if mine else {}
