"""Questions to a journal about what is in messages."""

from __future__ import annotations

import json

import pytest

from eventshub_mockserver import Entry, Journal, Kind


def entry(number: int, kind: Kind, content: object, channel: str = "pdfm") -> Entry:
    text = content if isinstance(content, str) else json.dumps(content)
    return Entry(number=number, time=0.0, elapsed=0.0, kind=kind, channel=channel, text=text)


def change(number: int, vm_id: str, state: str | None) -> Entry:
    return entry(number, Kind.SENT, {"event_type": "pdfm", "body": {"vm_id": vm_id, "state": state}})


JOURNAL = Journal(
    [
        change(1, "vm-1", "running"),
        change(2, "vm-2", "stopped"),
        entry(3, Kind.SENT, {"event_type": "health", "message": "pong"}, "health"),
        entry(4, Kind.RECEIVED, "no JSON"),
        entry(5, Kind.RECEIVED, "7"),
        change(6, "vm-1", None),
        Entry(number=7, time=0.0, elapsed=0.0, kind=Kind.PING),
    ]
)


def numbers(journal: Journal) -> list[int]:
    return [entry.number for entry in journal]


def test_messages_are_found_by_what_is_at_a_path() -> None:
    assert numbers(JOURNAL.where("$.body.vm_id")) == [1, 2, 6]
    assert numbers(JOURNAL.where("$.body.vm_id", "vm-1")) == [1, 6]
    assert numbers(JOURNAL.where("$.body.state", None)) == [6]
    assert numbers(JOURNAL.where("$..vm_id", equals="vm-2")) == [2]
    assert numbers(JOURNAL.where("$[?@.vm_id == 'vm-1' && @.state == 'running']")) == [1]
    assert numbers(JOURNAL.where("$.nothing")) == []


def test_questions_can_be_combined() -> None:
    assert numbers(JOURNAL.sent("pdfm").where("$.body.vm_id", "vm-1")[1:]) == [6]
    assert len(JOURNAL.where("$.body").select(Kind.SENT)) == 3
    assert JOURNAL.where("$.body").counts() == {Kind.SENT: 3}


def test_values_are_given_in_order() -> None:
    assert JOURNAL.sent("pdfm").values("$.body.vm_id") == ["vm-1", "vm-2", "vm-1"]
    assert JOURNAL.values("$.body.state") == ["running", "stopped", None]
    assert JOURNAL.received().values("$.x") == []


def test_a_path_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match=r"the path '\$\.body\[' cannot be understood"):
        JOURNAL.where("$.body[")
    with pytest.raises(ValueError, match="cannot be understood"):
        JOURNAL.values("$.a b")


def test_an_attribute_that_entries_do_not_have_is_told() -> None:
    with pytest.raises(TypeError, match="an entry has no chanel"):
        JOURNAL.select(chanel="pdfm")
