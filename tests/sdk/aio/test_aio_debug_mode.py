"""Nothing outlives its context manager, by asyncio's own account and the garbage collector's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_python_has_nothing_to_complain_of() -> None:
    """Development mode is asyncio's debug mode too; no warning is let pass."""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-m", "tests.sdk.ends_of_all_kinds"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "clean True\n")
