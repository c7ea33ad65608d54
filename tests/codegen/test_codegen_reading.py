"""YAML and JSON text: values, positions, and what is not allowed."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tests.codegen.project import Project

from eventshub_codegen.frontends.json_text import parse_json, position_in_json
from eventshub_codegen.frontends.yaml_text import parse_yaml, position_in_yaml

BOMB = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else '1'] * 10)}]" for n in range(9))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("2026-01-02", "2026-01-02"),
        ("12:30:00", "12:30:00"),
        ("0123", 123),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("-3", -3),
        ("1.5e3", 1500.0),
        (".inf", math.inf),
        ("~", None),
        ("null", None),
        ("", None),
        ("True", True),
        ("'true'", "true"),
        ("!!str 3", "3"),
        ("3.1.0", "3.1.0"),
        ("{200: ok, true: no}", {"200": "ok", "true": "no"}),
        ("[a, {b: 1}]", ["a", {"b": 1}]),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("a: &x {n: 1, m: 2}\nb: {<<: *x, m: 3}", {"a": {"n": 1, "m": 2}, "b": {"n": 1, "m": 3}}),
        ("{n: 0, <<: [{n: 1, m: 2}, {m: 3, k: 4}]}", {"n": 0, "m": 2, "k": 4}),
        ("'<<': {a: 1}", {"<<": {"a": 1}}),
    ],
)
def test_yaml_values(text: str, value: Any) -> None:
    parsed = parse_yaml(text)
    assert parsed.problems == []
    assert parsed.value == value
    assert type(parsed.value) is type(value)


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3", "duplicate-key", 3, 1),
        ("a:\n  b: [1, 2\n", "yaml-syntax", 3, 1),
        ("a: *nowhere", "yaml-syntax", 1, 4),
        ("a: !secret b", "yaml-tag", 1, 4),
        ("? [a]\n: 1", "yaml-key", 1, 3),
        ("a: &a\n  b: *a", "yaml-alias", 1, 4),
        ("a: &a\n  <<: *a", "yaml-alias", 1, 4),
        ("<<: {a: 1}\n<<: 3", "yaml-merge", 2, 5),
        ("a: 1\n---\nb: 2", "yaml-syntax", 2, 1),
        ("a: \x01", "yaml-syntax", 1, 4),
        ("[" * 1000, "yaml-syntax", None, None),
        (BOMB, "yaml-alias", 6, None),
    ],
)
def test_what_yaml_does_not_allow(text: str, rule: str, line: int | None, column: int | None) -> None:
    problem = parse_yaml(text).problems[0]
    assert problem.rule == rule
    assert line in {None, problem.line}
    assert column in {None, problem.column}


@pytest.mark.parametrize(
    ("pointer", "of_key", "position"),
    [
        ((), False, (1, 1)),
        (("a",), True, (1, 1)),
        (("a",), False, (2, 3)),
        (("a", "b", 1), False, (2, 10)),
        (("a", "b", 7), False, (2, 6)),
        (("c", "ünï"), False, (3, 10)),
    ],
)
def test_positions_in_yaml(pointer: tuple[str | int, ...], of_key: bool, position: tuple[int, int]) -> None:
    text = "a:\n  b: [1, 2]\nc: {ünï: 3}\n"
    assert position_in_yaml(text, pointer, of_key=of_key) == position


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        ('{"a": 1,\n "a": 2}', "duplicate-key", 2, 2),
        ('{"a": 1,}', "json-syntax", 1, 9),
        ('{"a": NaN}', "json-syntax", 1, 1),
        ("", "json-syntax", 1, 1),
        ("[" * 100_000, "json-syntax", 1, 1),
    ],
)
def test_what_json_does_not_allow(text: str, rule: str, line: int, column: int) -> None:
    (problem,) = parse_json(text).problems
    assert (problem.rule, problem.line, problem.column) == (rule, line, column)


def test_positions_in_json_with_tabs_and_escapes() -> None:
    text = '{\n\t"a\\u0062": [1,\n\t\t"x\\/y"]}'
    assert position_in_json(text, ("ab", 1), of_key=False) == (3, 3)


def test_a_file_that_is_not_utf_8(project: Project) -> None:
    (project.folder / "asyncapi.yaml").write_bytes(b"asyncapi: \xff")
    assert project.places() == ["asyncapi.yaml:1:1 encoding"]


def test_a_byte_order_mark_is_passed_over(project: Project) -> None:
    project.write_stream({"type": "string"})
    text = (project.folder / "asyncapi.yaml").read_text()
    project.write("asyncapi.yaml", "\ufeff" + text)
    assert project.findings() == []


def test_references_with_escapes_spaces_and_steps_through_references(project: Project) -> None:
    project.write(
        "all schemas.yaml",
        "a/b~c:\n  type: object\n  properties:\n    size: {type: integer}\nalias: {$ref: '#/a~1b~0c'}\n",
    )
    project.write_stream({"$ref": "all%20schemas.yaml#/alias/properties/size"})
    generated = project.generate()
    assert generated.decode("Posted", {"kind": "posted", "body": 3}).body == 3


def test_a_property_that_is_called_ref_is_no_reference(project: Project) -> None:
    project.write_stream(
        {"type": "object", "properties": {"$ref": {"type": "string"}}, "examples": [{"$ref": "x"}]}
    )
    generated = project.generate()
    assert generated.decode("Posted", {"kind": "posted", "body": {"$ref": "x"}}).body.ref == "x"


def test_a_merged_value_is_where_it_is_written() -> None:
    text = "base: &base\n  size: 3\nmade:\n  <<: *base\n  name: a"
    assert position_in_yaml(text, ("made", "size"), of_key=False) == (2, 9)
    assert position_in_yaml(text, ("made", "name"), of_key=True) == (5, 3)


def test_a_merge_of_itself_has_a_position() -> None:
    assert position_in_yaml("a: &a\n  <<: &b\n    <<: *a", ("a", "x"), of_key=False) == (1, 4)
