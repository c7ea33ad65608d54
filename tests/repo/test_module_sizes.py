"""Modules stay small enough to be read in one sitting."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 400


def hand_written_modules() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [ROOT / name for name in listed if "_generated" not in name and (ROOT / name).exists()]


def test_no_hand_written_module_is_longer_than_the_limit() -> None:
    modules = hand_written_modules()
    assert len(modules) > 20
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in modules}
    assert {name: length for name, length in lengths.items() if length > LIMIT} == {}


def test_names_say_what_a_module_is_for() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    parts = {
        path.relative_to(ROOT).as_posix(): {*path.relative_to(ROOT).with_suffix("").parts}
        for path in hand_written_modules()
    }
    assert [name for name, names in parts.items() if names & vague] == []
