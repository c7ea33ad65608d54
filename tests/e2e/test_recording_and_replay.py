"""What a client has recorded, a hub publishes again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from eventshub_mockserver import HubConfig, Replay, SimulatedFleet, serve_in_thread

PATIENCE = 30.0
COUNT = 40
RECORD = "from eventshub.cli.entry import main; main()"


def bare(frame: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in frame.items() if key not in ("id", "timestamp")}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A client's recording of a simulated fleet."""
    path = tmp_path / "client.jsonl"
    with serve_in_thread(HubConfig(sources=(SimulatedFleet(seed=2, rate=200),))) as hub:
        options = ["--count", str(COUNT), "--channels", "pdfm,orchestrator,system"]
        done = subprocess.run(
            [sys.executable, "-c", RECORD, "record", str(path), *options],
            env={**os.environ, "EVENTS_HUB_URL": hub.url, "EVENTS_HUB_TOKEN": hub.token},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return path


def test_a_clients_recording_is_replayed(recording: Path) -> None:
    lines = [json.loads(line) for line in recording.read_text(encoding="utf-8").splitlines()]
    frames = [line["frame"] for line in lines if "frame" in line]
    assert len(frames) >= COUNT
    with serve_in_thread(HubConfig(journal=True)) as hub:
        headers = {"Authorization": f"Bearer {hub.token}"}
        url = f"{hub.ws_url}/v1/ws/subscribe?event_types=pdfm,orchestrator,system"
        with connect(url, additional_headers=headers, proxy=None) as client:
            client.recv(timeout=PATIENCE)
            hub.start_source(Replay(recording, speed=float("inf")))
            got = [json.loads(client.recv(timeout=PATIENCE)) for _ in frames]
    assert [bare(event) for event in got] == [bare(frame) for frame in frames]
    assert {event["id"] for event in got}.isdisjoint(frame["id"] for frame in frames)
