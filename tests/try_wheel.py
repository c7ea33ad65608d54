"""Install one built wheel alone into a clean environment and use it there: what a stranger gets from it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

TRIALS = {
    "eventshub": [
        ["python", "-c", "import eventshub; print(len(eventshub.__all__), 'public names')"],
        [
            "python",
            "-c",
            "from eventshub import AsyncEventsHub; AsyncEventsHub('http://127.0.0.1:1', token='t')",
        ],
    ],
    "eventshub-codegen": [["eventshub-codegen", "--help"], ["eventshub-codegen", "check", "--help"]],
    "eventshub-mockserver": [["eventshub-mockserver", "--help"], ["eventshub-mockserver", "serve", "--help"]],
    "eventshub-contract": [
        ["eventshub-contract", "--help"],
        ["eventshub-contract", "docs", "--help"],
        ["eventshub-contract", "client", "--help"],
    ],
}


def main(name: str, folder: Path, constraints: Path) -> None:
    """Try the wheel of the distribution ``name`` found in ``folder``."""
    (wheel,) = folder.glob(f"{name.replace('-', '_')}-*.whl")
    package = name.replace("-", "_")
    contents = set(zipfile.ZipFile(wheel).namelist())
    for required in (f"{package}/py.typed",):
        if required not in contents:
            sys.exit(f"{wheel.name}: {required} is missing")
    if not any(entry.endswith("licenses/LICENSE") for entry in contents):
        sys.exit(f"{wheel.name}: the licence is missing")
    with tempfile.TemporaryDirectory() as scratch:
        environment = Path(scratch) / "env"
        run(["uv", "venv", "--quiet", "--python", sys.executable, str(environment)])
        python = environment / "bin" / "python"
        run(["uv", "pip", "install", "--quiet", "--python", str(python), "-c", str(constraints), str(wheel)])
        for command, *arguments in TRIALS[name]:
            print("  $", command, *arguments, flush=True)
            run([str(environment / "bin" / command), *arguments], cwd=scratch)


def run(command: list[str], cwd: str | None = None) -> None:
    """Run a command to its end; its output is shown only when it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        sys.exit(f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
