"""Every error is one line and an exit code; no secret and no traceback is shown."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sdk import frames
from tests.sdk.cli.conftest import Done, RunCommand, StartCommand, connected, scripted_hub_in_thread
from tests.sdk.scripted_hub import Peer, Script

import eventshub
from eventshub import __version__
from eventshub.cli.exit_codes import EXIT_CODES
from eventshub.cli.hub_options import HubOptions
from eventshub_mockserver import HubForTests

# What the command leaves unread in its last moments is its own affair, not what these tests judge.
pytestmark = pytest.mark.events_hub(strict=False)

README = (Path(eventshub.__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def assert_one_line(done: Done, code: int, says: str) -> None:
    assert done.code == code, done
    assert done.err.count("\n") == 1, done.err
    assert done.err.startswith("Error: ")
    assert says in done.err
    assert "Traceback" not in done.err


def test_nothing_listens(cli: RunCommand) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        for command in ("ping", "stats", "tail"):
            assert_one_line(cli(command, "--url", url), 3, "nothing listens")


def test_a_refused_credential_is_not_repeated(cli: RunCommand) -> None:
    for arguments in (("--token", "hunter2-token"), ("--api-key", "key:hunter2-secret")):
        done = cli("tail", *arguments)
        assert_one_line(done, 4, "401")
        assert "hunter2" not in done.out + done.err


def test_a_connection_too_many(environment: HubForTests, cli: RunCommand) -> None:
    with connected(environment, "pdfm"):
        assert_one_line(cli("ping"), 5, "another connection from this address")


async def _no_welcome(peer: Peer) -> None:
    await peer.send(b'{"hello": 1}')
    await peer.until_closed()


async def _no_pong(peer: Peer) -> None:
    await peer.send(frames.welcome("health"))
    await peer.command()
    await peer.until_closed()


async def _silence(peer: Peer) -> None:
    await peer.until_closed()


async def _gone_for_good(peer: Peer) -> None:
    await peer.send(frames.welcome("health"))
    await peer.connection.close(1000, "enough")


@pytest.mark.parametrize(
    ("command", "script", "code", "says"),
    [
        ("ping", _no_welcome, 6, "welcome"),
        ("ping", _silence, 6, "welcome"),
        ("ping", _no_pong, 7, "within 0.3 s"),
        ("tail", _gone_for_good, 3, "enough"),
    ],
)
def test_a_hub_that_misbehaves(command: str, script: Script, code: int, says: str, cli: RunCommand) -> None:
    with scripted_hub_in_thread(script) as url:
        done = cli(command, "--url", url, "--timeout", "0.3", "--json")
    error = json.loads(done.err.splitlines()[-1])["error"]
    assert (done.code, error["exit_code"]) == (code, code)
    assert says in error["message"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["tail", "--url", "ftp://x"], "scheme"),
        (["tail", "--url", ""], "no hub URL: give --url or set EVENTS_HUB_URL"),
        (["stats", "--token", "a", "--api-key", "b:c"], "both --token and --api-key are given"),
        (["stats", "--url", "http://a:b@c"], "give credentials as --token or --api-key"),
        (["unsubscribe", "some-id", "global"], "cannot be left"),
        (["record", "/no/such/folder/file"], "No such file"),
    ],
)
def test_errors_beyond_the_parser_are_one_line(cli: RunCommand, arguments: list[str], says: str) -> None:
    assert_one_line(cli(*arguments), 9 if arguments[0] == "record" else 2, says)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["tail", "--nonsense"], "--nonsense"),
        (["tail", "--timeout", "0"], "more than 0"),
        (["tail", "--count", "0"], "--count"),
        (["tail", "--since-connect", "0"], "--since-connect"),
        (["tail", "--json", "--pretty"], "not both"),
        (["tail", "--channels", " , "], "--channels"),
        (["tail", "--where", "body.x ="], "column 8"),
        (["stats", "--ca-file", "/no/such.pem"], "No such file"),
        (["stats", "--ca-file", __file__], "no certificate"),
        (["stats", "--token-file", "/no/such"], "No such file"),
        (["stats", "--token-file", "x", "--token", "hunter2"], "not both"),
        (["unsubscribe", "some-id"], "CHANNEL"),
    ],
)
def test_wrong_usage_is_exit_code_2(cli: RunCommand, arguments: list[str], says: str) -> None:
    done = cli(*arguments)
    assert done.code == 2
    assert says in done.err
    assert "Traceback" not in done.err
    assert "hunter2" not in done.err


def test_errors_as_json(cli: RunCommand) -> None:
    error = json.loads(cli("stats", "--token", "wrong", "--json").err)["error"]
    assert error.pop("message").startswith("the hub refused the credential")
    assert error == {"type": "AuthenticationError", "exit_code": 4, "retryable": False}


def test_what_is_unexpected_is_one_line_too(cli: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("out of\nthe blue")

    monkeypatch.setattr(HubOptions, "hub", fail)
    assert_one_line(cli("stats"), 1, r"unexpected ZeroDivisionError: out of\nthe blue")


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['typer'] = None\n"
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'typer' else find(name, *rest)\n"
        "from eventshub.cli.entry import main; sys.argv = ['eventshub', 'tail']; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == 'Error: this command needs typer: pip install "eventshub[cli]"\n'


def test_help_is_plain_quick_and_has_examples(cli: RunCommand) -> None:
    text = cli("--help").out
    assert EXIT_CODES.strip().splitlines()[3].strip() in text
    for command in ("tail", "record", "ping", "whoami", "unsubscribe", "clients", "stats"):
        assert re.search(rf"^  {command} ", text, re.MULTILINE)
        own = cli(command, "--help").out
        assert f"  eventshub {command}" in own.partition("Examples:")[2]
        for option in ("--url", "--token", "--token-file", "--api-key", "--ca-file", "--timeout", "--json"):
            assert option in own
        assert "can read a command line" in " ".join(own.split())


def test_help_shows_no_secret_of_the_environment(cli: RunCommand, environment: HubForTests) -> None:
    assert environment.token not in cli("tail", "--help").out


def test_the_readme_lists_the_exit_codes() -> None:
    listed = re.findall(r"^  (\d+) ", EXIT_CODES, re.MULTILINE)
    section = README.partition("## Command line")[2].partition("\n## ")[0]
    assert re.findall(r"^\| (\d+) \|", section, re.MULTILINE) == listed


def test_a_closed_standard_output_is_no_traceback(environment: HubForTests) -> None:
    command = [sys.executable, "-m", "eventshub.cli", "stats"]
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *command], stderr=subprocess.PIPE, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_no_credential_and_half_a_key_name_the_options(
    cli: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EVENTS_HUB_TOKEN")
    assert_one_line(cli("stats"), 2, "no credential: give --token or --api-key, or set EVENTS_HUB_TOKEN or")
    assert_one_line(
        cli("stats", "--api-key", "hunter2"), 2, 'api_key holds no colon: it must be "key:secret"'
    )


def test_version(cli: RunCommand) -> None:
    assert cli("--version").lines == [f"eventshub {__version__}"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("arguments", [["stats"], ["whoami"], ["--version"]])
def test_standard_output_on_a_full_disk(start: StartCommand, arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        process = start(*arguments, stdout=full)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 9
    assert "cannot write standard output: No space left" in told
    assert told.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_is_one_line_and_exit_code_9(cli: RunCommand) -> None:
    done = cli("record", "/dev/full", "--overwrite", "--count", "1")
    assert done.code == 9
    assert "Error: cannot write /dev/full: No space left" in done.err
    assert os.linesep.join(done.err.splitlines()).count("Error") == 1
