"""CPU time and peak memory of whole processes, as the operating system accounts for them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProcessCost:
    """Medians over several runs; children that the process waited for are included."""

    cpu_seconds: float
    peak_megabytes: float


def measure(command: list[str], cwd: Path, runs: int = 7) -> ProcessCost:
    """Run ``command`` once to warm up and ``runs`` times to measure.

    The warm-up leaves compiled bytecode behind, as installing a package does, so a setting
    that keeps Python from writing it is not passed on.

    Raises:
        SystemExit: the command failed; its output is shown.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    cpu: list[float] = []
    memory: list[float] = []
    for counted in [False, *[True] * runs]:
        with subprocess.Popen(
            command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            assert process.stdout is not None
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{command} ended with {process.returncode}\n{output.decode(errors='replace')}")
        if counted:
            cpu.append(usage.ru_utime + usage.ru_stime)
            memory.append(usage.ru_maxrss / 1024)  # kilobytes on Linux
    return ProcessCost(statistics.median(cpu), statistics.median(memory))
