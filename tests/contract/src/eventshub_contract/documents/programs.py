"""Programs that documents show, run in a folder of their own with nothing of this environment but the hub."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..target import Target
from .languages import Outcome, build_go, node_command, outcome_of
from .other_code import CONNECTS, GO, JAVASCRIPT
from .page import Block

_PYTHON: Final = frozenset({"python", "py", "python3"})
_PYTHON_CONNECTS: Final = re.compile(r"\bwebsockets\.connect\(|\bwebsockets\b[\s\S]*\bconnect\(")
_WAIT: Final = 10.0
"""Seconds for a program to say that it is connected, or to fail."""
_SETTLE: Final = 0.5
_KEPT: Final = ("PATH", "SYSTEMROOT")
_VARIABLE: Final = re.compile(
    r"(?:environ(?:\.get)?[\[(]\s*|process\.env\.|getenv\(\s*|Getenv\(\s*)[\"']?(?P<name>[A-Z][A-Z0-9_]*)"
    r"[^\n]*?(?:(?:#|//)[^\n]*?(?P<scheme>https?|wss?)://[^\n]*)?(?=\n|$)"
)
_OUR_URL: Final = re.compile(r"(?P<scheme>wss?|https?)://[^\s/\"'`{]+(?=/v1/)")
_ARGUMENTS: Final = re.compile(r"\bsys\.argv\b|\bprocess\.argv\b|\bos\.Args\b")


@dataclass(frozen=True, slots=True)
class Program:
    """A program, ready to be run."""

    command: Sequence[str]
    file: str
    source: str
    environment: Mapping[str, str]
    beside: Path
    """Where the document is."""
    arguments: Sequence[str] = ()
    """URL and token, for one that reads its command line."""

    def run(self) -> Outcome:
        """Run it until it says something, ends, or has had its time."""
        if shutil.which(self.command[0]) is None:
            return Outcome(missing=f"{self.command[0]} is not installed here")
        with tempfile.TemporaryDirectory(prefix="eventshub-docs-") as folder:
            (Path(folder) / self.file).write_text(self.source, encoding="utf-8")
            return self._ready(Path(folder))

    def _ready(self, folder: Path) -> Outcome:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment = {**kept, "HOME": str(folder), **self.environment}
        command = [*self.command, self.file]
        if self.command == ["go"]:
            failed = build_go(folder, environment)
            if failed is not None:
                return failed
            command = [str(folder / "snippet")]
        elif self.command == ["node"]:
            command = [*node_command(folder, self.beside), self.file]
        return self._watched(folder, [*command, *self.arguments], environment)

    def _watched(self, folder: Path, command: Sequence[str], environment: Mapping[str, str]) -> Outcome:
        with (
            (folder / "out").open("w+b") as out,
            (folder / "errors").open("w+b") as errors,
            subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
            ) as process,
        ):
            deadline = time.monotonic() + _WAIT
            while process.poll() is None and time.monotonic() < deadline:
                if (folder / "out").stat().st_size:
                    deadline = min(deadline, time.monotonic() + _SETTLE)
                time.sleep(0.05)
            has_ended = process.poll() is not None
            if not has_ended:
                process.terminate()
                try:
                    process.wait(2)
                except subprocess.TimeoutExpired:
                    process.kill()
        said = (folder / "errors").read_text(encoding="utf-8", errors="replace")
        if not has_ended or process.returncode == 0:
            return Outcome()
        return outcome_of(said, process.returncode)


def program_of(block: Block, target: Target, beside: Path) -> Program | None:
    """The program that a block is, if it is one that connects.

    Args:
        block: Of a document.
        target: The hub that it is to connect to.
        beside: The folder of the document, absolute.
    """
    source = textwrap.dedent(block.text)
    if block.language in _PYTHON and _PYTHON_CONNECTS.search(source) and "import " in source:
        command, file = [sys.executable, "-u"], "snippet.py"
    elif block.language in JAVASCRIPT and CONNECTS.search(source):
        command, file = ["node"], "snippet.mjs"
    elif block.language in GO and "package main" in source:
        command, file = ["go"], "snippet.go"
    else:
        return None
    environment = {"PYTHONDONTWRITEBYTECODE": "1"}
    for match in _VARIABLE.finditer(source):
        environment[match["name"]] = _value(match["name"], match["scheme"], target)
    schemes = {"http": "http", "https": "http", "ws": "ws", "wss": "ws"}
    source = _OUR_URL.sub(
        lambda match: f"{schemes[match['scheme']]}://{target.hub_url.netloc}{target.prefix}", source
    )
    arguments = (target.http_base, _credential(target)) if _ARGUMENTS.search(source) else ()
    return Program(command, file, source, environment, beside, arguments)


def _credential(target: Target) -> str:
    """The credential that a program is given."""
    return target.token or target.api_key or ""


def _value(name: str, scheme: str | None, target: Target) -> str:
    """What a reader would put into a variable, by its name and by the comment beside it."""
    if re.search(r"TOKEN|SECRET|KEY|PASSWORD", name):
        return _credential(target)
    if re.search(r"HOST|URL|URI|ENDPOINT|BASE|HUB", name):
        plain = {"https": "http", "wss": "ws"}.get(scheme or "", scheme or "")
        return f"{plain}://{target.hub_url.netloc}{target.prefix}" if plain else target.hub_url.netloc
    return ""
