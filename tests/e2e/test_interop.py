"""Clients written from the user guide alone stay connected and get everything (HB-1, CMD-1, EVT-2)."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.hub_process import HubProcess, hub_process

INTEROP = Path(__file__).parent / "interop"
TOKEN = "token-of-the-interop-test"
CONTROL_TOKEN = "control-token-of-the-interop-test"
PING_INTERVAL, PONG_TIMEOUT = 0.2, 0.5


@pytest.fixture
def hub() -> Iterator[HubProcess]:
    """A hub with short heartbeats."""
    options = ("--ping-interval", str(PING_INTERVAL), "--pong-timeout", str(PONG_TIMEOUT))
    credentials = {"EVENTS_HUB_TOKEN": TOKEN, "EVENTS_HUB_CONTROL_TOKEN": CONTROL_TOKEN}
    with hub_process(*options, environment=credentials) as hub:
        yield hub


@pytest.fixture(scope="module")
def node_client(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that runs the Node client, its ``ws`` installed from the registry."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node.js with npm is not installed: the `ws` client was not tried")
    folder = tmp_path_factory.mktemp("node-client")
    shutil.copytree(INTEROP, folder, dirs_exist_ok=True)
    subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--silent"],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=55,
    )
    return [node, str(folder / "guide_client.mjs")]


def judge(command: list[str], hub: HubProcess) -> None:
    """Run a client well past the heartbeat deadline while events are published; it has to print them all."""
    environment = {**os.environ, "HUB_URL": hub.url, "HUB_TOKEN": TOKEN, "CHANNELS": "pdfm,health,system"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        printed: queue.Queue[dict[str, Any]] = queue.Queue()

        def read(lines: Iterator[str]) -> None:
            for line in lines:
                printed.put(json.loads(line))

        reader = threading.Thread(target=read, args=(iter(client.stdout),))
        reader.start()
        try:
            welcome = printed.get(timeout=10)
            client_id = welcome["body"]["client_id"]
            replies = [printed.get(timeout=5) for _ in range(2)]
            assert [(reply["message"], reply["ref_id"]) for reply in replies] == [
                ("client-id", "request-1"),
                ("pong", "request-2"),
            ]
            assert replies[0]["body"] == {"client-id": client_id}
            assert {reply["client_id"] for reply in replies} == {client_id}

            with httpx.Client(headers={"Authorization": f"Bearer {CONTROL_TOKEN}"}) as control:
                published: list[str] = []
                deadlines = 4
                for number in range(10 * deadlines):
                    answer = control.post(
                        f"{hub.control_url}/publish",
                        json={"channel": "pdfm", "message": "VM_REMOVED", "body": {"vm_id": f"vm-{number}"}},
                    )
                    assert answer.status_code == 202, answer.text
                    published.append(f"vm-{number}")
                    threading.Event().wait(PONG_TIMEOUT / 10)  # real time: the deadline of a real process
                received = [printed.get(timeout=5) for _ in published]
                assert [event["body"]["vm_id"] for event in received] == published
                connections = control.get(f"{hub.control_url}/connections").json()
                assert client_id in json.dumps(connections), "still the same connection"
        finally:
            client.terminate()
            client.wait(timeout=10)
            reader.join(timeout=10)


def test_plain_websockets_script_stays_connected_and_gets_everything(hub: HubProcess) -> None:
    judge([sys.executable, str(INTEROP / "guide_client.py")], hub)


def test_node_ws_script_stays_connected_and_gets_everything(hub: HubProcess, node_client: list[str]) -> None:
    judge(node_client, hub)
