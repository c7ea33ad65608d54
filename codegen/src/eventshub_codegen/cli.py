"""The command line: ``eventshub-codegen generate | check | lint``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from .config import Config
    from .emit import Difference
    from .frontends.documents import Inputs
    from .pipeline import Run

_FAILED = 1
_USAGE = 2


class OutputFormat(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"


ConfigOption = Annotated[
    Path, typer.Option("--config", metavar="FILE", help="Names the documents, the targets and their folders.")
]
FormatOption = Annotated[OutputFormat, typer.Option("--format", help="How to print findings.")]
DEFAULT_CONFIG = Path("eventshub-codegen.toml")

app = typer.Typer(
    name="eventshub-codegen",
    help="Generates typed clients, hubs and test material from AsyncAPI and OpenAPI documents.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command()
def generate(config: ConfigOption = DEFAULT_CONFIG, output: FormatOption = OutputFormat.TEXT) -> None:
    """Check the documents, then write every target.

    Nothing is written if the documents have errors. An output folder belongs
    to the generator: files that it no longer generates are removed.

    \b
    Examples:
      eventshub-codegen generate
      eventshub-codegen generate --config path/to/eventshub-codegen.toml
    """
    from .emit import foreign_files, write_tree
    from .findings import Finding

    loaded = _load(config)
    run = _build(loaded)
    folders = [target.out for target in loaded.targets]
    if not run.findings.has_errors:
        for path in foreign_files(run.files, folders):
            message = "this file is in a folder of generated files, but was not generated"
            run.findings.add(Finding(_display(path), 1, 1, "foreign-file", message, "Move or delete it."))
    _print_findings(run, output)
    if run.findings.has_errors:
        raise typer.Exit(_FAILED)
    changes = write_tree(run.files, folders)
    _say(
        f"{len(run.files)} files generated, {len(changes)} of them changed"
        if changes
        else "nothing has changed"
    )


@app.command()
def check(config: ConfigOption = DEFAULT_CONFIG, output: FormatOption = OutputFormat.TEXT) -> None:
    """Compare what would be generated with what is there; write nothing.

    Fails if any file is missing, stray or different, and prints the
    difference.

    \b
    Examples:
      eventshub-codegen check
      eventshub-codegen check --format json
    """
    from .emit import compare_tree
    from .findings import Finding

    loaded = _load(config)
    run = _build(loaded)
    differences: list[Difference] = []
    if not run.findings.has_errors:
        differences = compare_tree(run.files, [target.out for target in loaded.targets])
    for difference in differences:
        message = {
            "missing": "this file is generated, but is not there",
            "stray": "this file is not generated, but is there",
            "differing": "this file is not as it is generated",
        }[difference.kind]
        hint = "Run `eventshub-codegen generate`."
        line = difference.first_line
        run.findings.add(
            Finding(_display(difference.path), line, 1, f"generated-{difference.kind}", message, hint)
        )
    if output is OutputFormat.TEXT:
        for difference in differences:
            sys.stdout.write(_unified(difference))
    _print_findings(run, output)
    if run.findings.has_errors:
        raise typer.Exit(_FAILED)
    _say(f"{len(run.files)} files are as generated")


@app.command()
def lint(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILES]", help="AsyncAPI and OpenAPI documents; those of the configuration if none."
        ),
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    output: FormatOption = OutputFormat.TEXT,
) -> None:
    """Check documents the way `generate` does before it generates.

    \b
    Examples:
      eventshub-codegen lint
      eventshub-codegen lint asyncapi.yaml openapi.yaml
      eventshub-codegen lint --format json asyncapi.yaml
    """
    from .pipeline import Run, lint as lint_inputs

    inputs = _inputs_of(files) if files else [_load(config).inputs]
    run = Run()
    for entry in inputs:
        for finding in lint_inputs(entry, Path.cwd()).findings.sorted():
            run.findings.add(finding)
    _print_findings(run, output)
    if run.findings.has_errors:
        raise typer.Exit(_FAILED)
    _say("no errors")


def main() -> None:
    """Run the command line; every failure is one line and an exit code."""
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the last resort, so that nobody is shown a traceback
        _say(f"eventshub-codegen has a defect: {type(error).__name__}: {error}")
        sys.exit(_FAILED)


def _load(path: Path) -> Config:
    from .config import ConfigError, read_config

    try:
        return read_config(path)
    except ConfigError as error:
        _say(str(error))
        raise typer.Exit(_USAGE) from None


def _build(config: Config) -> Run:
    from .emit import FormatError
    from .pipeline import build

    try:
        return build(config, Path.cwd())
    except FormatError as error:
        _say(str(error))
        raise typer.Exit(_FAILED) from None


def _inputs_of(files: list[Path]) -> list[Inputs]:
    """What to read for the files named: each document by itself, of the kind that its text says."""
    from .frontends.documents import Inputs

    found: list[Inputs] = []
    for path in files:
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            _say(f"{path}: cannot be read: {error.strerror}")
            raise typer.Exit(_USAGE) from None
        is_openapi = any(line.lstrip(' {"').startswith(("openapi", "swagger")) for line in text.splitlines())
        found.append(Inputs(openapi=path) if is_openapi else Inputs(asyncapi=path))
    return found


def _print_findings(run: Run, output: OutputFormat) -> None:
    from .findings import as_json, as_text

    found = run.findings.sorted()
    text = as_json(found) if output is OutputFormat.JSON else as_text(found, colour=sys.stdout.isatty())
    sys.stdout.write(text)


def _unified(difference: Difference) -> str:
    from difflib import unified_diff

    name = _display(difference.path)
    old = "/dev/null" if difference.kind == "missing" else f"{name} (is)"
    new = "/dev/null" if difference.kind == "stray" else f"{name} (generated)"
    before, after = difference.old.splitlines(keepends=True), difference.new.splitlines(keepends=True)
    lines = unified_diff(before, after, old, new)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _display(path: Path) -> str:
    resolved = path.resolve()
    return str(resolved.relative_to(Path.cwd())) if resolved.is_relative_to(Path.cwd()) else str(path)


def _say(text: str) -> None:
    typer.echo(text, err=True)
