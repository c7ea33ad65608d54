"""The language of ``--where``."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventshub.cli.event_filter import ExpressionError, compile_filter

EVENT: dict[str, Any] = {
    "id": "e-1",
    "event_type": "pdfm",
    "message": "VM_ADDED",
    "body": {
        "vm_id": "vm-1",
        "cpus": 4,
        "new_vm": {"Home path": "/vms/1", "items": 3, "_x": 1, "format": "qcow"},
        "tags": ["a", "b"],
        "none": None,
    },
    "newer": 7,
}


@pytest.mark.parametrize(
    "expression",
    [
        'body.vm_id == "vm-1"',
        'channel == "pdfm" and event_type == "pdfm"',
        'message != "VM_REMOVED"',
        "body.cpus > 2 and 2 < body.cpus <= 4",
        'body["new_vm"]["Home path"] == "/vms/1"',
        "body.new_vm.items == 3",
        "body.new_vm._x == 1",
        'body.new_vm.format == "qcow"',
        'message in ["VM_ADDED", "VM_REMOVED"]',
        '"a" in body.tags and "z" not in body.tags',
        'body.tags[0] == "a" and body.tags[-1] == "b"',
        "body.tags[9] is null and body.tags.x is None",
        'startswith(body.vm_id, "vm-") and endswith(message, "ADDED")',
        'lower(message) == "vm_added"',
        "len(body.tags) == 2",
        "body.missing == null",
        "not body.missing.further.still",
        "not (body.missing > 5)",
        "not (body.vm_id > 5)",
        'not ("a" in body.missing)',
        '"a" not in body.missing',
        "not startswith(body.cpus, 4)",
        "len(body.cpus) == null",
        "event.newer == 7",
        "true and not false",
        "-body.cpus == -4 and -body.vm_id == null",
        'body == event["body"]',
        " body.cpus ",
    ],
)
def test_true_of_the_event(expression: str) -> None:
    assert compile_filter(expression)(EVENT) is True


@pytest.mark.parametrize("frame", [None, 3, "text", [], {}, {"body": None}, {"body": [1]}])
def test_whatever_the_frame_is_there_is_an_answer(frame: object) -> None:
    assert compile_filter('body.vm_id == "vm-1"')(frame) is False


def test_one_event_leaves_nothing_to_the_next() -> None:
    matches = compile_filter("body.cpus == 4")
    assert [matches(EVENT), matches({}), matches(EVENT)] == [True, False, True]


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("", "column 1"),
        ("body.x ==", "column"),
        ("body.x = 1", "column 8"),
        ("a; b", "column 2"),
        ("bodi.x == 1", "column 1: unknown name 'bodi'; an event has id, event_type"),
        ("false and bodi", "column 11: unknown name 'bodi'"),
        ("body.x == open('f')", "column 11: the functions are startswith"),
        ("body.vm_id.upper()", "column 1: the functions are"),
        ("lower(body.x, 2)", "column 1: lower takes 1, not 2 values"),
        ("lower(x=1)", "column 1: the functions are"),
        ("lower == 1", "column 1: unknown name 'lower'"),
        ("body.x + 1", "column 1: 'body.x + 1' is not part"),
        ("9 ** 9 ** 9", "'9 ** 9 ** 9' is not part"),
        ("[x for x in body]", "column 1: '[x for x in body]' is not part"),
        ("lambda: 1", "'lambda: 1' is not part"),
        ("(x := 1)", "'(x := 1)' is not part"),
        ('f"{body}"', "is not part"),
        ("body.tags[0:1]", "'0:1' is not part"),
        ("b'x' == 1", "the values are strings"),
        ("{1: 2}", "'{1: 2}' is not part"),
        ("not " * 60 + "body", "deeper than"),
        ("body.x == " + '"x"' * 1000, "longer than"),
        ("body\x00", "cannot"),
    ],
)
def test_anything_else_is_refused_with_its_place(expression: str, says: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_filter(expression)
    assert says in str(caught.value)


@pytest.mark.parametrize("expression", ["(" * 1000 + ")" * 1000, "[" * 150 + "]" * 150, "body" + ".x" * 900])
def test_what_is_nested_too_deep_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        compile_filter(expression)


@given(st.text(alphabet="body.x[]()'\"=<>!andornti, 01{}:+-*/\\\n\x00", max_size=40))
def test_any_text_is_understood_or_refused(expression: str) -> None:
    try:
        matches = compile_filter(expression)
    except ExpressionError:
        return
    assert matches(EVENT) in {True, False}
