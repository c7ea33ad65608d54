"""A hub as a process of its own, as an operator starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class HubProcess:
    """Where a running hub is."""

    url: str
    control_url: str
    pid: int


@contextmanager
def hub_process(
    *options: str, environment: Mapping[str, str], cwd: Path | None = None
) -> Generator[HubProcess]:
    """Run ``eventshub-mockserver serve`` on a free port until the block ends.

    Args:
        options: Further options of ``serve``.
        environment: Variables beside those of this process, such as the credentials.
        cwd: Where to run it.

    Raises:
        RuntimeError: the hub ended before it listened; says what it wrote to standard error.
    """
    with tempfile.TemporaryDirectory() as folder:
        ready, log = Path(folder) / "ready.json", Path(folder) / "hub.log"
        command = [
            *(sys.executable, "-m", "eventshub_mockserver", "serve", "--port", "0"),
            *("--ready-file", str(ready), *options),
        ]
        with (
            log.open("wb") as errors,
            subprocess.Popen(
                command,
                env={**os.environ, **environment},
                cwd=cwd,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            ) as process,
        ):
            try:
                while not ready.exists():
                    if process.poll() is not None:
                        raise RuntimeError(f"the hub did not start: {log.read_text()}")
                    time.sleep(0.02)
                urls = json.loads(ready.read_text())
                yield HubProcess(urls["url"], urls["control_url"] or "", process.pid)
            finally:
                process.terminate()
                process.wait(timeout=10)
