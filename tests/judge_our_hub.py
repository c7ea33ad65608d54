"""Start our hub with short heartbeats and every identity the judge can use, and have it judged.

``--dialect service`` has the other dialect judged: the report is to show the differences that are known, no
more and no fewer. All other arguments go on to ``eventshub-contract hub``, and then the exit code is its.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.judged_hub import CONNECTIONS, PING_INTERVAL, PONG_TIMEOUT, QUEUE_LIMIT

LIFE = 12.0
"""Seconds for which one of the tokens is good: the judge has to be there by then, on a busy machine too."""
START_PATIENCE = 30.0
SERVICE_DEPARTS_FROM: Final = {
    "AUTH-6": "fail",  # the judge looks for the reason in `message`, which OAuth's answer has not
    "AUTH-7": "fail",
    "EVT-6": "lenient",
    "CMD-1": "fail",
    "CMD-4": "fail",
    "UNSUB-1": "fail",
    "UNSUB-2": "fail",  # in part: the answer lists nothing
    "UNSUB-3": "fail",  # likewise
    "ERR-1": "fail",
    "END-1": "fail",
}
"""What the judge says of the rules that the dialect ``service`` departs from and that it can judge."""


@contextmanager
def judged_hub(
    environment: Mapping[str, str], folder: Path, dialect: str = "guide"
) -> Generator[tuple[str, int]]:
    """Run ``tests.judged_hub``, and say where it listens and its process ID.

    Raises:
        RuntimeError: It does not start.
    """
    ready = folder / "ready.json"
    command = [sys.executable, "-m", "tests.judged_hub", str(ready), str(LIFE), dialect]
    with subprocess.Popen(command, env={**os.environ, **environment}) as process:
        try:
            deadline = time.monotonic() + START_PATIENCE
            while not ready.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the hub did not start")
                time.sleep(0.02)
            yield json.loads(ready.read_text())["url"], process.pid
        finally:
            process.terminate()
            process.wait(timeout=10)


def options(url: str, pid: int) -> list[str]:
    """What the judge has to be told of this hub."""
    return [
        *("--control-url", f"{url}/control", "--trusted-proxy", "--stop-command", f"kill -TERM {pid}"),
        *("--ping-interval", str(PING_INTERVAL), "--pong-timeout", str(PONG_TIMEOUT)),
        *("--connections-per-ip", str(CONNECTIONS), "--queue-limit", str(QUEUE_LIMIT)),
    ]


def main() -> int:
    """Judge the hub of this checkout."""
    arguments = sys.argv[1:]
    if arguments[:2] == ["--dialect", "service"]:
        return judge_service(arguments[2:])
    return judge(["--generated", "25", *arguments]).returncode


def judge(
    arguments: list[str], dialect: str = "guide", *, captured: bool = False
) -> subprocess.CompletedProcess[str]:
    """Start a hub of this dialect and run the judge with these arguments."""
    names = ("TOKEN", "OTHER_TOKEN", "NO_READ_TOKEN", "EXPIRING_TOKEN", "CONTROL_TOKEN")
    identities = {f"EVENTS_HUB_{name}": secrets.token_hex(12) for name in names}
    identities["EVENTS_HUB_API_KEY"] = f"dashboard:{secrets.token_hex(12)}"
    with tempfile.TemporaryDirectory() as folder, judged_hub(identities, Path(folder), dialect) as (url, pid):
        command = [
            *(sys.executable, "-m", "eventshub_contract", "hub", "--url", url),
            *options(url, pid),
            *arguments,
        ]
        output = subprocess.PIPE if captured else None
        environment = {**os.environ, **identities}
        return subprocess.run(command, env=environment, check=False, stdout=output, text=True)


def judge_service(arguments: list[str]) -> int:
    """Judge the dialect ``service`` and compare what it is found to do with what is known."""
    done = judge([*arguments, "--json"], "service", captured=True)
    try:
        rules = json.loads(done.stdout)["rules"]
    except (ValueError, KeyError):
        sys.stdout.write(done.stdout)
        return done.returncode or 2
    found = {rule["id"]: rule["verdict"] for rule in rules if rule["verdict"] not in ("pass", "unsupported")}
    for rule in sorted(found.keys() | SERVICE_DEPARTS_FROM.keys()):
        known, seen = SERVICE_DEPARTS_FROM.get(rule, "pass"), found.get(rule, "pass")
        print(f"{rule:<9} {seen:<8} {'as known' if seen == known else f'NOT AS KNOWN: {known}'}")
    return int(found != SERVICE_DEPARTS_FROM)


if __name__ == "__main__":
    sys.exit(main())
