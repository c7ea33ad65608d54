"""What the README and ``--help`` show works as shown, and starts fast."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sdk.cli.conftest import RunCommand, connected

import eventshub
from eventshub.cli import help_texts
from eventshub_mockserver import HubForTests

README = (Path(eventshub.__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = (
    README.partition("## Command line")[2].partition("\n## ")[0].partition("```sh")[2].partition("```")[0]
)
HELP = "\n".join(text for name, text in vars(help_texts).items() if name.endswith("HELP"))
SHOWN = re.findall(r"^ *(eventshub .*)$", re.sub(r"\\\n *", "", f"{SECTION}\n{HELP}"), re.MULTILINE)
ENDLESS = {"tail", "record"}


def arguments(shown: str) -> list[str]:
    words = shlex.split(shown, comments=True)
    return words[1 : words.index("|") if "|" in words else words.index("||") if "||" in words else None]


@pytest.mark.parametrize("shown", sorted(set(SHOWN)))
def test_every_example_works(
    shown: str, cli: RunCommand, environment: HubForTests, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    command, *rest = arguments(shown)
    if command == "unsubscribe":
        with connected(environment, "pdfm", "health") as client_id:
            channels = [word for word in rest if word in {"pdfm", "health"}]
            assert cli(command, client_id, *channels).code == 0
        return
    done = cli(command, *rest, *(["--since-connect", "0.01"] if command in ENDLESS else []))
    assert done.code == (7 if "--count" in rest else 0), done


def test_examples_were_found() -> None:
    assert {arguments(shown)[0] for shown in SHOWN} >= {
        "tail",
        "record",
        "ping",
        "whoami",
        "clients",
        "stats",
    }


def test_what_is_not_needed_is_not_loaded(environment: HubForTests) -> None:
    program = (
        "import sys\nfrom eventshub.cli.entry import run\n"
        "code = run(['tail', '--channels', 'pdfm', '--since-connect', '0.01'])\n"
        "print(code, *sorted(name.partition('.')[0] for name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    code, *loaded = done.stdout.split()
    assert code == "0"
    assert "typer" in loaded
    assert not {"rich", "httpx", "simpleeval"} & set(loaded)
