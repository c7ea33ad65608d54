"""The configuration file: what it can change, and its page."""

from __future__ import annotations

import json
import sys
import tomllib
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema_rs
import pytest
import yaml
from tests.codegen.lint_cases import ASYNCAPI, OPENAPI

from eventshub_codegen.cli import main
from eventshub_codegen.config import ConfigError, read_config
from eventshub_codegen.config_schema import CONFIG_SCHEMA, as_page
from eventshub_codegen.ir.spec import Spec
from eventshub_codegen.pipeline import Run, build
from eventshub_codegen.targets import target as targets

ROOT = Path(__file__).parents[2]
TARGET = '\n[[target]]\nname = "python"\nout = "out"\npackage = "ferry"\n'


def built(folder: Path, spec: str = "", more: str = "", target: str = TARGET) -> Run:
    """Generate with a configuration of these lines."""
    (folder / "asyncapi.yaml").write_text(ASYNCAPI, encoding="utf-8")
    (folder / "openapi.yaml").write_text(OPENAPI, encoding="utf-8")
    text = f'[spec]\nasyncapi = "asyncapi.yaml"\nopenapi = "openapi.yaml"\n{spec}\n{more}\n{target}'
    (folder / "eventshub-codegen.toml").write_text(text, encoding="utf-8")
    config = read_config(folder / "eventshub-codegen.toml")
    jsonschema_rs.validator_for(CONFIG_SCHEMA).validate(tomllib.loads(text))
    return build(config, folder)


def text_of(run: Run, name: str) -> str:
    """The text of a generated file."""
    return next(text for path, text in run.files.items() if path.name == name)


def test_things_are_called_as_the_configuration_says(tmp_path: Path) -> None:
    names = (
        '[names]\nTold = "Answer"\naskDeck = "inquire"\n"Answer.askId" = "question"\nlistCargo = "manifest"'
    )
    run = built(tmp_path, more=names)
    client, messages = text_of(run, "client.py"), text_of(run, "messages.py")
    assert "async def inquire(self, message: Ask, *, timeout: float | None = None) -> Answer:" in client
    assert "async def manifest(" in client
    assert "class Answer(Message, frozen=True, kw_only=True):" in messages
    assert 'question: str = field(name="askId")' in messages
    assert run.findings.sorted() == []


def test_what_is_not_wanted_is_left_out(tmp_path: Path) -> None:
    omit = (
        'omit = ["messages/Sail*", "operations/askDeck", "paths//cargo", "messages/Told", "messages/Refused"]'
    )
    run = built(tmp_path, omit)
    assert "Sailed" not in text_of(run, "messages.py")
    assert "ask_deck" not in text_of(run, "client.py")
    assert not [path for path in run.files if path.name == "rest.py"]


def test_a_channel_takes_its_operations_with_it(tmp_path: Path) -> None:
    run = built(tmp_path, 'omit = ["channels/deck"]')
    assert [finding.rule for finding in run.findings.sorted()] == ["no-messages"]


def test_wishes_that_are_about_nothing_are_told(tmp_path: Path) -> None:
    run = built(tmp_path, 'omit = ["messages/Sunk"]', '[names]\nTolled = "Answer"')
    found = [(each.file, each.line, each.rule, each.severity) for each in run.findings.sorted()]
    assert found == [
        ("eventshub-codegen.toml", 4, "unused-setting", "warning"),
        ("eventshub-codegen.toml", 6, "unused-setting", "warning"),
    ]


@pytest.mark.parametrize("is_extension", [True, False])
def test_the_properties_that_tell_messages_apart_can_be_said(tmp_path: Path, *, is_extension: bool) -> None:
    document: dict[str, Any] = yaml.safe_load(ASYNCAPI)
    for name, message in document["components"]["messages"].items():
        message["payload"]["properties"]["version"] = {"const": f"{name}-1"}
        message["payload"]["required"].append("version")
    document["components"]["messages"]["Docked"].pop("examples")
    if is_extension:
        document["x-discriminators"] = ["version"]
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    text = '[spec]\nasyncapi = "other.yaml"\n'
    text += "" if is_extension else 'discriminators = ["version"]\n'
    (tmp_path / "c.toml").write_text(text + TARGET, encoding="utf-8")
    run = build(read_config(tmp_path / "c.toml"), tmp_path)
    protocol = text_of(run, "protocol.py")
    assert 'discriminators=("version",)' in protocol
    assert '("Docked-1",): Docked' in protocol


def test_templates_of_a_folder_come_before_those_of_the_target(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/models.jinja").write_text(
        '{% include "python_package/templates/models.jinja" %}\n\nHOUSE = {{ classes | length }}\n',
        encoding="utf-8",
    )
    run = built(tmp_path, target=f'{TARGET}templates = "own"\n')
    models = text_of(run, "models.py")
    assert "class Cargo(Struct" in models
    assert models.rstrip().splitlines()[-1] == "HOUSE = 4"
    assert "HOUSE" not in text_of(built(tmp_path), "models.py")
    with pytest.raises(ConfigError, match="there is no folder `theirs`"):
        built(tmp_path, target=f'{TARGET}templates = "theirs"\n')


def test_another_distribution_can_bring_a_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def render(spec: Spec, reporter: targets.Reporter) -> dict[str, str]:
        return {"list.txt": "\n".join(spec.declarations)}

    listing = ModuleType("listing_for_tests")
    vars(listing)["render"] = render
    monkeypatch.setitem(sys.modules, "listing_for_tests", listing)
    mine = EntryPoint(name="listing", value="listing_for_tests", group="eventshub_codegen.targets")

    def entry_points(*, group: str) -> EntryPoints:
        return EntryPoints([mine]).select(group=group)

    monkeypatch.setattr(targets, "entry_points", entry_points)
    run = built(tmp_path, target='[[target]]\nname = "listing"\nout = "out"')
    assert "Cargo" in text_of(run, "list.txt").splitlines()


@pytest.mark.parametrize(
    ("spec", "more", "words"),
    [
        ('omit = "all"', "", "`omit` must be a list of strings"),
        ("lenient = 1", "", "`lenient` must be true or false"),
        ("", "[names]\nTold = 3", r"\[names\] maps names to names"),
        ("", "[nmaes]\na = 'b'", "unknown key `nmaes` at the top; known are spec, names, target"),
    ],
)
def test_settings_that_cannot_be_used_are_told(tmp_path: Path, spec: str, more: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        built(tmp_path, spec, more)


def test_the_page_is_made_of_the_schema_and_its_examples_can_be_used(
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (ROOT / "docs/codegen-config.md").read_text(encoding="utf-8")
    assert page == as_page()
    blocks = "\n".join(block.partition("```")[0] for block in page.split("```toml\n")[1:])
    jsonschema_rs.validator_for(CONFIG_SCHEMA).validate(tomllib.loads(blocks))
    with pytest.raises(SystemExit):
        main(["config", "--format", "json"])
    assert json.loads(capsys.readouterr().out) == CONFIG_SCHEMA


def test_our_own_configuration_follows_the_schema() -> None:
    text = (ROOT / "eventshub-codegen.toml").read_text(encoding="utf-8")
    jsonschema_rs.validator_for(CONFIG_SCHEMA).validate(tomllib.loads(text))
