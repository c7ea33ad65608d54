"""Hubs and judges as processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract_suite.identities import (
    API_KEY,
    CONTROL_TOKEN,
    NO_READ_TOKEN,
    OTHER_TOKEN,
    TOKEN,
)

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent
START_PATIENCE = 20.0

CREDENTIALS = {
    "EVENTS_HUB_TOKEN": TOKEN,
    "EVENTS_HUB_API_KEY": API_KEY,
    "EVENTS_HUB_OTHER_TOKEN": OTHER_TOKEN,
    "EVENTS_HUB_NO_READ_TOKEN": NO_READ_TOKEN,
    "EVENTS_HUB_CONTROL_TOKEN": CONTROL_TOKEN,
}


@dataclass(frozen=True)
class RunningHub:
    """A hub that listens on loopback."""

    url: str
    pid: int

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    @property
    def stop_command(self) -> str:
        """What an operator would type."""
        return f"kill -TERM {self.pid}"


@dataclass(frozen=True)
class Judgement:
    """What a run of the judge came to."""

    exit_code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report."""
        report: dict[str, Any] = json.loads(self.out)
        return report

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict of each rule."""
        return {rule["id"]: rule["verdict"] for rule in self.report["rules"]}

    @property
    def broken(self) -> set[str]:
        """The rules found broken, or missed if they are a SHOULD."""
        return {rule for rule, verdict in self.verdicts.items() if verdict not in {"pass", "unsupported"}}

    @property
    def findings(self) -> list[str]:
        """What was found, for a test that fails."""
        return [
            f"{rule['id']} {case['case']}: {case['message']}"
            for rule in self.report["rules"]
            for case in rule["cases"]
            if case["verdict"] not in {"pass", "unsupported"}
        ]


@contextmanager
def running_hub(folder: Path, *flags: str) -> Generator[RunningHub]:
    """Our hub, with fast heartbeats and everybody's credentials, in a process of its own."""
    ready_file = folder / f"hub-{time.monotonic_ns()}.json"
    process = subprocess.Popen(
        [
            *(SCRIPTS / "eventshub-mockserver", "serve", "--port", "0", "--ready-file", ready_file),
            *("--token", f"alice:READ_ONLY:{TOKEN}", "--token", f"bob:READ_ONLY:{OTHER_TOKEN}"),
            *("--token", f"carol::{NO_READ_TOKEN}", "--api-key", API_KEY, "--control-token", CONTROL_TOKEN),
            *("--ping-interval", "0.5", "--pong-timeout", "1", "--log-level", "warning", *flags),
        ],
        stdout=subprocess.DEVNULL,
        env=environment(),
    )
    with _ended(process):
        yield RunningHub(json.loads(_content(ready_file, process))["url"], process.pid)


@contextmanager
def faulty_hub(folder: Path, hub: RunningHub, *faults: str) -> Generator[RunningHub]:
    """The same hub as seen through faults."""
    ready_file = folder / f"faulty-{time.monotonic_ns()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.contract_suite.faulty_hub", str(hub.port), ready_file, *faults],
        cwd=ROOT,
    )
    with _ended(process):
        yield RunningHub(f"http://127.0.0.1:{_content(ready_file, process)}", process.pid)


def judge(hub: RunningHub, *flags: str, credentials: Mapping[str, str] = CREDENTIALS) -> Judgement:
    """Run the judge with everything that it can be given, and take its report as JSON."""
    control = {"EVENTS_HUB_CONTROL_URL": f"{hub.url}/control"}
    return run_judge("hub", "--url", hub.url, "--fast", "--json", *flags, env={**credentials, **control})


def run_judge(*arguments: str, env: Mapping[str, str] | None = None, timeout: float = 140) -> Judgement:
    """Run the judge's command line."""
    done = subprocess.run(
        [SCRIPTS / "eventshub-contract", *arguments],
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Judgement(done.returncode, done.stdout, done.stderr)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what the judge or the hub would take for options."""
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("EVENTS_HUB_", "PYTEST_"))
    }
    return {**own, **(extra or {})}


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Generator[None]:
    try:
        yield
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(START_PATIENCE)


def _content(ready_file: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + START_PATIENCE
    while not ready_file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} did not start")
        time.sleep(0.02)
    return ready_file.read_text()
