"""Reports, all drawn from one model of results."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import UsageError
from ..results import Results
from .github import as_github
from .json_document import as_json
from .junit import as_junit
from .markdown import as_markdown
from .page import as_html
from .sarif import as_sarif
from .text import as_text

FORMATS: Final[Mapping[str, Callable[[Results], str]]] = {
    "text": as_text,
    "json": as_json,
    "junit": as_junit,
    "html": as_html,
    "markdown": as_markdown,
    "sarif": as_sarif,
    "github": as_github,
}
"""How a report can be written."""


@dataclass(frozen=True, slots=True)
class Order:
    """A report that was asked for."""

    kind: str
    file: Path | None
    """None: on the standard output."""


def orders(asked: Sequence[str]) -> tuple[Order, ...]:
    """Understand ``--report KIND[=FILE]``; the table comes out too, unless another takes its place.

    Raises:
        UsageError: There is no such kind, or no such folder.
    """
    found: list[Order] = []
    for each in asked:
        kind, _, name = each.partition("=")
        if kind not in FORMATS:
            raise UsageError(f"--report {kind}: there is no such report; there are {', '.join(FORMATS)}")
        file = Path(name) if name else None
        if file is not None and (not file.parent.is_dir() or file.is_dir()):
            raise UsageError(f"--report {each}: {file} cannot be written")
        found.append(Order(kind, file))
    printed = [order for order in found if order.file is None]
    if len(printed) > 1:
        raise UsageError("--report: only one goes to the standard output: give the others a =FILE")
    return tuple(found if printed else [Order("text", None), *found])


def printed(results: Results, asked: Sequence[Order]) -> str:
    """What goes to the standard output."""
    return "\n".join(FORMATS[order.kind](results) for order in asked if order.file is None)


def write_files(results: Results, asked: Sequence[Order]) -> None:
    """Write every report that goes into a file; ``github`` writes the job's summary too, in a job.

    Raises:
        UsageError: A file cannot be written.
    """
    for order in asked:
        if order.file is not None:
            _write(order.file, FORMATS[order.kind](results), "w")
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary and any(order.kind == "github" for order in asked):
        _write(Path(summary), as_markdown(results), "a")


def show(text: str) -> None:
    """Print, whatever the terminal can show."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.rstrip("\n").encode(encoding, "backslashreplace").decode(encoding))


def _write(file: Path, text: str, mode: str) -> None:
    try:
        with file.open(mode, encoding="utf-8", errors="backslashreplace") as out:
            out.write(text if text.endswith("\n") else f"{text}\n")
    except OSError as error:
        raise UsageError(f"--report: cannot write {file}: {error.strerror or error}") from error
