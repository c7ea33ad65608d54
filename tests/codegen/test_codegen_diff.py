"""The command `diff`: what it reads, how it reports, how it exits; and changes deep inside of documents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.codegen.project import Project, event, stream_document

from eventshub_codegen.cli import main

Body = Mapping[str, Any]
REST: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Small", "version": "1.0.0"},
    "paths": {"/items": {"get": {"responses": {"200": {"description": "All of them."}}}}},
}


@pytest.fixture
def here(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A folder that is the current directory."""
    monkeypatch.chdir(project.folder)
    return project


def write(
    project: Project,
    name: str,
    body: Body,
    schemas: Body | None = None,
    info: Mapping[str, str] | None = None,
) -> None:
    """Write a document with a message of that body."""
    document = stream_document({"Posted": event("posted", body), "Other": event("other")}, schemas)
    document["info"] |= info or {}
    project.write(name, document)


def diff(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exited:
        main(["diff", *arguments])
    assert isinstance(exited.value.code, int)
    return exited.value.code


def changes(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Rule and subjects of each change between `old.yaml` and `new.yaml`."""
    assert diff("old.yaml", "new.yaml", "--format", "json", "--fail-on", "none") == 0
    (document,) = json.loads(capsys.readouterr().out)["documents"]
    return [f"{change['rule']} {' '.join(change['subjects'])}" for change in document["changes"]]


def object_of(required: list[str] | None = None, **properties: Body) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [*properties] if required is None else required,
        "properties": properties,
    }


STRING, INTEGER, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        pytest.param(
            object_of(a={"type": "array", "items": object_of(b=STRING)}),
            object_of(a={"type": "array", "items": object_of(b=INTEGER)}),
            ["type-changed Posted.body.a[].b"],
            id="items",
        ),
        pytest.param(
            object_of(a={"type": "object", "additionalProperties": INTEGER}),
            object_of(a={"type": "object", "additionalProperties": NUMBER}),
            ["type-widened Posted.body.a.*"],
            id="map values",
        ),
        pytest.param(
            object_of(a={"type": "array", "items": STRING}),
            object_of(a={"type": "array", "items": {**STRING, "maxLength": 3}}),
            ["constraint-tightened Posted.body.a[]"],
            id="limits of items",
        ),
        pytest.param(
            object_of(a={"oneOf": [STRING, INTEGER]}),
            object_of(a={"oneOf": [INTEGER, STRING]}),
            [],
            id="union in another order",
        ),
        pytest.param(
            object_of(a={"oneOf": [STRING, INTEGER]}),
            object_of(a=STRING),
            ["type-narrowed Posted.body.a"],
            id="branch of a union",
        ),
        pytest.param(
            object_of(a={"const": "x"}),
            object_of(a={"enum": ["x", "y"]}),
            ["enum-value-added Posted.body.a"],
            id="const to enum",
        ),
        pytest.param(
            object_of(a={"enum": ["x", "y"]}),
            object_of(a={"enum": ["y", "x"]}),
            [],
            id="enum in another order",
        ),
        pytest.param(
            object_of(a={"enum": [1, 2]}),
            object_of(a={"enum": [1, 3]}),
            ["enum-value-added Posted.body.a", "enum-value-removed Posted.body.a"],
            id="enum of numbers",
        ),
        pytest.param(
            object_of(a={}), object_of(a=STRING), ["type-narrowed Posted.body.a"], id="from anything"
        ),
        pytest.param(object_of(a=STRING), object_of(a={}), ["type-widened Posted.body.a"], id="to anything"),
        pytest.param(
            object_of(a={"anyOf": [{"enum": ["x"]}, STRING]}),
            object_of(a=STRING),
            [],
            id="an open list allows what a plain string does",
        ),
        pytest.param(
            object_of(a=STRING) | {"x-tolerate-missing": ["a"]},
            {"type": "object", "properties": {"b": INTEGER}},
            ["optional-field-removed Posted.body", "field-added Posted.body"],
            id="a field that receivers do without",
        ),
        pytest.param(
            object_of(a={**INTEGER, "minimum": 0}),
            object_of(a={**INTEGER, "minimum": -1}),
            ["constraint-loosened Posted.body.a"],
            id="lower limit",
        ),
        pytest.param(
            object_of(a={"allOf": [STRING, {"pattern": "x"}, {"type": "string", "minLength": 1}]}),
            object_of(a={"allOf": [STRING, {"pattern": "y"}, {"type": "string", "minLength": 1}]}),
            ["schema-changed Posted.body.a"],
            id="what has no type",
        ),
        pytest.param(
            object_of(a={"not": {"const": 1, "description": "one"}, "type": "integer", "default": 2}),
            object_of(a={"not": {"const": 1, "title": "One"}, "type": "integer"}),
            [],
            id="what only people read",
        ),
        pytest.param(
            object_of(a={**STRING, "minLength": 0}), object_of(a=STRING), [], id="a limit that limits nothing"
        ),
    ],
)
def test_changes_inside_of_values(
    here: Project, capsys: pytest.CaptureFixture[str], old: Body, new: Body, found: list[str]
) -> None:
    write(here, "old.yaml", old)
    write(here, "new.yaml", new)
    assert changes(capsys) == found


def test_what_refers_to_itself_is_compared_once(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    reference = {"$ref": "#/components/schemas/Tree"}
    for name, kind in (("old.yaml", STRING), ("new.yaml", INTEGER)):
        tree = object_of(["label"], label=kind, children={"type": "array", "items": reference})
        write(here, name, reference, {"Tree": tree})
    assert changes(capsys) == ["type-changed Posted.body.label"]


def test_many_ways_to_the_same_object_take_no_time(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    def layers(kind: Body) -> dict[str, Any]:
        found: dict[str, Any] = {"Layer30": object_of(a=kind)}
        for number in range(30):
            below = {"$ref": f"#/components/schemas/Layer{number + 1}"}
            found[f"Layer{number}"] = object_of(left=below, right=below)
        return found

    for name, kind in (("old.yaml", STRING), ("new.yaml", INTEGER)):
        write(here, name, {"$ref": "#/components/schemas/Layer0"}, layers(kind))
    (change,) = changes(capsys)
    assert change.startswith("type-changed Posted.body.left.")


@pytest.mark.timeout(30)
def test_as_many_changes_as_messages_are_found_in_seconds(
    here: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, kind in (("old.yaml", STRING), ("new.yaml", INTEGER)):
        here.write(name, stream_document({f"M{n}": event(f"m{n}", object_of(a=kind)) for n in range(500)}))
    assert changes(capsys) == [f"type-changed M{n}.body.a" for n in range(500)]


def test_a_change_in_what_messages_share_counts_once(
    here: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = {"$ref": "#/components/schemas/Shared"}
    for name, kind in (("old.yaml", STRING), ("new.yaml", INTEGER)):
        messages = {word: event(word.lower(), reference) for word in ("A", "B", "C", "D", "E")}
        here.write(name, stream_document(messages, {"Shared": object_of(a=kind)}))
    assert changes(capsys) == ["type-changed A.body.a B.body.a C.body.a D.body.a E.body.a"]
    assert diff("old.yaml", "new.yaml") == 1
    assert "in A.body.a, B.body.a, C.body.a and 2 more;" in capsys.readouterr().out


def test_parameters_of_the_handshake_go_to_the_hub(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    for name, query in (("old.yaml", object_of([], a=STRING)), ("new.yaml", object_of(a=STRING))):
        document = stream_document({"Posted": event("posted"), "Other": event("other")})
        document["channels"]["news"]["bindings"] = {"ws": {"query": query}}
        here.write(name, document)
    assert changes(capsys) == ["field-became-required query of the handshake"]


def test_names_in_a_path_do_not_matter(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    for name, word in (("old.yaml", "id"), ("new.yaml", "key")):
        parameter = {"name": word, "in": "path", "required": True, "schema": STRING}
        item = {"parameters": [parameter], **REST["paths"]["/items"]}
        here.write(name, {**REST, "paths": {f"/items/{{{word}}}": item}})
    assert changes(capsys) == []


@pytest.mark.parametrize(
    ("new", "options", "code"),
    [
        pytest.param({"version": "1.0.0"}, [], 0, id="no change"),
        pytest.param({"version": "1.0.0"}, ["--fail-on", "any", "--require-version-bump"], 0, id="no bump"),
        pytest.param({"title": "Other"}, ["--require-version-bump"], 1, id="text changed, version not"),
        pytest.param(
            {"title": "Other", "version": "1.0.1"},
            ["--require-version-bump"],
            0,
            id="text and version changed",
        ),
        pytest.param({"version": "0.9.0"}, ["--require-version-bump"], 1, id="version went back"),
    ],
)
def test_exit_codes_of_documents_that_say_the_same(
    here: Project, new: dict[str, str], options: list[str], code: int
) -> None:
    write(here, "old.yaml", STRING)
    write(here, "new.yaml", STRING, info=new)
    assert diff("old.yaml", "new.yaml", *options) == code


@pytest.mark.parametrize(
    ("version", "options", "code"),
    [
        ("1.0.0", [], 1),
        ("1.0.0", ["--fail-on", "none"], 0),
        ("1.1.0", ["--fail-on", "none", "--require-version-bump"], 1),
        ("2.0.0", ["--fail-on", "none", "--require-version-bump"], 0),
        ("2.0.0-rc.1", ["--fail-on", "none", "--require-version-bump"], 0),
        ("soon", ["--fail-on", "none", "--require-version-bump"], 1),
        ("2.0.0", ["--fail-on", "breaking"], 1),
    ],
)
def test_exit_codes_of_a_change_that_breaks(
    here: Project, version: str, options: list[str], code: int
) -> None:
    write(here, "old.yaml", STRING)
    write(here, "new.yaml", INTEGER, info={"version": version})
    assert diff("old.yaml", "new.yaml", *options) == code


def test_a_change_that_breaks_nobody_fails_only_if_asked_to(here: Project) -> None:
    write(here, "old.yaml", object_of(a=STRING))
    write(here, "new.yaml", object_of(["a"], a=STRING, b=STRING))
    assert diff("old.yaml", "new.yaml") == 0
    assert diff("old.yaml", "new.yaml", "--fail-on", "any") == 1


def test_text_says_what_where_whom_and_which_version(
    here: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, "old.yaml", STRING)
    write(here, "new.yaml", INTEGER)
    assert diff("old.yaml", "new.yaml") == 1
    assert capsys.readouterr().out == (
        "new.yaml:29:11: breaking[type-changed] string became integer, in Posted.body; breaks receivers; was "
        "old.yaml:29:11 (hint: Add a field of the new type beside the old one.)\n"
        "new.yaml: 1 change, 1 breaking: major; version 1.0.0 -> 1.0.0, which has to be 2.0.0 or more\n"
        "verdict: major\n"
    )


def test_markdown_is_for_a_changelog(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, "old.yaml", object_of(a=STRING))
    write(here, "new.yaml", object_of(["a"], a=INTEGER, b=STRING), info={"version": "2.0.0"})
    assert diff("old.yaml", "new.yaml", "--format", "markdown", "--fail-on", "none") == 0
    assert capsys.readouterr().out == (
        "## new.yaml\n\n"
        "2 changes, 1 breaking: major; version 1.0.0 -> 2.0.0, which is enough\n\n"
        "### Breaks receivers\n\n"
        "- string became integer (`type-changed`), in `Posted.body.a`. "
        "Neither can receivers read the new type nor does the hub read the old one. "
        "Add a field of the new type beside the old one.\n\n"
        "### Other changes\n\n"
        "- there is a new field `b` (`field-added`), in `Posted.body`. "
        "Receivers pass over fields that they do not know, and senders may leave it out.\n\n"
        "Verdict: **major**\n"
    )


def test_folders_may_hold_a_document_of_each_kind(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("old", "new"):
        write(here, f"{folder}/stream.yaml", STRING)
        here.write(f"{folder}/rest.json", REST)
        here.write(f"{folder}/rules.yaml", "- id: A-1\n")
        here.write(f"{folder}/deeper/asyncapi.yaml", "not: looked at\n")
    assert diff("old", "new", "--fail-on", "any", "--require-version-bump") == 0
    assert "new/rest.json: 0 changes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("files", "told"),
    [
        pytest.param({}, "old: there is no such file or folder", id="nothing there"),
        pytest.param(
            {"old/x.yaml": "a: 1\n"}, "neither an AsyncAPI nor an OpenAPI document", id="no document"
        ),
        pytest.param(
            {"old/a.yaml": "asyncapi: 3.0.0\n", "old/b.yaml": "asyncapi: 3.0.0\n"},
            "both a.yaml and b.yaml",
            id="two documents",
        ),
        pytest.param({"old/a.yaml": REST}, "old has openapi, new has asyncapi", id="different kinds"),
        pytest.param({"old/a.yaml": "asyncapi: 3.0.0\n- x: [\n"}, "with errors", id="no YAML"),
        pytest.param({"old/a.yaml": "asyncapi: 1.2.0\n"}, "with errors", id="old version"),
        pytest.param({"old/a.yaml": "swagger: '2.0'\n"}, "old has openapi, new has asyncapi", id="swagger"),
        pytest.param({"old/a.json": "[" * 100_000}, "neither", id="deep nesting"),
    ],
)
def test_what_cannot_be_compared_is_said(
    here: Project, capsys: pytest.CaptureFixture[str], files: dict[str, Any], told: str
) -> None:
    for name, content in files.items():
        here.write(name, content)
    write(here, "new/asyncapi.yaml", STRING)
    assert diff("old", "new") == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert told in error
    assert "Traceback" not in error


def test_a_document_with_errors_shows_them(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, "old.yaml", STRING)
    write(here, "new.yaml", {"$ref": "#/components/schemas/Nowhere"})
    assert diff("old.yaml", "new.yaml") == 2
    error = capsys.readouterr().err
    assert "new.yaml:30:19: error[dangling-ref]" in error
    assert "new.yaml: a document with errors cannot be compared" in error


def test_start_up_loads_nothing_heavy(tmp_path: Path) -> None:
    script = "import sys, eventshub_codegen.rules.comparison; print(*sorted(sys.modules))"
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
        cwd=tmp_path,
    )
    assert not {"typer", "click", "jinja2", "msgspec"} & set(result.stdout.split())


def test_a_message_that_goes_both_ways_is_compared_both_ways(
    here: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, required in (("old.yaml", ["size"]), ("new.yaml", ["size", "colour"])):
        body = object_of(required, size={"type": "integer"}, colour={"type": "string"})
        document = stream_document({"Posted": event("posted", body), "Other": event("other")})
        document["operations"]["take"] = {"action": "receive", "channel": {"$ref": "#/channels/news"}}
        here.write(name, document)
    # One for each way: that the hub sends more breaks nobody, that clients have to send more does.
    assert len(changes(capsys)) == 2
    assert diff("old.yaml", "new.yaml") == 1
    capsys.readouterr()
    for name in ("old.yaml", "new.yaml"):
        text = (here.folder / name).read_text(encoding="utf-8").replace("action: receive", "action: send")
        (here.folder / name).write_text(text, encoding="utf-8")
    assert diff("old.yaml", "new.yaml") == 0
