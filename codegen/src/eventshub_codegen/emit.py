"""Generated text to files: format it, write it, or compare it with what is there."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from .targets.python.text import LINE_LENGTH
from .targets.target import HEADER

Tree = Mapping[Path, str]
"""Every file of some output folders: absolute path to content."""
_IGNORED = "__pycache__"


class FormatError(Exception):
    """The formatter refused generated code, which is a defect of the generator."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that is not as generation would leave it."""

    path: Path
    kind: str
    """``missing``, ``stray`` or ``differing``."""
    old: str
    new: str

    @property
    def first_line(self) -> int:
        """Number of the first line that differs."""
        old, new = self.old.splitlines(), self.new.splitlines()
        same = zip(old, new, strict=False)
        return 1 + next((n for n, (one, other) in enumerate(same) if one != other), min(len(old), len(new)))


def format_tree(tree: Tree) -> dict[Path, str]:
    """The same files with Python code formatted, by one run of the formatter this package is pinned to.

    Raises:
        FormatError: the formatter is missing or refuses.
    """
    python = [path for path in tree if path.suffix == ".py"]
    if not python:
        return dict(tree)
    with tempfile.TemporaryDirectory(prefix="eventshub-codegen-") as name:
        folder = Path(name)
        copies = {path: folder / f"file{number}.py" for number, path in enumerate(python)}
        for path, copy in copies.items():
            copy.write_text(tree[path], encoding="utf-8", newline="\n")
        _run_formatter(folder)
        formatted = {path: copy.read_text(encoding="utf-8") for path, copy in copies.items()}
    return {path: formatted.get(path, content) for path, content in tree.items()}


def compare_tree(tree: Tree, folders: list[Path]) -> list[Difference]:
    """How the files in ``folders`` differ from what they should be: missing, stray, differing."""
    found = [
        Difference(path, "stray", _read(path), "")
        for folder in folders
        for path in _files(folder)
        if path not in tree
    ]
    for path, content in tree.items():
        if not path.is_file():
            found.append(Difference(path, "missing", "", content))
        elif path.read_bytes() != content.encode():
            found.append(Difference(path, "differing", _read(path), content))
    return sorted(found, key=lambda difference: difference.path)


def foreign_files(tree: Tree, folders: list[Path]) -> list[Path]:
    """Files in the way that no generator wrote, as far as their first line tells."""
    return [
        path
        for folder in folders
        for path in _files(folder)
        if path not in tree and HEADER not in _read(path).partition("\n")[0]
    ]


def write_tree(tree: Tree, folders: list[Path]) -> list[Difference]:
    """Make the folders hold exactly these files; those that are right already stay untouched.

    Returns:
        What was changed.
    """
    changes = compare_tree(tree, folders)
    for change in changes:
        if change.kind == "stray":
            change.path.unlink()
        else:
            change.path.parent.mkdir(parents=True, exist_ok=True)
            beside = change.path.with_name(f".{change.path.name}.new")
            beside.write_text(change.new, encoding="utf-8", newline="\n")
            beside.replace(change.path)
    return changes


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and _IGNORED not in path.parts]


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def _run_formatter(folder: Path) -> None:
    try:
        executable: str = import_module("ruff").find_ruff_bin()
    except (ImportError, FileNotFoundError) as error:
        message = "ruff is not installed beside eventshub-codegen; install eventshub-codegen again"
        raise FormatError(message) from error
    options = [
        "--isolated",
        "--no-cache",
        "--quiet",
        f"--line-length={LINE_LENGTH}",
        "--target-version=py311",
    ]
    command = [executable, "format", *options, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no input from outside
    if done.returncode != 0:
        raise FormatError(f"the formatter refused generated code: {done.stderr.strip()}")
