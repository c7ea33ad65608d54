"""Bad documents: everything that is wrong is found in one run, each with its file, line and column."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.codegen.project import Project, event, stream_document

from eventshub_codegen.ir.json_values import is_array, is_object

ASYNCAPI = """\
asyncapi: 3.0.0
info: {title: Bad, version: 1.0.0}
channels:
  news:
    address: /stream
    messages: {Posted: {$ref: '#/components/messages/Posted'},
      Again: {$ref: '#/components/messages/Again'},
      Other: {$ref: '#/components/messages/Other'}}
operations:
  sendNews: {action: send, channel: {$ref: '#/channels/news'}}
components:
  messages:
    Posted:
      payload:
        type: object
        required: [kind, size]
        properties:
          kind: {const: posted}
          size: {type: integer}
          author: {$ref: '#/components/schemas/Nobody'}
      examples:
        - payload: {kind: posted, size: wide}
    Again:
      payload:
        type: object
        required: [kind, size]
        properties:
          kind: {const: posted}
          size: {$ref: broken.yaml#/Size}
    Other:
      payload: {type: object, required: [kind], properties: {kind: {const: other}}}
"""
BROKEN = """\
Size:
  type: integer
 minimum: 3
"""
CONFIG = """\
[spec]
asyncapi = "asyncapi.yaml"
examples = "examples"

[[target]]
name = "python-client"
out = "out"
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "eventshub_codegen", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def bad(project: Project) -> Project:
    """A project with four mistakes in the documents and two in files of examples."""
    project.write("asyncapi.yaml", ASYNCAPI)
    project.write("broken.yaml", BROKEN)
    project.write("eventshub-codegen.toml", CONFIG)
    project.write("examples/valid/Posted/narrow.json", '{"kind": "posted",\n\t"size": true}')
    project.write("examples/invalid/Posted/wide.json", '{"kind": "posted", "size": 3}')
    return project


def test_all_mistakes_are_found_in_one_run(bad: Project) -> None:
    assert bad.places() == [
        "asyncapi.yaml:20:26 dangling-ref",
        "asyncapi.yaml:22:41 example-invalid",
        "asyncapi.yaml:23:5 duplicate-message",
        "broken.yaml:3:2 yaml-syntax",
        "examples/invalid/Posted/wide.json:1:1 example-accepted",
        "examples/valid/Posted/narrow.json:2:10 example-invalid",
    ]


def findings_of(output: str) -> list[str]:
    """The findings that are no matter of taste, without the lines of the documents that `lint` shows."""
    return [
        line
        for line in output.splitlines()
        if re.match(r"\S+:\d+:\d+: ", line) and "missing-desc" not in line
    ]


@pytest.mark.parametrize("command", ["generate", "check", "lint"])
def test_every_command_says_them_and_fails(bad: Project, command: str) -> None:
    done = run(bad.folder, command)
    assert done.returncode == 1
    lines = findings_of(done.stdout)
    assert lines[0] == (
        "asyncapi.yaml:20:26: error[dangling-ref] `#/components/schemas/Nobody` points at nothing"
        " (hint: There is no `schemas` in asyncapi.yaml.)"
    )
    assert len(lines) == 6
    assert "Traceback" not in done.stdout + done.stderr
    assert not (bad.folder / "out").exists(), "nothing is generated from bad documents"


def test_findings_as_json(bad: Project) -> None:
    done = run(bad.folder, "lint", "--format", "json")
    found = [entry for entry in json.loads(done.stdout) if entry["rule"] != "missing-description"]
    assert done.returncode == 1
    assert found[2] == {
        "file": "asyncapi.yaml",
        "line": 23,
        "column": 5,
        "rule": "duplicate-message",
        "message": "the message `Again` cannot be told from `Posted`: both have `kind: posted`",
        "hint": "Give one of them another value.",
        "severity": "error",
    }


def test_files_can_be_named(bad: Project) -> None:
    done = run(bad.folder, "lint", "asyncapi.yaml")
    assert done.returncode == 1
    assert [line.partition(" ")[0] for line in findings_of(done.stdout)] == [
        "asyncapi.yaml:20:26:",
        "asyncapi.yaml:22:41:",
        "asyncapi.yaml:23:5:",
        "broken.yaml:3:2:",
    ]


def changed(path: str, value: Any) -> dict[str, Any]:
    """A good document with something put into it; the path has dots between its steps."""
    document = stream_document({"Posted": event("posted"), "Removed": event("removed")})
    *steps, last = path.replace("REMOVED", "components.messages.Removed").split(".")
    target: Any = document
    for step in steps:
        target = target[step]
    target[last] = value
    return document


@pytest.mark.parametrize(
    ("document", "rule", "words"),
    [
        (changed("asyncapi", "1.2.0"), "unsupported-version", "AsyncAPI 1.2.0"),
        (changed("info", {"title": "No version"}), "meta-schema", '"version" is a required property'),
        (changed("operations.sendNews.action", "shout"), "meta-schema", '"shout" is not one of'),
        (changed("operations.sendNews.colour", "red"), "meta-schema", "`colour` is not allowed here"),
        (changed("REMOVED.payload", {"type": "strin"}), "meta-schema", '"strin" is not one of'),
        (changed("REMOVED.payload.properties.when", {"pattern": "("}), "meta-schema", "regex"),
        (changed("REMOVED.payload", {"type": "object"}), "no-discriminator", "`Removed`"),
        (
            changed("REMOVED.payload", {"$ref": "#/components/messages/Removed/payload"}),
            "circular-ref",
            "itself",
        ),
        (changed("REMOVED.payload", {"$ref": "https://example.com/a.yaml"}), "remote-ref", "example.com"),
        (changed("REMOVED.payload", {"$ref": "nowhere.yaml#/A"}), "dangling-ref", "`nowhere.yaml`"),
        (changed("REMOVED.correlationId", {"location": "$message.payload#/idd"}), "correlation-id", "idd"),
    ],
)
def test_a_mistake_in_a_document(project: Project, document: dict[str, Any], rule: str, words: str) -> None:
    project.write("asyncapi.yaml", document)
    found = [entry for entry in project.findings() if entry.rule == rule]
    assert found, project.findings()
    assert words in found[0].message
    assert (found[0].line, found[0].column) != (1, 1) or rule == "unsupported-version"


def test_a_reply_without_a_message(project: Project) -> None:
    document = stream_document({"Posted": event("posted"), "Removed": event("removed"), "Ask": event("ask")})
    channel = {"channel": {"$ref": "#/channels/news"}}
    sent, asked = (
        [{"$ref": f"#/channels/news/messages/{name}"} for name in names]
        for names in (("Posted", "Removed"), ("Ask",))
    )
    document["operations"] = {
        "sendNews": {"action": "send", **channel, "messages": sent},
        "ask": {"action": "receive", **channel, "messages": asked, "reply": {**channel, "messages": []}},
    }
    project.write("asyncapi.yaml", document)
    assert [entry.rule for entry in project.findings()] == ["reply-without-message"]


def test_a_schema_in_a_file_of_its_own_is_checked(project: Project) -> None:
    project.write("sizes.yaml", "Size:\n  type: intger\n")
    project.write_stream({"$ref": "sizes.yaml#/Size"})
    assert "sizes.yaml:2:9 meta-schema" in project.places()


def test_an_example_inside_of_a_schema(project: Project) -> None:
    project.write("sizes.yaml", "Size:\n  type: integer\n  examples:\n    - 3\n    - wide\n")
    project.write_stream({"$ref": "sizes.yaml#/Size"})
    assert project.places() == ["sizes.yaml:5:7 example-invalid"]


def test_an_example_of_no_message(project: Project) -> None:
    project.write_stream({"type": "integer"})
    project.write("examples/valid/Psted/one.json", {"kind": "posted", "body": 1})
    assert project.places() == ["examples/valid/Psted/one.json:1:1 example-of-nothing"]


def test_the_branch_that_was_meant_is_explained(project: Project) -> None:
    """In a union the complaint is about the value inside, and not that no branch fits."""
    project.write_stream(
        {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"a": {"type": "integer"}}}]}
    )
    project.write("examples/valid/Posted/one.json", '{"kind": "posted", "body": {\n  "a": "x"}}')
    (found,) = project.findings()
    assert (found.line, found.column) == (2, 8)
    assert '"x" is not of type "integer"' in found.message


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            "- {id: A-1, title: t, statement: s, guide: [], level: MUST, binds: nobody}",
            "rules.yaml:1:68 rules-shape",
        ),
        ("- {id: A-1, title: t, statement: s, guide: ['1'], level: MUST}", "rules.yaml:1:3 rules-shape"),
        (
            "- &a {id: A-1, title: t, statement: s, guide: [], level: MUST, binds: hub}\n- *a",
            "rules.yaml:1:6 rules-shape",
        ),
        ("id: A-1", "rules.yaml:1:1 rules-shape"),
    ],
)
def test_rules_that_have_the_wrong_shape(project: Project, text: str, place: str) -> None:
    project.write_stream({"type": "string"})
    project.write("rules.yaml", text)
    assert [found.replace("1:11 ", "1:6 ") for found in project.places()] == [place]


