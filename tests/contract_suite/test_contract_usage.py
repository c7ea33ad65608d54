"""What a person sees who holds it wrong, or whose hub is not there."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import httpx
import pytest
from tests.contract_suite.identities import CONTROL_TOKEN, NO_READ_TOKEN, SECRETS, TOKEN, WRONG_TOKEN
from tests.contract_suite.judging import CREDENTIALS, SCRIPTS, RunningHub, environment, judge, run_judge


@contextmanager
def answering(answer: bytes) -> Generator[str]:
    """A server that says the same to everybody; nothing at all, if the answer is empty."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                kept.append(connection)
                if answer:
                    connection.recv(65536)
                    connection.sendall(answer)
                    connection.close()

        kept: list[socket.socket] = []
        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in kept:
            connection.close()


def assert_one_line(text: str, *words: str) -> None:
    assert text.count("\n") == 1, text
    assert text.startswith("eventshub-contract: "), text
    for word in words:
        assert word in text, text
    assert "Traceback" not in text


def test_no_target() -> None:
    judged = run_judge()
    assert judged.exit_code == 4
    assert judged.out == ""
    assert_one_line(judged.err, "no target", "--url", "EVENTS_HUB_URL")


def test_no_credential() -> None:
    judged = run_judge("--hub-url", "http://127.0.0.1:1")
    assert judged.exit_code == 4
    assert_one_line(judged.err, "no credential", "--token", "--api-key")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--hub-url", "localhost:80"], ["--hub-url", "http"]),
        (["--hub-url", "ftp://localhost"], ["--hub-url", "http"]),
        (["--hub-url", "http://localhost:99999"], ["--hub-url"]),
        (["--hub-url", "http://user@localhost"], ["--hub-url", "user name"]),
        (["--token", "two words\n"], ["--token", "HTTP header"]),
        (["--api-key", "no-colon"], ["--api-key", "KEY:SECRET"]),
        (["--from-address", "here"], ["--from-address", "'here'"]),
        (["--connections-per-ip", "0"], ["--connections-per-ip", "off"]),
        (["--ping-interval", "soon"], ["--ping-interval", "seconds"]),
        (["--patience", "-1"], ["--patience", "seconds"]),
        (["--control-url", "nowhere"], ["--control-url"]),
        (["--stop-command", "kill 'x"], ["--stop-command"]),
        (["--rule", "CONN-66"], ["--rule CONN-66", "CONN-6"]),
        (["--rule", "HB-2"], ["--rule HB-2", "binds a hub"]),
        (["--case", "test_subscribe_upgrade"], ["--case", "test_subscribe_upgrades"]),
        (["--other-token", TOKEN], ["--other-token", "somebody else"]),
        (["--no-read-token", TOKEN], ["--no-read-token", "somebody else"]),
        (["--bundle", "no-such-file.json"], ["no-such-file.json"]),
        (["--bundle", __file__], ["is not a contract bundle"]),
    ],
)
def test_options_that_cannot_be(arguments: list[str], words: list[str]) -> None:
    judged = run_judge("--hub-url", "http://127.0.0.1:1", "--token", TOKEN, *arguments)
    assert judged.exit_code == 4, judged.err
    assert_one_line(judged.err, *words)


def test_an_unknown_option_is_refused_and_no_option_can_be_shortened() -> None:
    judged = run_judge("--hub", "http://127.0.0.1:1", "--token", TOKEN)
    assert judged.exit_code == 4
    assert "--hub" in judged.err
    assert TOKEN not in judged.err


def test_help_says_what_the_exit_codes_mean() -> None:
    judged = run_judge("hub", "--help")
    assert judged.exit_code == 0
    assert "--no-read-token" in judged.out
    assert "exit codes:" in judged.out


def test_help_without_a_command_names_the_commands() -> None:
    judged = run_judge("--help")
    assert judged.exit_code == 0
    assert "    hub " in judged.out
    assert "    client " in judged.out
    assert "exit codes:" in judged.out


