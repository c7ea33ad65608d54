"""Start our hub with short heartbeats and every identity the judge can use, and have it judged.

``--dialect service`` has the other dialect judged, beside the baseline of its differences that comes with the
judge. All other arguments go on to ``eventshub-contract hub``; the exit code is its.
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

from tests.judged_hub import CONNECTIONS, PING_INTERVAL, PONG_TIMEOUT, QUEUE_LIMIT

LIFE = 12.0
"""Seconds for which one of the tokens is good: the judge has to be there by then, on a busy machine too."""
START_PATIENCE = 30.0
GENERATED = {"guide": "25", "service": "10"}
"""Commands of each kind that are made by chance; in the dialect service an answer takes 100 ms."""


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
    dialect = "guide"
    if arguments[:1] == ["--dialect"]:
        _, dialect, *arguments = arguments
        arguments = [*(["--baseline", "service-dialect"] if dialect == "service" else []), *arguments]
    names = ("TOKEN", "OTHER_TOKEN", "NO_READ_TOKEN", "EXPIRING_TOKEN", "CONTROL_TOKEN")
    identities = {f"EVENTS_HUB_{name}": secrets.token_hex(12) for name in names}
    identities["EVENTS_HUB_API_KEY"] = f"dashboard:{secrets.token_hex(12)}"
    with (
        tempfile.TemporaryDirectory() as folder,
        judged_hub(identities, Path(folder), dialect) as (url, pid),
    ):
        command = [
            *(sys.executable, "-m", "eventshub_contract", "hub", "--url", url),
            *options(url, pid),
            *("--generated", GENERATED[dialect]),
            *arguments,
        ]
        return subprocess.run(command, env={**os.environ, **identities}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
