"""Target ``docs``: pages that hold what documents say, are well-formed, lead somewhere and run nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.codegen.hostile_documents import (
    LONG,
    SCRIPT,
    write_hostile_rest,
    write_hostile_stream,
)
from tests.codegen.project import Project, event, stream_document
from tests.codegen.static_site import StaticSite

ROOT = Path(__file__).parents[2]
TARGETS = ("docs", "markdown", "postman")
REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def ours() -> StaticSite:
    """The committed reference of the Events Hub."""
    return StaticSite({path.name: path.read_text(encoding="utf-8") for path in REFERENCE.iterdir()})


def index_of(site: StaticSite) -> list[list[str]]:
    """The entries that the search looks through."""
    script = site.files["search-index.js"]
    found: list[list[str]] = json.loads(script[script.index("[") : script.rindex("]") + 1])
    return found


def test_our_pages_have_no_problems(ours: StaticSite) -> None:
    assert len(ours.pages) > 10
    assert ours.problems() == []


def test_every_channel_message_endpoint_and_rule_of_ours_has_a_place(ours: StaticSite) -> None:
    asyncapi = yaml.safe_load((ROOT / "spec/events-hub.asyncapi.yaml").read_text(encoding="utf-8"))
    openapi = yaml.safe_load((ROOT / "spec/events-hub.openapi.yaml").read_text(encoding="utf-8"))
    rules = yaml.safe_load((ROOT / "spec/rules.yaml").read_text(encoding="utf-8"))
    listed = {(title, address.partition("#")[0]) for title, _, address, _ in index_of(ours)}
    titles = {title for title, _ in listed}
    assert {f"channel-{name}.html" for name in asyncapi["channels"]} <= ours.pages.keys()
    assert {*asyncapi["components"]["messages"]} <= titles
    endpoints = {f"{method.upper()} {path}" for path, item in openapi["paths"].items() for method in item}
    assert {title for title in endpoints if title.split()[0] in {"GET", "POST"}} <= titles
    assert {f"{rule['id']} {rule['title']}" for rule in rules} <= titles
    for title, page in listed:
        assert " ".join(title.split()) in " ".join(ours.text(page).split())


def test_a_message_has_its_properties_with_what_their_schemas_say(ours: StaticSite) -> None:
    (row,) = ours.elements("channel-pdfm.html", "[id='VmStateChanged.timestamp']")
    text = row.to_text()
    assert "required" in text
    assert "date-time" in text
    assert "filled in by the server" in text
    (nested,) = ours.elements("channel-pdfm.html", "[id='VmStateChanged.body.current_state']")
    assert [link.attrs["href"] for link in nested.query("a") if link.attrs] == ["types.html#type-VmState"]
    assert "known values" in ours.section("types.html", "type-VmState").to_text()


def test_examples_are_shown_as_they_are(ours: StaticSite) -> None:
    section = ours.section("channel-health.html", "Ping")
    shown = [json.loads(code.to_text()) for code in section.query("pre code")]
    document = yaml.safe_load((ROOT / "spec/events-hub.asyncapi.yaml").read_text(encoding="utf-8"))
    example: dict[str, Any] = document["components"]["messages"]["Ping"]["examples"][0]
    assert example["payload"] in shown


def test_a_command_is_drawn_and_told_in_words(ours: StaticSite) -> None:
    (picture, *_) = ours.elements("commands.html", "svg")
    said = [part.to_text().strip() for part in picture.query("desc")]
    assert said == ["the client sends Ping; the server sends Pong; or the server sends GlobalError."]
    labels = [label.to_text().strip() for label in picture.query("text.label")]
    assert labels == ["Ping", "Pong", "GlobalError"]


def test_snippets_are_the_files_that_tests_run(ours: StaticSite) -> None:
    shown = {
        (figure.query("figcaption")[0].to_text().strip(), figure.query("code")[0].to_text().strip())
        for figure in ours.elements("snippets.html", "figure")
    }
    folder = ROOT / "docs" / "snippets"
    files = [path for path in folder.rglob("*") if path.suffix in {".py", ".mjs", ".go", ".sh"}]
    assert len(files) > 12
    for path in files:
        name = path.relative_to(folder).as_posix()
        assert name in {caption for caption, _ in shown}
        assert path.read_text(encoding="utf-8").strip() in {text for _, text in shown}


def test_a_rule_names_the_sections_of_the_guide(ours: StaticSite) -> None:
    section = ours.section("rules.html", "AUTH-1").to_text()
    assert "§ 3, § 5, § 8" in section
    assert "MUST" in section


@pytest.mark.parametrize("write", [write_hostile_stream, write_hostile_rest], ids=["stream", "rest"])
def test_hostile_text_is_text(project: Project, write: Any) -> None:
    write(project)
    site = StaticSite(project.files("docs"))
    assert site.problems() == []
    assert any(SCRIPT in site.text(page) for page in site.pages)
    assert not any(
        "pictures.invalid" in str(image.attrs) for page in site.pages for image in site.elements(page, "img")
    )


def test_a_document_without_rest_and_rules_has_no_pages_for_them(project: Project) -> None:
    write_hostile_stream(project)
    pages = {name for name in project.files("docs") if name.endswith(".html")}
    assert {"index.html", "channels.html", "types.html"} < pages
    assert not pages & {"rest.html", "rules.html", "snippets.html", "commands.html", "errors.html"}


def test_a_schema_that_contains_itself_is_described_once(project: Project) -> None:
    write_hostile_stream(project)
    site = StaticSite(project.files("docs"))
    assert [heading.to_text() for heading in site.elements("types.html", "main h2 code")] == ["Tree"]
    (row,) = site.elements("types.html", "[id='type-Tree.children']")
    assert "array of Tree" in " ".join(row.to_text().split())


def test_names_of_any_length_make_files_of_bounded_names(project: Project) -> None:
    messages = {"Posted": event("posted")}
    document = stream_document(messages)
    document["channels"][LONG * 3] = document["channels"].pop("news")
    document["operations"]["sendNews"]["channel"]["$ref"] = f"#/channels/{LONG * 3}"
    project.write("asyncapi.yaml", document)
    assert max(len(name) for name in project.files("docs")) < 100


def test_what_the_table_does_not_know_of_a_schema_is_shown_raw(project: Project) -> None:
    project.write_stream({"type": "object", "properties": {"size": {"type": "integer", "not": {"const": 7}}}})
    site = StaticSite(project.files("docs"))
    (row,) = site.elements("channel-news.html", "[id='Posted.body.size']")
    assert 'not {"const": 7}' in " ".join(row.to_text().split())


def test_long_names_are_cut_in_a_picture_and_whole_in_its_words(project: Project) -> None:
    ask = event("ask", correlationId={"location": "$message.payload#/id"})
    answer = event(LONG, correlationId={"location": "$message.payload#/id"})
    for message in (ask, answer):
        message["payload"]["properties"]["id"] = {"type": "string"}
    document = stream_document({"Ask": ask, LONG: answer})
    channel = {"$ref": "#/channels/news"}
    document["operations"] = {
        "ask": {
            "action": "receive",
            "channel": channel,
            "messages": [{"$ref": "#/channels/news/messages/Ask"}],
            "reply": {"channel": channel, "messages": [{"$ref": f"#/channels/news/messages/{LONG}"}]},
        }
    }
    project.write("asyncapi.yaml", document)
    site = StaticSite(project.files("docs"))
    assert site.problems() == []
    (picture,) = site.elements("commands.html", "svg")
    labels = [label.to_text().strip() for label in picture.query("text.label")]
    assert labels[0] == "Ask"
    assert len(labels[1]) < 50
    assert labels[1].startswith(LONG[:20])
    assert [LONG in part.to_text() for part in picture.query("desc")] == [True]


def test_messages_that_code_cannot_tell_apart_are_described_all_the_same(project: Project) -> None:
    messages = {
        "Posted": event("posted"),
        "Line": {"summary": "A line of text.", "payload": {"type": "string", "maxLength": 80}},
        "Loose": {
            "payload": {"type": "object", "properties": {"size": {"type": "integer"}}},
            "examples": [{"payload": {"size": 7}}],
        },
    }
    project.write("asyncapi.yaml", stream_document(messages))
    site = StaticSite(project.files("docs"))
    assert site.problems() == []
    line = " ".join(site.section("channel-news.html", "Line").to_text().split())
    assert "A line of text." in line
    assert "payload string maximum length 80" in line
    loose = site.section("channel-news.html", "Loose")
    assert loose.query("[id='Loose.size']")
    assert [json.loads(code.to_text()) for code in loose.query("pre code")] == [{"size": 7}]
    assert {"Posted", "Line", "Loose"} <= {title for title, *_ in index_of(site)}


def test_what_only_one_object_holds_is_shown_in_place(project: Project) -> None:
    own = {"type": "object", "additionalProperties": False, "properties": {"row": {"type": "integer"}}}
    seats = {"type": "array", "items": {"$ref": "#/components/schemas/Seat"}}
    project.write_stream({"type": "object", "properties": {"seats": seats}}, {"Seat": own})
    site = StaticSite(project.files("docs"))
    assert "types.html" not in site.pages
    (seat,) = site.elements("channel-news.html", "[id='Posted.body.seats']")
    assert "array of Seat each: no other keys" in " ".join(seat.to_text().split())
    assert site.elements("channel-news.html", "[id='Posted.body.seats-.row']")


def test_nothing_is_lost_below_the_deepest_row(project: Project) -> None:
    deep: dict[str, Any] = {"type": "string", "description": "the bottom"}
    for _ in range(30):
        deep = {"type": "object", "properties": {"deeper": deep}}
    project.write_stream(deep)
    site = StaticSite(project.files("docs"))
    assert site.problems() == []
    assert "the bottom" in site.text("channel-news.html")


def test_the_same_documents_give_the_same_bytes(project: Project) -> None:
    write_hostile_stream(project)
    targets = "".join(f'[[target]]\nname = "{name}"\nout = "{name}"\n' for name in TARGETS)
    project.write("eventshub-codegen.toml", f'[spec]\nasyncapi = "asyncapi.yaml"\n{targets}')
    for command, seed in (("generate", "1"), ("check", "2")):
        done = subprocess.run(
            [sys.executable, "-m", "eventshub_codegen", command],
            cwd=project.folder,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_line_one_says_who_wrote_it(ours: StaticSite) -> None:
    for name, text in ours.files.items():
        assert "Generated by `eventshub-codegen generate`" in text.partition("\n")[0], name


def test_topics_of_snippets_are_named_by_their_folders(project: Project) -> None:
    project.write_stream({"type": "object"})
    project.write("snippets/2-later/about.md", "# Do it later\n\nBut do it.")
    project.write("snippets/2-later/later.go", "package main\n")
    project.write("snippets/2-later/later.py", f"print('{SCRIPT}')\n")
    project.write("snippets/1-first/first.sh", "curl x\n")
    project.write("snippets/1-first/notes.txt", "not shown")
    site = StaticSite(project.files("docs"))
    assert site.problems() == []
    headings = [heading.to_text() for heading in site.elements("snippets.html", "main h2, main h3")]
    names = [re.sub(r"\s*(snippet)?\s*#\s*$", "", heading.strip()).strip() for heading in headings]
    assert names == ["first", "first in curl", "Do it later", "Do it later in Python", "Do it later in Go"]
    assert "not shown" not in site.files["snippets.html"]


def test_a_folder_of_snippets_that_is_not_there_is_an_error(project: Project) -> None:
    project.write_stream({"type": "object"})
    project.write("snippets", "a file, and no folder")
    assert project.places("docs") == ["snippets:1:1 unreadable-file"]
