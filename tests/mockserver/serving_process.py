"""The command ``serve`` as a process of its own, with its output at hand."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

PATIENCE = 20.0


@contextmanager
def serving(
    ready: Path, *arguments: str, errors: IO[str] | int = subprocess.PIPE, **environment: str
) -> Generator[tuple[subprocess.Popen[str], Any]]:
    """A hub in a process of its own, once it is ready, and what its ready file says."""
    command = [sys.executable, "-m", "eventshub_mockserver", "serve", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--ready-file", str(ready), *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not ready.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield process, json.loads(ready.read_text())
    finally:
        process.kill()
        process.communicate()


def end(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> tuple[str, str]:
    process.send_signal(number)
    return process.communicate(timeout=PATIENCE)