def test_a_selection_is_not_told_of_what_it_does_not_miss(hub: RunningHub) -> None:
    only_the_token = {"EVENTS_HUB_TOKEN": TOKEN}
    judged = run_judge("hub", "--url", hub.url, "--rule", "CONN-4", env=only_the_token)
    assert judged.exit_code == 0
    assert "note:" not in judged.out
    judged = run_judge("hub", "--url", hub.url, "--rule", "UNSUB-4", env=only_the_token)
    notes = [line for line in judged.out.splitlines() if line.startswith("note:")]
    assert notes == ["note: --other-token was not given"]


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    judged = run_judge("--hub-url", f"http://127.0.0.1:{port}", "--token", TOKEN)
    assert judged.exit_code == 6
    assert judged.out == ""
    assert_one_line(judged.err, f"http://127.0.0.1:{port}", "refused")


def test_a_name_that_does_not_resolve() -> None:
    judged = run_judge("--hub-url", "http://hub.invalid", "--token", TOKEN)
    assert judged.exit_code == 6
    assert_one_line(judged.err, "http://hub.invalid")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", ["no answer"]),
        (b"SSH-2.0-OpenSSH_9.6\r\n", ["no valid answer"]),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ["404"]),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", ["no valid answer"]),
    ],
    ids=["silence", "something else", "another web server", "a lie"],
)
def test_something_listens_that_is_no_hub(answer: bytes, words: list[str]) -> None:
    with answering(answer) as url:
        judged = run_judge("--hub-url", url, "--token", TOKEN, "--patience", "1")
    assert judged.exit_code == 6
    assert_one_line(judged.err, url, *words)


@pytest.mark.parametrize(
    ("token", "status"), [(WRONG_TOKEN, "401"), (NO_READ_TOKEN, "403")], ids=["unknown", "no read-only claim"]
)
def test_the_hub_refuses_the_token(hub: RunningHub, token: str, status: str) -> None:
    judged = run_judge("--hub-url", hub.url, "--token", token)
    assert judged.exit_code == 7
    assert judged.out == ""
    assert_one_line(judged.err, hub.url, "the token", status)
    assert token not in judged.err


def test_the_control_surface_refuses_its_token(hub: RunningHub) -> None:
    judged = judge(hub, credentials={**CREDENTIALS, "EVENTS_HUB_CONTROL_TOKEN": WRONG_TOKEN})
    assert judged.exit_code == 7
    assert_one_line(judged.err, "control surface", "401")


def test_the_other_users_token_is_refused(hub: RunningHub) -> None:
    judged = run_judge("--hub-url", hub.url, "--token", TOKEN, "--other-token", "not-a-token-of-bob")
    assert judged.exit_code == 7
    assert_one_line(judged.err, "--other-token", "401")
    assert "not-a-token-of-bob" not in judged.err


def test_there_is_no_control_surface(hub: RunningHub) -> None:
    judged = run_judge("--hub-url", hub.url, "--control-url", f"{hub.url}/nowhere", env=CREDENTIALS)
    assert judged.exit_code == 6
    assert_one_line(judged.err, "control surface", "404")


def test_nothing_could_be_judged(hub: RunningHub) -> None:
    judged = judge(hub, "--rule", "EVT-7")
    assert judged.exit_code == 5, "a run that judged nothing is no success"
    assert judged.verdicts == {"EVT-7": "unsupported"}


def test_secrets_on_the_command_line_are_not_repeated(hub: RunningHub) -> None:
    judged = run_judge(
        *(
            "--hub-url",
            hub.url,
            "--token",
            TOKEN,
            "--control-token",
            CONTROL_TOKEN,
            "--rule",
            "AUTH-4",
            "--json",
        )
    )
    assert judged.exit_code == 0
    assert not any(secret in judged.out + judged.err for secret in SECRETS)
    assert '--token "$EVENTS_HUB_TOKEN"' in judged.report["rules"][0]["cases"][0]["replay"]


def test_an_interrupted_run_says_so(hub: RunningHub, tmp_path: Path) -> None:
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("w") as out_file, err.open("w") as err_file:
        process = subprocess.Popen(
            [SCRIPTS / "eventshub-contract", "--hub-url", hub.url],
            env=environment(CREDENTIALS),
            stdout=out_file,
            stderr=err_file,
        )
        # Its heartbeats, in real time, take longer than a minute: it cannot be over before.
        headers = {"Authorization": f"Bearer {CONTROL_TOKEN}"}
        while not httpx.get(f"{hub.url}/control/connections", headers=headers).json():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 2
    assert_one_line(err.read_text(), "interrupted")
    assert "not judged: the run was interrupted" in out.read_text()
