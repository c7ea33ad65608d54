"""The Dockerfile, which is not built here: nothing that a linter finds, no root, what it copies is there."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

from eventshub_mockserver.serve_options import option_types

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "mockserver" / "Dockerfile"
INSTRUCTIONS = re.findall(r"^([A-Z]+) ((?:.*\\\n)*.*)$", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_linter_finds_nothing() -> None:
    linter = Path(sysconfig.get_path("scripts")) / "hadolint"
    if not linter.exists():
        pytest.skip("hadolint has no wheel for this platform")
    result = subprocess.run([linter, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "")


def test_it_is_slim_and_runs_as_nobody_special() -> None:
    assert all(rest.startswith("python:3.13-slim") for word, rest in INSTRUCTIONS if word == "FROM")
    users = [rest for word, rest in INSTRUCTIONS if word == "USER"]
    assert users
    assert int(users[-1]) > 0
    assert [word for word, _ in INSTRUCTIONS].index("USER") < [word for word, _ in INSTRUCTIONS].index("CMD")


def test_what_it_copies_is_there_and_not_ignored() -> None:
    copied = [rest.split()[:-1] for word, rest in INSTRUCTIONS if word == "COPY" and "--from" not in rest]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for (source,) in copied:
        assert (ROOT / source).exists()
        assert f"!{source.rstrip('/')}" in ignored


def test_its_variables_are_options_and_it_does_not_open_itself() -> None:
    (environment,) = (rest for word, rest in INSTRUCTIONS if word == "ENV")
    names = re.findall(r"EVENTS_HUB_(\w+)=", environment)
    assert {"HOST", "PORT"} == set(names)
    assert {name.lower() for name in names} <= option_types().keys()
