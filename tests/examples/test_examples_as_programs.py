"""Each example as its reader starts it: it connects, ends at a signal, and meets a refusal with one line."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from tests.examples.conftest import Receiver

from eventshub_mockserver import HubConfig, HubForTests
from eventshub_mockserver.testing.hub import serve_for_tests

FOLDER = Path(__file__).parents[2] / "examples"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
TOURS = {"demo.py"}
EXAMPLES = sorted(path.name for path in FOLDER.glob("*.py") if path.name not in TOURS)
PROGRAMS = [name for name in EXAMPLES if "__main__" in (FOLDER / name).read_text()]


@pytest.fixture
def busy_hub() -> Generator[HubForTests]:
    """A hub that lets one address have any number of connections."""
    with serve_for_tests(HubConfig(connections_per_address=None)) as hub:
        yield hub


def start(name: str, hub: HubForTests, token: str, receiver: Receiver) -> subprocess.Popen[str]:
    variables = {
        "EVENTS_HUB_URL": hub.url,
        "EVENTS_HUB_TOKEN": token,
        "INVENTORY_URL": receiver.url,
        "ALERT_WEBHOOK": receiver.url,
        "METRICS_PORT": "0",
    }
    return subprocess.Popen(
        [sys.executable, name],
        cwd=FOLDER,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_every_example_ends_cleanly_at_ctrl_c(busy_hub: HubForTests, receiver: Receiver) -> None:
    running = {name: start(name, busy_hub, busy_hub.token, receiver) for name in PROGRAMS}
    try:
        busy_hub.wait_for(lambda journal: len(journal.handshakes(101)) == len(PROGRAMS), timeout=40)
        for program in running.values():
            program.send_signal(signal.SIGINT)
        ended = {name: program.communicate(timeout=30) for name, program in running.items()}
    finally:
        for program in running.values():
            program.kill()
            program.communicate()
    for name, (_, errors) in ended.items():
        assert (name, running[name].returncode) == (name, 0), errors
        assert "Traceback" not in errors
    busy_hub.wait_for(lambda journal: len(journal.closes()) == len(PROGRAMS))


def test_every_example_meets_a_refused_credential_with_one_line(
    busy_hub: HubForTests, receiver: Receiver
) -> None:
    running = {name: start(name, busy_hub, "hunter2", receiver) for name in PROGRAMS}
    for name, program in running.items():
        output, errors = program.communicate(timeout=40)
        assert (name, program.returncode) == (name, 1)
        assert len(errors.splitlines()) == 1, errors
        assert "401" in errors
        assert "hunter2" not in output + errors


def test_every_example_is_short_and_listed() -> None:
    assert len(PROGRAMS) == 6
    lengths = {name: len((FOLDER / name).read_text(encoding="utf-8").splitlines()) for name in EXAMPLES}
    assert {name: length for name, length in lengths.items() if length >= 60} == {}
    listed = re.findall(r"^\| \[`(\w+\.py)`\]\((\w+\.py)\)", README, re.MULTILINE)
    assert sorted(name for name, target in listed if name == target) == EXAMPLES