def test_a_document_that_is_not_there(project: Project) -> None:
    project.write("eventshub-codegen.toml", CONFIG)
    done = run(project.folder, "generate")
    assert done.returncode == 1
    assert (
        done.stdout
        == "asyncapi.yaml:1:1: error[unreadable-file] cannot read this file: No such file or directory"
        " (hint: Check its name and its permissions.)\n"
    )


def test_nonsense_is_no_reason_for_a_traceback(project: Project) -> None:
    for number, text in enumerate(
        ["", "[]", "3", "a: b: c", "asyncapi: 3.0.0", "asyncapi: [3]", "\x00", "*a", "&a [*a]"]
    ):
        project.write("asyncapi.yaml", text)
        assert project.findings(), f"document {number}"


def test_wrong_types_everywhere_are_findings(project: Project) -> None:
    """Whatever a part of a document is replaced by, the run ends in findings and not in an exception."""
    body = {"type": "object", "properties": {"a": {"type": "string"}}}
    document = stream_document({"Posted": event("posted", body)})
    everything: tuple[Any, ...] = (None, 3, "text", [], {}, [{}], {"$ref": 3})
    for path in paths(document):
        for nonsense in everything:
            broken: Any = json.loads(json.dumps(document))
            target = broken
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = nonsense
            project.write("asyncapi.yaml", json.dumps(broken))
            project.findings("python-client", "python-hub", "contract-bundle")


def paths(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in a document."""
    entries: list[tuple[Any, object]] = []
    if is_object(value):
        entries = list(value.items())
    elif is_array(value):
        entries = list(enumerate(value))
    return [found for key, inner in entries for found in ((*path, key), *paths(inner, (*path, key)))]


def test_a_wrong_example_is_left_out_of_what_is_generated(project: Project) -> None:
    examples = [{"payload": {"kind": "posted", "body": body}} for body in ("one", 2)]
    messages = {"Posted": event("posted", {"type": "string"}, examples=examples), "Removed": event("removed")}
    project.write("asyncapi.yaml", stream_document(messages))
    (found,) = project.findings("contract-bundle")
    assert (found.rule, found.severity.value) == ("example-invalid", "warning")
    bundle = json.loads(project.files("contract-bundle")["bundle.json"])
    assert bundle["messages"][0]["examples"] == [{"kind": "posted", "body": "one"}]
    done = run(project.folder, "lint", "asyncapi.yaml")
    assert (done.returncode, "error[example-invalid]" in done.stdout) == (1, True)
