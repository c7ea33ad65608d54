"""The page on scenarios: its scenarios load, its programs run, its tables are complete."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from eventshub_mockserver.sources.scenario import library, load_scenario
from eventshub_mockserver.sources.scenario.conditions import CONDITIONS
from eventshub_mockserver.sources.scenario.shape import scenario_schema

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")


def table(head: str) -> list[list[str]]:
    """The rows of the table whose first column is called so."""
    rows = PAGE[PAGE.index(f"| {head} |") :].split("\n\n")[0].splitlines()[2:]
    return [row.strip("| ").split(" | ") for row in rows]


def names(cell: str) -> list[str]:
    return re.findall(r"`([a-z_-]+)[`:]", cell)


def test_scenarios_on_the_page_load(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert blocks
    for number, block in enumerate(blocks):
        path = tmp_path / f"{number}.yaml"
        path.write_text(block)
        load_scenario(path)


def test_programs_on_the_page_run() -> None:
    for program in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        command = [sys.executable, "-W", "error", "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_library_is_there_with_its_variables() -> None:
    rows = {names(row[0])[0]: names(row[3]) for row in table("name")}
    assert rows == {name: list(load_scenario(name).variables) for name in library()}


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        ("step", list(scenario_schema()["$defs"]["step"]["properties"])),
        ("condition", list(CONDITIONS)),
    ],
)
def test_steps_and_conditions_are_all_there(head: str, wanted: list[str]) -> None:
    found = [name for row in table(head) for name in dict.fromkeys(names(row[0])) if name in wanted]
    assert sorted(dict.fromkeys(found)) == sorted(wanted)
