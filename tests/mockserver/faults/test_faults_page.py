"""The page about faults: as the catalogue is, and every example on it means the same rule."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
import yaml
from tests.mockserver.core_harness import CoreHub

from eventshub_mockserver import FaultRule, parse_fault
from eventshub_mockserver.faults.catalogue import CATALOGUE
from eventshub_mockserver.faults.injector import FaultInjector
from eventshub_mockserver.faults.page import page
from eventshub_mockserver.sources.scenario.loading import load_scenario

PAGE = (Path(__file__).parents[3] / "docs" / "faults.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\S+)\n(.*?)(?=^### |\Z)", PAGE, flags=re.DOTALL | re.MULTILINE))


def test_the_page_is_what_the_catalogue_gives() -> None:
    assert page() == PAGE, "write it anew: python -m eventshub_mockserver.faults > docs/faults.md"


def test_every_fault_has_a_section_and_no_other_has() -> None:
    assert list(SECTIONS) == list(CATALOGUE)


@pytest.mark.parametrize("fault", CATALOGUE)
def test_all_examples_of_a_fault_are_the_same_rule(fault: str, tmp_path: Path) -> None:
    (call, marker), *others = [
        re.findall(rf"```{language}\n(.*?)\n```", SECTIONS[fault], flags=re.DOTALL)
        for language in ("python", "console", "yaml", "json")
    ]
    (command,), (as_yaml,), (as_json,) = others
    wanted = parse_fault(json.loads(as_json))
    assert wanted.fault == fault
    (step,) = yaml.safe_load(as_yaml)["steps"]
    assert parse_fault(step["fault"]) == wanted
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(as_yaml)
    load_scenario(scenario)
    assert parse_fault(command.removeprefix("$ eventshub-mockserver serve --fault ")) == wanted
    (described,) = ast.literal_eval(marker.removeprefix("@pytest.mark.events_hub(faults=").removesuffix(")"))
    assert parse_fault(described) == wanted
    assert added(call) == wanted


def added(call: str) -> FaultRule:
    """The rule that a call of ``hub.faults.add`` adds."""
    expression = ast.parse(call, mode="eval").body
    assert isinstance(expression, ast.Call)
    assert ast.unparse(expression.func) == "hub.faults.add"
    faults = FaultInjector(CoreHub().hub)
    values = [ast.literal_eval(argument) for argument in expression.args]
    named = {word.arg: ast.literal_eval(word.value) for word in expression.keywords if word.arg is not None}
    faults.add(*values, **named)
    (active,) = faults.active()
    return active.rule
