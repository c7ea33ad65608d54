"""What the root README prints runs as printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from eventshub_mockserver import HubConfig, SimulatedFleet, ThreadedHub, serve_in_thread

ROOT = Path(__file__).parents[2]
APPLICATION, FIXTURE = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)


@pytest.fixture
def hub() -> Iterator[ThreadedHub]:
    """A hub with a busy simulated fleet."""
    with serve_in_thread(HubConfig(sources=(SimulatedFleet(seed=1, rate=50),))) as hub:
        yield hub


def start_application(hub: ThreadedHub, token: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-c", APPLICATION],
        env={**os.environ, "EVENTS_HUB_URL": hub.url, "EVENTS_HUB_TOKEN": token},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_application_prints_a_round_trip_and_typed_events(hub: ThreadedHub) -> None:
    with start_application(hub, hub.token) as application:
        assert application.stdout is not None
        first = application.stdout.readline()
        # Which event of the simulated fleet comes when is chance; that a machine changes its state is not.
        assert any(" -> " in line for line in islice(application.stdout, 300))
        application.terminate()
        application.communicate(timeout=10)
    assert first.startswith("round trip: 0:00:00.")


def test_the_application_meets_a_refused_credential_with_one_line(hub: ThreadedHub) -> None:
    with start_application(hub, "not-the-token") as application:
        output, errors = application.communicate(timeout=10)
    assert application.returncode == 1
    assert output == ""
    assert len(errors.splitlines()) == 1
    assert "401" in errors
    assert "not-the-token" not in errors


def test_the_fixture_works_as_printed(tmp_path: Path) -> None:
    (tmp_path / "test_application.py").write_text(FIXTURE)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
