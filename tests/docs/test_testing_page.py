"""The page on testing: its files, written down as it says, are a green run; its tables name what exists."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from eventshub_mockserver import HubForTests, HubOptions, Journal

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```python\n(.*?)```", PAGE, flags=re.DOTALL))
FIRST = ("board.py", "test_board.py")


def test_every_program_on_the_page_is_a_file() -> None:
    assert len(FILES) == PAGE.count("```python")


@pytest.mark.parametrize(("files", "passed"), [(FIRST, 1), (tuple(FILES), 6)], ids=["first", "all"])
def test_the_files_are_a_green_test_run(tmp_path: Path, files: tuple[str, ...], passed: int) -> None:
    for name in files:
        (tmp_path / name).write_text(FILES[name])
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-W",
            "error",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:schemathesis",
            str(tmp_path),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{passed} passed" in done.stdout


def test_every_call_in_the_tables_exists() -> None:
    calls = re.findall(r"^\| `([a-z_]+)\(", PAGE, flags=re.MULTILINE)
    assert len(calls) > 16
    assert [name for name in calls if not hasattr(HubForTests, name) and not hasattr(Journal, name)] == []


def test_every_option_of_the_marker_is_in_its_table() -> None:
    table = re.findall(r"^\| `([a-z_]+)=", PAGE, flags=re.MULTILINE)
    assert sorted(table) == sorted(option.name for option in fields(HubOptions))


def test_the_sample_application_is_tested_without_a_sleep() -> None:
    tests = (ROOT / "examples" / "vm_board" / "test_board.py").read_text(encoding="utf-8")
    assert not re.search(r"sleep\(|import time", tests)
