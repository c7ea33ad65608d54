"""The page on testing: its files, written down as it says, are a green run; its tables name what exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from eventshub_mockserver import HubForTests

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```python\n(.*?)```", PAGE, flags=re.DOTALL))
FIRST = ("board.py", "test_board.py")


def test_every_program_on_the_page_is_a_file() -> None:
    assert len(FILES) == PAGE.count("```python")


@pytest.mark.parametrize(("files", "passed"), [(FIRST, 1), (tuple(FILES), 2)], ids=["first", "all"])
def test_the_files_are_a_green_test_run(tmp_path: Path, files: tuple[str, ...], passed: int) -> None:
    for name in files:
        (tmp_path / name).write_text(FILES[name])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tmp_path)],
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
    assert len(calls) > 8
    assert [name for name in calls if not hasattr(HubForTests, name)] == []
