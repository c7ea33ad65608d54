"""How programs of documents are made ready in their folder, by language. Nothing is downloaded."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

BUILDING: Final = 120.0
"""Seconds for the compiler: its cache may be empty."""

_NODE_VERSION: Final = re.compile(r"v(\d+)\.(\d+)")
_LINE: Final = re.compile(r"snippet\.(?:mjs|go)(?::|\", line )(\d+)")
_PYTHON_LINE: Final = re.compile(r'File "[^"]*snippet\.py", line (\d+)')
_SAID: Final = re.compile(
    r"^(?:Uncaught )?(?P<node>\w*Error\b(?: \[\w+\])?: .*)|^panic: (?P<panic>.*)"
    r"|^\./snippet\.go:[\d:]+ (?P<build>.*)",
    re.MULTILINE,
)
_LACKS: Final = re.compile(
    r"Cannot find (?:package|module) '([\w@/.-]+)'|no required module provides package ([\w./-]+)"
    r"|cannot find module providing package ([\w./-]+)|cannot find module[^\n]*?([\w.]+/[\w./-]+)"
    r"|No module named '([\w.]+)'"
    r"|ReferenceError: (WebSocket|document|window|location|localStorage|navigator) is not defined"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended."""

    fault: str = ""
    line: int = 0
    """Of the program, where it failed; 0: not known."""
    missing: str = ""
    """What this machine lacks to run it."""


def outcome_of(errors: str, status: int) -> Outcome:
    """What a program that failed, or its compiler, says in its error stream."""
    lacks = _LACKS.search(errors)
    if lacks:
        return Outcome(missing=f"{next(filter(None, lacks.groups()))} is not installed here")
    python = _PYTHON_LINE.findall(errors)
    others = _LINE.findall(errors)
    at = int(python[-1] if python else others[0] if others else 0)
    said = None if python else _SAID.search(errors)
    if said is not None:
        return Outcome(next(filter(None, said.groups()), ""), at)
    lines = [line for line in errors.splitlines() if line.strip()]
    return Outcome(lines[-1] if lines else f"it ends with {status}", at)


def node_command(folder: Path, beside: Path) -> list[str]:
    """Lend a program the libraries that are installed for its document, and say how it is run.

    Args:
        folder: Where the program is.
        beside: Where its document is: the nearest ``node_modules`` above counts.
    """
    lent = next((each / "node_modules" for each in (beside, *beside.parents) if _has_modules(each)), None)
    if lent is not None:
        (folder / "node_modules").symlink_to(lent)
    shown = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=30, check=False)
    version = _NODE_VERSION.match(shown.stdout)
    # Before 22 the WebSocket of browsers has to be asked for.
    number = int(version[1]) * 100 + int(version[2]) if version else 0
    return ["node", *(["--experimental-websocket"] if 2010 <= number < 2200 else [])]


def build_go(folder: Path, environment: Mapping[str, str]) -> Outcome | None:
    """Compile ``snippet.go`` with the modules that this machine has already; None: it went well.

    Args:
        folder: Where the program is, and where ``snippet`` comes to be.
        environment: What the compiler sees besides.
    """
    asked = ["go", "env", "-json", "GOMODCACHE", "GOCACHE"]
    known = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
    places: dict[str, str] = json.loads(known.stdout or "{}")
    modules = Path(places.get("GOMODCACHE", "")) / "cache" / "download"
    offline = {
        **places,
        "GOPROXY": modules.as_uri() if modules.is_dir() else "off",
        "GOSUMDB": "off",
        "GOFLAGS": "-mod=mod",
        "GOTOOLCHAIN": "local",
    }
    (folder / "go.mod").write_text("module snippet\n\ngo 1.20\n", encoding="utf-8")
    command = ["go", "build", "-o", "snippet", "snippet.go"]
    try:
        built = subprocess.run(
            command,
            cwd=folder,
            env={**environment, **offline},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=BUILDING,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(missing=f"a compiler that is done within {BUILDING:g} s")
    return None if built.returncode == 0 else outcome_of(built.stderr, built.returncode)


def _has_modules(folder: Path) -> bool:
    return os.access(folder / "node_modules", os.R_OK | os.X_OK)
