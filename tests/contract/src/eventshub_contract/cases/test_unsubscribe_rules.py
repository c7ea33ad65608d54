"""UNSUB: channels are removed from a live connection, and only that."""

from __future__ import annotations

import threading

import pytest

from eventshub_contract.bundle import Json, as_object, is_list
from eventshub_contract.connection import Connection
from eventshub_contract.hub import Hub
from eventshub_contract.recorder import Answer

UNKNOWN = "no-such-channel"


def remaining(answer: Answer) -> set[str]:
    """``remaining_subscriptions`` of an answer."""
    return _names(answer, "remaining_subscriptions")


def unsubscribed(answer: Answer) -> set[str]:
    """``unsubscribed`` of an answer."""
    return _names(answer, "unsubscribed")


def refusals(answer: Answer) -> dict[str, str]:
    """``refused`` of an answer: the reason by name."""
    entries = [as_object(entry) or {} for entry in _list(answer, "refused")]
    return {str(entry.get("event_type")): str(entry.get("reason") or "") for entry in entries}


def assert_unchanged(hub: Hub, connection: Connection, channel: str) -> None:
    """The connection still has a channel: it can be removed, which is only possible once."""
    answer = hub.unsubscribe(connection.client_id, [channel])
    assert answer.status == 200, f"{channel} was gone afterwards: {answer.status} {answer.message}"


@pytest.mark.rule("UNSUB-1")
@pytest.mark.parametrize("removed", [["pdfm"], ["pdfm", "health"], ["pdfm", "health", "system"]], ids=len)
def test_channels_are_removed(hub: Hub, removed: list[str]) -> None:
    connection = hub.connect("pdfm", "health", "system")
    answer = hub.unsubscribe(connection.client_id, removed)
    assert answer.status == 200, f"unsubscribe was answered {answer.status} {answer.message}, not 200"
    assert unsubscribed(answer) == set(removed), f"asked to remove {removed}, `unsubscribed` is {answer.text}"
    left = {"pdfm", "health", "system", "global"} - set(removed)
    assert remaining(answer) == left, f"`remaining_subscriptions` is not {sorted(left)}: {answer.text}"
    assert not refusals(answer), f"`refused` has entries though all was removed: {answer.text}"
    assert (as_object(answer.json) or {}).get("code") == 200, f"`code` is not 200: {answer.text}"


@pytest.mark.rule("UNSUB-1")
def test_case_and_spaces_do_not_matter(hub: Hub) -> None:
    connection = hub.connect("pdfm", "health")
    answer = hub.unsubscribe(connection.client_id, [" PDFM "])
    assert answer.status == 200, f"removing ' PDFM ' was answered {answer.status} {answer.message}"
    assert unsubscribed(answer) == {"pdfm"}, f"removing ' PDFM ' removed {sorted(unsubscribed(answer))}"


@pytest.mark.rule("UNSUB-2")
def test_global_alone_is_refused(hub: Hub) -> None:
    connection = hub.connect("pdfm")
    answer = hub.unsubscribe(connection.client_id, ["global"])
    assert answer.status == 400, f"removing global was answered {answer.status}, not 400"
    connection.expect("an event on global afterwards", id=hub.publish_on("global"))


@pytest.mark.rule("UNSUB-2")
def test_global_among_others(hub: Hub) -> None:
    connection = hub.connect("pdfm", "health")
    answer = hub.unsubscribe(connection.client_id, ["pdfm", "global"])
    assert answer.status == 200, f"removing pdfm and global was answered {answer.status}, not 200"
    assert unsubscribed(answer) == {"pdfm"}, (
        f"removing pdfm and global removed {sorted(unsubscribed(answer))}"
    )
    assert remaining(answer) == {"health", "global"}, f"left are {sorted(remaining(answer))}"
    assert refusals(answer).get("global"), f"no reason is given for global: {answer.text}"


@pytest.mark.rule("UNSUB-3")
@pytest.mark.parametrize("names", [[UNKNOWN], ["orchestrator"], [UNKNOWN, "orchestrator"]], ids=" and ".join)
def test_nothing_that_can_be_removed(hub: Hub, names: list[str]) -> None:
    connection = hub.connect("pdfm")
    answer = hub.unsubscribe(connection.client_id, names)
    assert answer.status == 400, f"removing {names} was answered {answer.status}, not 400"
    for name in names:
        assert name in answer.message, f"the message does not name {name}: {answer.message!r}"
    assert_unchanged(hub, connection, "pdfm")


