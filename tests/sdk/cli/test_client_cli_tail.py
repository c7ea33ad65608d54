"""``eventshub tail`` against a real hub."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from tests.sdk.cli.conftest import RunCommand, StartCommand, terminal

from eventshub_mockserver import HubForTests

PATIENCE = 20.0


def stopped(hub: HubForTests, *vm_ids: str, state: str = "stopped") -> None:
    for vm_id in vm_ids:
        body = {"vm_id": vm_id, "previous_state": "running", "current_state": state}
        hub.publish("pdfm", "VM_STATE_CHANGED", body)


def once_subscribed(hub: HubForTests, *happen: Callable[[], object]) -> Callable[[], None]:
    """What lets things happen as soon as the command listens."""

    def run() -> None:
        hub.wait_for(lambda journal: journal.handshakes(101), timeout=PATIENCE)
        for each in happen:
            each()

    return run


def read_until(read: Callable[[], str], text: str) -> str:
    deadline = time.monotonic() + PATIENCE
    while text not in read():
        assert time.monotonic() < deadline, read()
        time.sleep(0.01)
    return read()


def test_one_plain_line_an_event(cli: RunCommand, environment: HubForTests) -> None:
    done = cli(
        "tail", "--channels", "pdfm", "--count", "2",
        meanwhile=once_subscribed(environment, lambda: stopped(environment, "vm-1", "vm-2")),
    )  # fmt: skip
    assert done.code == 0
    first, second = done.lines
    when, rest = first.split(" ", 1)
    assert when.endswith("Z")
    assert rest == "pdfm VM_STATE_CHANGED vm_id=vm-1 previous_state=running current_state=stopped"
    assert "vm_id=vm-2" in second
    assert done.err.startswith("connected as ")


def test_json_is_the_frame_as_it_was_sent(cli: RunCommand, environment: HubForTests) -> None:
    done = cli(
        "tail", "--channels", "pdfm", "--count", "1", "--json",
        meanwhile=once_subscribed(environment, lambda: stopped(environment, "vm-1")),
    )  # fmt: skip
    (sent,) = environment.journal.sent("pdfm")
    assert done.lines == [sent.text]
    assert json.loads(done.err)["notice"] == "connected"


def test_pretty_has_the_whole_body(cli: RunCommand, environment: HubForTests) -> None:
    done = cli(
        "tail", "--channels", "pdfm", "--count", "1", "--pretty",
        meanwhile=once_subscribed(environment, lambda: stopped(environment, "vm-1")),
    )  # fmt: skip
    head, *body = done.lines
    assert head.endswith("Z pdfm VM_STATE_CHANGED")
    told = json.loads("{" + "".join(body) + "}")
    assert told["body"]["vm_id"] == "vm-1"


def test_where_chooses_and_count_counts_what_was_chosen(cli: RunCommand, environment: HubForTests) -> None:
    def happen() -> None:
        stopped(environment, "vm-1", state="running")
        stopped(environment, "vm-2")
        environment.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-3"})
        stopped(environment, "vm-4")

    done = cli(
        "tail", "--channels", "pdfm", "--count", "2", "--where", 'body.current_state == "stopped"',
        meanwhile=once_subscribed(environment, happen),
    )  # fmt: skip
    assert [line.split()[3] for line in done.lines] == ["vm_id=vm-2", "vm_id=vm-4"]


def test_unknown_and_invalid_events_are_shown(cli: RunCommand, environment: HubForTests) -> None:
    def happen() -> None:
        environment.publish("pdfm", "VM_TELEPORTED", {"to": "mars"}, unchecked=True)
        environment.publish("pdfm", "VM_REMOVED", {"vm_id": 7}, unchecked=True)

    meanwhile = once_subscribed(environment, happen)
    unknown, invalid = cli("tail", "--channels", "pdfm", "--count", "2", meanwhile=meanwhile).lines
    assert unknown.endswith("VM_TELEPORTED to=mars")
    assert invalid.endswith("VM_REMOVED [invalid: Expected `str`, got `int` at $.body.vm_id] vm_id=7")
    environment.reset()
    lines = cli("tail", "--channels", "pdfm", "--count", "2", "--json", meanwhile=meanwhile).lines
    told = json.loads(lines[1])
    assert told["notice"] == "invalid"
    assert told["path"] == "$.body.vm_id"
    assert told["frame"]["body"] == {"vm_id": 7}


@pytest.mark.parametrize("form", ["--json", "--pretty", None])
def test_control_characters_never_reach_the_output(
    form: str | None, cli: RunCommand, environment: HubForTests
) -> None:
    nasty = "\x1b]0;owned\x07 \u202e \x9b31m \x7f\u2028end"
    body = {"vm_id": nasty, "previous_state": nasty, nasty: nasty}
    done = cli(
        "tail", "--channels", "pdfm", "--count", "2", *([form] if form else []),
        meanwhile=once_subscribed(
            environment,
            lambda: environment.publish("pdfm", f"X{nasty}", body, unchecked=True),
            lambda: environment.publish("pdfm", "VM_REMOVED", {"vm_id": [nasty]}, unchecked=True),
        ),
    )  # fmt: skip
    assert done.code == 0
    assert all(character.isprintable() for character in done.out.replace("\n", ""))
    if form == "--json":
        assert json.loads(done.lines[0])["body"] == body


def test_a_gap_stands_among_the_events(cli: RunCommand, environment: HubForTests) -> None:
    def happen() -> None:
        stopped(environment, "vm-1")
        environment.close_connections(1012)
        environment.expect_reconnect(within=5)
        stopped(environment, "vm-2")

    meanwhile = once_subscribed(environment, happen)
    done = cli("tail", "--channels", "pdfm", "--count", "2", meanwhile=meanwhile)
    before, gap, after = done.lines
    assert "vm_id=vm-1" in before
    assert gap.startswith("-- connected again as ")
    assert "vm_id=vm-2" in after
    assert "disconnected: " in done.err
    assert "; attempt 1 in " in done.err
    environment.reset()
    done = cli("tail", "--channels", "pdfm", "--count", "2", "--json", meanwhile=meanwhile)
    assert json.loads(done.lines[1])["notice"] == "reconnected"
    told = [json.loads(line)["notice"] for line in done.err.splitlines()]
    assert told == ["connected", "disconnected", "attempt"]


def test_what_was_not_granted_is_told(cli: RunCommand) -> None:
    done = cli("tail", "--channels", "pdfm,tyop,heatlh", "--since-connect", "0.01")
    assert done.code == 0
    assert "not granted: tyop, heatlh (is health meant?)\n" in done.err


def test_too_few_events_in_time_is_exit_code_7(cli: RunCommand, environment: HubForTests) -> None:
    done = cli("tail", "--count", "1", "--since-connect", "0.05")
    assert done.code == 7
    assert done.err.splitlines()[-1] == "Error: 0 of 1 events came within 0.05 s"
    (closed,) = environment.journal.closes()
    assert closed.status == 1000


def test_a_revoked_credential_ends_it_for_good(cli: RunCommand, environment: HubForTests) -> None:
    done = cli("tail", meanwhile=once_subscribed(environment, lambda: environment.revoke("default")))
    assert done.code == 3
    assert "1008" in done.err.splitlines()[-1]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_it_cleanly(
    number: signal.Signals, code: int, start: StartCommand, environment: HubForTests
) -> None:
    process = start("tail", "--channels", "pdfm")
    environment.assert_subscribed({"pdfm"}, timeout=20)
    stopped(environment, "vm-1")
    assert process.stdout is not None
    assert "vm-1" in process.stdout.readline()
    process.send_signal(number)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert "Traceback" not in errors
    environment.wait_for(
        lambda journal: [entry.status for entry in journal.closes()] == [1000], timeout=PATIENCE
    )


@pytest.mark.parametrize("is_quiet", [True, False])
def test_a_closed_pipe_ends_it_cleanly(is_quiet: bool, start: StartCommand, environment: HubForTests) -> None:
    process = start("tail", "--channels", "pdfm")
    environment.assert_subscribed({"pdfm"}, timeout=20)
    stopped(environment, "vm-1")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    process.stdout = None
    if sys.platform != "linux" or not is_quiet:
        stopped(environment, "vm-2")
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert errors.count("\n") == 1, errors


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_has_a_status_line_and_colour_unless_it_is_not_wanted(
    no_color: str, start: StartCommand, environment: HubForTests
) -> None:
    variables = {**os.environ, "TERM": "xterm-256color", "NO_COLOR": no_color}
    with terminal() as (theirs, read):
        process = start("tail", "--channels", "pdfm", stdout=theirs, stderr=subprocess.PIPE, env=variables)
        environment.assert_subscribed({"pdfm"}, timeout=20)
        environment.publish(
            "pdfm", "VM_TELEPORTED", {"to": "[red]mars[/red] \x1b[31m :smile:"}, unchecked=True
        )
        shown = read_until(read, ":smile:")
        assert "[red]mars[/red] \\u001b[31m" in shown
        assert ("\x1b[36mpdfm" in shown) == (not no_color)
        shown = read_until(read, "1 event")
        assert "connected · pdfm, global · 1 event ·" in shown
        # What is below a line when that is printed says how it is then.
        assert "connecting" not in shown.partition(":smile:")[2]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
        assert read().endswith(("\x1b[2K", "\x1b[?25h\r\x1b[1A\x1b[2K"))
