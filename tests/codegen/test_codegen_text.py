"""Names, literals, docstrings and imports of generated Python."""

from __future__ import annotations

import ast

import pytest

from eventshub_codegen.targets.python.naming import attribute_names, class_name, constant, snake
from eventshub_codegen.targets.python.text import docstring, import_lines, quote, tuple_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("client-id", "client_id"),
        ("Home path", "home_path"),
        ("operatingSystem", "operating_system"),
        ("HTTPPort", "http_port"),
        ("ID", "id"),
        ("vm2name", "vm2name"),
        ("2fa", "field_2fa"),
        ("class", "class_"),
        ("", "field"),
        ("!!", "field"),
        ("__init__", "init"),
    ],
)
def test_snake(text: str, name: str) -> None:
    assert snake(text, "field") == name


def test_constant_and_class_names() -> None:
    assert constant("websocket-connected", "VALUE") == "WEBSOCKET_CONNECTED"
    assert constant("class", "VALUE") == "CLASS"
    assert class_name("2FaBody") == "Type2FaBody"
    assert class_name("Any") == "Any_"


def test_a_key_that_is_its_own_name_keeps_it() -> None:
    names = attribute_names([("Name", ""), ("name", ""), ("NAME", "")], frozenset())
    assert names == {"Name": "name_2", "name": "name", "NAME": "name_3"}


@pytest.mark.parametrize(
    "text", ["plain", 'quo"te', "back\\slash", "new\nline", "\u202e", "\x00", "\ud800", "😀", "{{ x }}"]
)
def test_a_literal_is_read_back_as_it_was(text: str) -> None:
    assert ast.literal_eval(quote(text)) == text
    assert quote(text).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        'ends with a "quote"',
        '"""',
        "back\\",
        "\\",
        '"',
        "one\n\ntwo",
        "long " * 60,
        "`code` and ``more``",
        "a\x00b",
    ],
)
def test_a_docstring_is_one_expression(text: str) -> None:
    module = ast.parse(f"def f():\n    {docstring(text, 4)}\n")
    (function,) = module.body
    assert isinstance(function, ast.FunctionDef)
    assert len(function.body) == 1
    assert ast.get_docstring(function) is not None
    assert all(len(line) <= 110 for line in docstring(text, 4).splitlines())


def test_a_docstring_that_does_not_fit_starts_with_its_first_sentence() -> None:
    text = docstring("What it is. " + "And more of it, at length, so that it has to be broken. " * 3, 4)
    assert text.splitlines()[:2] == ['"""What it is.', ""]
    assert text.splitlines()[-1] == '    """'


def test_lists_in_descriptions_stay_lists() -> None:
    text = docstring("Values.\n\n- one\n- two", 0)
    assert text == '"""Values.\n\n- one\n- two\n"""'


def test_imports_are_grouped_and_sorted() -> None:
    message = {("..core.message", "Message")}
    names = {
        ("msgspec", "field"),
        ("msgspec", "UNSET"),
        ("msgspec", "Struct"),
        ("typing", "Any"),
        ("enum", "StrEnum"),
    }
    names |= message | {(".models", "B"), (".models", "A")}
    assert import_lines(names).splitlines() == [
        "from enum import StrEnum",
        "from typing import Any",
        "",
        "from msgspec import UNSET, Struct, field",
        "",
        "from ..core.message import Message",
        "from .models import A, B",
    ]


def test_tuples() -> None:
    assert [tuple_of(items) for items in ([], ["a"], ["a", "b"])] == ["()", "(a,)", "(a, b)"]