@pytest.mark.rule("UNSUB-3")
def test_some_that_can_be_removed(hub: Hub) -> None:
    connection = hub.connect("pdfm", "health")
    answer = hub.unsubscribe(connection.client_id, [UNKNOWN, "pdfm", "orchestrator"])
    assert answer.status == 200, f"partial success was answered {answer.status} {answer.message}, not 200"
    assert unsubscribed(answer) == {"pdfm"}, f"`unsubscribed` is {sorted(unsubscribed(answer))}"
    reasons = refusals(answer)
    assert set(reasons) == {UNKNOWN, "orchestrator"}, f"`refused` names {sorted(reasons)}"
    neutral = {name: reason.replace(name, "") for name, reason in reasons.items()}
    assert neutral[UNKNOWN] != neutral["orchestrator"], (
        f"one reason for unknown and not subscribed: {reasons}"
    )


@pytest.mark.rule("UNSUB-3")
def test_twice(hub: Hub) -> None:
    connection = hub.connect("pdfm")
    hub.unsubscribe(connection.client_id, ["pdfm"])
    answer = hub.unsubscribe(connection.client_id, ["pdfm"])
    assert answer.status == 400, f"removing what was removed was answered {answer.status}, not 400"


@pytest.mark.rule("UNSUB-6")
def test_removed_channel_is_silent(hub: Hub) -> None:
    connection, witness = hub.connect("pdfm", "health"), hub.connect("pdfm")
    hub.unsubscribe(connection.client_id, ["pdfm"])
    event_id = hub.publish_on("pdfm")
    witness.expect("the event, at a connection that still has the channel", id=event_id)
    connection.expect("an event on another channel", id=hub.publish_on("health"))
    connection.expect("an event on global", id=hub.publish_on("global"))
    arrived = [event.value.get("id") for event in connection.pending()]
    assert event_id not in arrived, "an event of the removed channel came after the answer to unsubscribe"
    assert connection.is_open, "unsubscribe closed the socket"


@pytest.mark.rule("UNSUB-6")
def test_removed_channel_is_silent_amid_a_stream(hub: Hub) -> None:
    connection = hub.connect("pdfm")
    after_answer: list[str] = []
    answered, enough = threading.Event(), threading.Event()
    trouble: list[BaseException] = []

    def stream() -> None:
        try:
            while len(after_answer) < 15:
                is_after = answered.is_set()
                event_id = hub.publish_on("pdfm")
                if is_after:
                    after_answer.append(event_id)
        except BaseException as error:  # noqa: BLE001 - raised again in the case
            trouble.append(error)
        finally:
            enough.set()

    publisher = threading.Thread(target=stream, daemon=True)
    publisher.start()
    try:
        if not trouble:
            connection.expect("events before unsubscribe", event_type="pdfm")
        hub.unsubscribe(connection.client_id, ["pdfm"])
    finally:
        answered.set()
        enough.wait(hub.target.patience * 2)
    if trouble:
        raise trouble[0]
    connection.expect("an event on global", id=hub.publish_on("global"))
    late = set(after_answer) & {str(event.value.get("id")) for event in connection.pending()}
    assert not late, f"{len(late)} events that were published after the answer to unsubscribe arrived"


@pytest.mark.rule("UNSUB-7")
@pytest.mark.parametrize("verb", ["subscribe", "add", "SUBSCRIBE"])
def test_no_command_adds_a_channel(hub: Hub, verb: str) -> None:
    connection = hub.connect("health")
    command: dict[str, Json] = {"message": verb, "id": "add-it", "event_types": ["pdfm"], "body": ["pdfm"]}
    connection.send({"event_type": "pdfm", "type": "pdfm", **command})
    reply = connection.expect("reply to a command that asks for a channel", ref_id="add-it").value
    assert reply.get("message") == "error", f"a command that asks for a channel was answered with {reply}"
    answer = hub.unsubscribe(connection.client_id, ["pdfm"])
    assert answer.status == 400, "a command added a channel to a live connection"


@pytest.mark.rule("UNSUB-7")
def test_removed_channel_comes_back_with_a_new_connection(hub: Hub) -> None:
    address = hub.lend_address()
    connection = hub.connect("pdfm", source=address)
    hub.unsubscribe(connection.client_id, ["pdfm"])
    connection.close()
    again = hub.connect("pdfm", source=address)
    assert "pdfm" in again.subscriptions, f"the new connection has {again.subscriptions}"


def _list(answer: Answer, key: str) -> list[Json]:
    value = (as_object(answer.json) or {}).get(key)
    assert is_list(value), f"the answer has no list `{key}`: {answer.text}"
    return value


def _names(answer: Answer, key: str) -> set[str]:
    names = [str(name) for name in _list(answer, key)]
    assert len(names) == len(set(names)), f"`{key}` names one channel twice: {answer.text}"
    return set(names)
