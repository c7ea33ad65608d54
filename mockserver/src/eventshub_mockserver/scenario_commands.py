"""The commands about scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .sources.scenario import ScenarioError, library, load_scenario

HAS_PROBLEMS = 1

LIST_HELP = """\
List the scenarios that come with this package.

\b
Example:
  eventshub-mockserver scenarios
  eventshub-mockserver serve --scenario rolling-deploy
"""
CHECK_HELP = """\
Check scenarios, with all that they include, without running them.

Every problem is one line with file, line and column, on standard error.

\b
Example:
  eventshub-mockserver scenario check storm.yaml night.yaml

\b
Exit codes:
  0  they can be used
  1  something is wrong with them
  2  wrong usage
"""

scenario = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Work on scenarios.")


def scenarios() -> None:
    """Print name and title of each scenario of the library."""
    names = library()
    width = max(map(len, names))
    for name in names:
        typer.echo(f"{name:<{width}}  {load_scenario(name).title}")


@scenario.callback()
def commands() -> None:
    """Work on scenarios."""


@scenario.command(help=CHECK_HELP)
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files ending in .yaml.")],
) -> None:
    """Load scenarios and say what is wrong with them."""
    is_wrong = False
    for file in files:
        try:
            load_scenario(file)
        except ScenarioError as error:
            typer.echo(str(error), err=True)
            is_wrong = True
    if is_wrong:
        raise typer.Exit(HAS_PROBLEMS)
    typer.echo(f"{len(files)} checked: nothing is wrong")
