"""What findings say to do: that there is something, and that it helps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.codegen.lint_cases import CASES

from eventshub_codegen.config import Config, TargetConfig
from eventshub_codegen.findings import Finding
from eventshub_codegen.frontends.documents import Inputs
from eventshub_codegen.pipeline import build, lint
from eventshub_codegen.rules.lint.catalogue import LINT_RULES

TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer"}


def _document(server: dict[str, Any] | None = None, **payload: Any) -> dict[str, Any]:
    messages = {"Told": {"payload": payload}}
    channel = {"$ref": "#/channels/here"}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Here", "version": "1"},
        "servers": {"one": server or {"host": "here.example", "protocol": "wss"}},
        "channels": {"here": {"address": "/", "messages": messages}},
        "operations": {"tell": {"action": "send", "channel": channel}},
    }


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _findings(folder: Path, document: dict[str, Any]) -> list[Finding]:
    path = folder / "here.json"
    path.write_text(json.dumps(document))
    target = TargetConfig("python", folder / "out", "here")
    return build(Config(Inputs(asyncapi=path), (target,), is_lenient=True), folder).findings.sorted()


def test_each_rule_says_what_to_do() -> None:
    assert [rule.id for rule in LINT_RULES if len(rule.mend) < len("Remove it.")] == []


def test_no_finding_is_without_advice(tmp_path: Path) -> None:
    found: list[Finding] = []
    for number, case in enumerate(CASES):
        path = tmp_path / f"{number}.yaml"
        path.write_text(case.broken()[0], encoding="utf-8")
        inputs = Inputs(openapi=path) if case.is_openapi else Inputs(asyncapi=path)
        found += lint(inputs, tmp_path).findings.sorted()
    assert {case.rule for case in CASES} <= {finding.rule for finding in found}
    assert [finding for finding in found if not finding.hint] == []


@pytest.mark.parametrize(
    "schema",
    [
        {"patternProperties": {"x": TEXT}, "type": "object"},
        {"allOf": [TEXT, NUMBER]},
        {"enum": [{"a": 1}]},
        {"const": [1]},
        {"oneOf": [TEXT, {"description": "anything"}]},
        {"type": "object", "properties": {"a": TEXT}, "additionalProperties": TEXT},
        {"type": "array", "items": [TEXT, NUMBER]},
        False,
    ],
    ids=str,
)
def test_what_no_type_can_say_has_advice_of_its_own(tmp_path: Path, schema: Any) -> None:
    [found] = _findings(tmp_path, _document(**_object(a=schema)))
    assert found.rule == "inexpressible"
    generic = next(rule.mend for rule in LINT_RULES if rule.id == found.rule)
    assert found.hint not in {"", generic}


def test_a_server_of_another_protocol_is_told_unless_one_speaks_websocket(tmp_path: Path) -> None:
    document = _document({"host": "broker.example", "protocol": "kafka"}, **_object(a=TEXT))
    [found] = _findings(tmp_path, document)
    assert (found.rule, found.line) == ("other-protocol", 1)
    assert "`one` speaks kafka" in found.message
    document["servers"]["two"] = {"host": "gateway.example", "protocol": "ws"}
    assert _findings(tmp_path, document) == []


def test_a_scheme_in_a_host_is_told_and_not_written_twice(tmp_path: Path) -> None:
    document = _document({"host": "wss://here.example", "protocol": "wss"}, **_object(a=TEXT))
    [found] = _findings(tmp_path, document)
    assert found.rule == "host-with-scheme"
    path = tmp_path / "here.json"
    target = TargetConfig("python", tmp_path / "out", "here")
    files = build(Config(Inputs(asyncapi=path), (target,), is_lenient=True), tmp_path).files
    assert '"wss://here.example"' in files[tmp_path / "out/src/here/client.py"]


def test_payloads_in_a_language_that_is_not_read_are_told_once(tmp_path: Path) -> None:
    schema: dict[str, Any] = {"type": "record", "name": "Told", "fields": []}
    payload: dict[str, Any] = {"schemaFormat": "application/vnd.apache.avro;version=1.9.0", "schema": schema}
    found = _findings(tmp_path, _document(**payload))
    assert [finding.rule for finding in found] == ["no-messages", "schema-format"]
    assert found[0].hint.startswith("Describe the payloads that were left out")


def test_words_of_version_2_are_told_as_such(tmp_path: Path) -> None:
    document = _document({"url": "wss://here.example", "protocol": "wss"}, **_object(a=TEXT))
    found = {finding.message: finding.hint for finding in _findings(tmp_path, document)}
    assert found["`url` is not allowed here"].startswith("This is AsyncAPI 2")


def test_an_example_that_is_json_as_text_is_told_as_such(tmp_path: Path) -> None:
    document = _document(**_object(a={**_object(b=TEXT), "examples": ['{"b": "c"}']}))
    [found] = _findings(tmp_path, document)
    assert (found.rule, found.hint) == (
        "example-invalid",
        "It is text that holds JSON: write it as the value itself.",
    )


def test_the_kinds_that_a_place_takes_are_named(tmp_path: Path) -> None:
    path = tmp_path / "rest.json"
    path.write_text(
        json.dumps(
            {
                "openapi": "3.0.3",
                "info": {"title": "Rest", "version": "1", "surname": "x"},
                "paths": {},
                "components": {"schemas": {"Nothing": None}},
            }
        )
    )
    found = {finding.message for finding in lint(Inputs(openapi=path), tmp_path).findings.sorted()}
    assert {"null is not of type object", "`surname` is not allowed here"} <= found
