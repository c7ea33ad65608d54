"""A hub asks for as many open files as it has connections, and says when it does not get them."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("resource", reason="only POSIX limits open files")

PROGRAM = """
import logging, resource, sys
from eventshub_mockserver.open_files import allow_connections
from eventshub_mockserver.log import log_to_stderr
log_to_stderr("info")
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 300))
allow_connections(int(sys.argv[1]))
print(resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("connections", "limits", "says"),
    [
        (10, "(100, 300)", ""),
        (200, "(264, 300)", ""),
        (1000, "(300, 300)", "more are dropped open_files=300 max_connections=1000"),
    ],
)
def test_the_limit_is_raised_as_far_as_it_goes(connections: int, limits: str, says: str) -> None:
    command = [sys.executable, "-c", PROGRAM, str(connections)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == limits
    assert run.stderr.strip().endswith(says)
    assert bool(run.stderr) == bool(says)
