"""The hub's README: its programs run, its tables are complete; and the package exports what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from typer.testing import CliRunner

import eventshub_mockserver
from eventshub_mockserver import Limits
from eventshub_mockserver.cli import app

README = (Path(__file__).parents[2] / "mockserver" / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_programs_run(program: str) -> None:
    command = [sys.executable, "-W", "error", "-c", program]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_every_limit_is_in_the_table() -> None:
    table = README[README.index("## Limits") :]
    named = set(
        re.findall(r"`([a-z_]+)`", " ".join(row.split("|")[1] for row in re.findall(r"^\|.*", table, re.M)))
    )
    assert named == {field.name for field in fields(Limits)}


def test_every_option_that_is_named_exists() -> None:
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["serve", "--help"]).stdout
    options = set(re.findall(r"--[a-z][a-z-]+", shown))
    assert set(re.findall(r"--[a-z][a-z-]+", README)) <= options


def test_the_package_exports_what_it_says_and_no_more() -> None:
    program = "from eventshub_mockserver import *; print(*sorted(n for n in dir() if not n.startswith('_')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == sorted(eventshub_mockserver.__all__)
    assert set(eventshub_mockserver.__all__) <= set(dir(eventshub_mockserver))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        getattr(eventshub_mockserver, "Nothing")  # noqa: B009 - a type checker would object to the attribute
