"""The commands: what they write, what they compare, what they say and how they exit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.codegen.project import Project
from tests.codegen.test_codegen_stream import chat

from eventshub_codegen.cli import main
from eventshub_codegen.config import ConfigError, read_config

CONFIG = """\
[spec]
asyncapi = "asyncapi.yaml"

[[target]]
name = "python-client"
out = "client/_generated"

[[target]]
name = "contract-bundle"
out = "bundle/_generated"
"""
HUB = "[[target]]\nname = 'python-hub'\n"


@pytest.fixture
def chatting(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a configuration, as the current directory."""
    project.write("asyncapi.yaml", chat())
    project.write("eventshub-codegen.toml", CONFIG)
    monkeypatch.chdir(project.folder)
    return project


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert isinstance(exited.value.code, int)
    return exited.value.code


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_generate_writes_every_target(chatting: Project) -> None:
    assert run("generate") == 0
    assert sorted(path.name for path in (chatting.folder / "client/_generated").iterdir()) == [
        "__init__.py",
        "messages.py",
        "models.py",
        "protocol.py",
    ]
    assert (chatting.folder / "bundle/_generated/bundle.json").is_file()


def test_generate_again_touches_nothing(chatting: Project, capsys: pytest.CaptureFixture[str]) -> None:
    run("generate")
    os.utime(chatting.folder / "client/_generated/models.py", (1, 1))
    assert run("generate") == 0
    assert (chatting.folder / "client/_generated/models.py").stat().st_mtime == 1
    assert "6 files generated, 0 changed" in capsys.readouterr().err


def test_generate_removes_what_it_no_longer_generates(chatting: Project) -> None:
    run("generate")
    old = chatting.folder / "client/_generated/old.py"
    old.write_text((chatting.folder / "client/_generated/models.py").read_text())
    cache = chatting.write("client/_generated/__pycache__/models.pyc", "not ours")
    assert run("generate") == 0
    assert not old.exists()
    assert cache.exists()


def test_generate_deletes_nothing_that_it_has_not_generated(
    chatting: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    diary = chatting.write("client/_generated/diary.py", "PRECIOUS = True\n")
    before = contents(chatting.folder)
    assert run("generate") == 1
    assert diary.exists()
    assert contents(chatting.folder) == before
    assert "client/_generated/diary.py:1:1: error[foreign-file]" in capsys.readouterr().out


def test_check_of_what_is_fresh(chatting: Project) -> None:
    run("generate")
    before = contents(chatting.folder)
    assert run("check") == 0
    assert contents(chatting.folder) == before


@pytest.mark.parametrize("kind", ["missing", "stray", "differing"])
def test_check_finds_and_shows_a_difference(
    chatting: Project, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run("generate")
    path = chatting.folder / "client/_generated" / ("stray.py" if kind == "stray" else "models.py")
    if kind == "missing":
        path.unlink()
    else:
        path.write_text("tampered = True\n")
    before = contents(chatting.folder)
    capsys.readouterr()
    assert run("check") == 1
    shown = capsys.readouterr().out
    assert f"client/_generated/{path.name}:1:1: error[generated-{kind}]" in shown
    assert "\n+++ " in shown
    assert ("-tampered = True" in shown) == (kind != "missing")
    assert contents(chatting.folder) == before


def test_check_sees_one_byte_at_the_end(chatting: Project, capsys: pytest.CaptureFixture[str]) -> None:
    run("generate")
    path = chatting.folder / "bundle/_generated/bundle.json"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert run("check") == 1
    assert "No newline at end of file" in capsys.readouterr().out


def test_lint_says_that_all_is_well(chatting: Project, capsys: pytest.CaptureFixture[str]) -> None:
    document = chat()
    document["x-codegen-ignore"] = {"missing-description": "a test"}
    chatting.write("asyncapi.yaml", document)
    assert run("lint") == 0
    assert run("lint", "asyncapi.yaml") == 0
    assert capsys.readouterr().out == ""


def test_a_warning_is_shown_and_does_not_fail(chatting: Project, capsys: pytest.CaptureFixture[str]) -> None:
    document = chat()
    document["components"]["messages"]["Moved"]["payload"]["properties"]["on"] = {"const": True}
    chatting.write("asyncapi.yaml", document)
    assert run("generate") == 0
    assert " warning[inexpressible] " in capsys.readouterr().out


@pytest.mark.parametrize("command", ["generate", "check", "lint"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command, "--help") == 0
    shown = capsys.readouterr().out
    assert f"eventshub-codegen {command}" in shown.partition("examples:")[2]


@pytest.mark.parametrize(
    "arguments", [(), ("frobnicate",), ("lint", "nowhere.yaml"), ("check", "--config", "nowhere.toml")]
)
def test_wrong_usage_is_exit_2(
    chatting: Project, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[spec", "not TOML"),
        ("", r"\[spec\] is missing"),
        ("[spec]\nrules = 'r.yaml'", "neither"),
        ("[spec]\nasyncapi = 3", "non-empty string"),
        ("[spec]\nasyncap = 'a.yaml'", "unknown key `asyncap`"),
        ("[spec]\nasyncapi = 'a'\n[target]\nname = 'python-client'", r"\[\[target\]\]"),
        ("[spec]\nasyncapi = 'a'\n[[target]]\nname = 'cobol'\nout = 'o'", "no target `cobol`"),
        (f"[spec]\nasyncapi = 'a'\n{HUB}", "`out`"),
        (f"[spec]\nasyncapi = 'a'\n{HUB}out = 'o'\n{HUB}out = 'o/p'", "inside of another"),
    ],
)
def test_a_configuration_that_cannot_be_used(project: Project, text: str, words: str) -> None:
    path = project.write("eventshub-codegen.toml", text)
    with pytest.raises(ConfigError, match=words):
        read_config(path)


def test_a_run_is_quick_and_small(chatting: Project) -> None:
    """A ceiling that a slow, busy machine keeps, too; the benchmark has the exact numbers."""
    script = (
        "import resource, subprocess, sys\n"
        "subprocess.run([sys.executable, '-m', 'eventshub_codegen', 'generate'], check=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    seconds, kilobytes = done.stdout.split()
    assert float(seconds) < 2
    assert int(kilobytes) < 80_000
