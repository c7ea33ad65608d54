"""The options of ``eventshub-contract client``."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import UsageError
from ..output import Output
from ..output_options import add_output_options, output_in
from .pace import FAST, REAL, Pace

ADAPTERS: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "eventshub-async": ("eventshub", "eventshub_python.py", ("async",)),
    "eventshub-sync": ("eventshub", "eventshub_python.py", ("sync",)),
    "websockets-plain": ("websockets", "websockets_plain.py", ()),
}
"""Clients that come with a script: the package it needs, the script, and its arguments after the token."""

_SCRIPTS: Final = Path(__file__).parent.parent / "adapters"


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Which client to judge, how much of it, and how."""

    words: tuple[str, ...]
    """The command, with ``{url}`` and ``{token}`` still in it."""
    is_fast: bool = False
    patience: float = 10.0
    seed: int = 1
    jobs: int = 8
    rules: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    bundle: Path | None = None
    output: Output = Output()  # noqa: RUF009 - frozen
    shown: str = ""
    """The client as it was named."""
    confirm: bool = True
    """Whether a case that fails is run again, with little beside it: if that holds, it is unsteady."""
    replay: str = "eventshub-contract client"
    """The command that repeats this run, up to its selection."""

    @property
    def pace(self) -> Pace:
        """How fast the client is expected to act."""
        return FAST if self.is_fast else REAL


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options to a parser."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--exec",
        dest="command",
        metavar="COMMAND",
        help="the client: a command, run without a shell, in which {url} and {token} are replaced;"
        " it prints each event as one JSON line (environment: EVENTSHUB_JUDGE_EXEC)",
    )
    which.add_argument(
        "--adapter", choices=ADAPTERS, help="the client: one for which an adapter comes with the judge"
    )
    parser.add_argument(
        "--fast",
        action="store_true",
        help="have the client use the short times of EVENTSHUB_JUDGE_FAST=1, and judge it by them",
    )
    parser.add_argument(
        "--patience",
        metavar="SECONDS",
        default="10",
        help="how long to wait for what has to come at once (default 10)",
    )
    parser.add_argument(
        "--seed",
        metavar="N",
        type=int,
        default=1,
        help="other generated frames (default 1)",
    )
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=int,
        default=8,
        help="how many cases to run at once (default 8)",
    )
    parser.add_argument("--rule", metavar="ID", action="append", help="judge this rule alone; repeat it")
    parser.add_argument("--case", metavar="NAME", action="append", help="run this case alone; repeat it")
    parser.add_argument(
        "--bundle", metavar="FILE", help="judge by this contract bundle instead of the packaged one"
    )
    add_output_options(parser)


def client_settings(
    namespace: argparse.Namespace, environment: Mapping[str, str] = os.environ
) -> ClientSettings:
    """Check the options that a parser found.

    Raises:
        UsageError: Something needed is missing, or something given is malformed.
    """
    command: str | None = namespace.command or (
        None if namespace.adapter else environment.get("EVENTSHUB_JUDGE_EXEC")
    )
    if namespace.adapter:
        words = _adapter(namespace.adapter)
        selected = ["--adapter", namespace.adapter]
    elif command:
        words = _words(command)
        selected = ["--exec", command]
    else:
        raise UsageError(
            "no client: give its command with --exec 'COMMAND {url} {token}', or --adapter "
            + " or ".join(ADAPTERS)
        )
    if namespace.jobs < 1:
        raise UsageError("--jobs must be at least 1")
    replay = ["eventshub-contract", "client", *selected]
    replay += ["--fast"] if namespace.fast else []
    replay += ["--seed", str(namespace.seed)] if namespace.seed != 1 else []
    replay += ["--patience", namespace.patience] if namespace.patience != "10" else []
    replay += ["--bundle", namespace.bundle] if namespace.bundle else []
    replay += ["--baseline", namespace.baseline] if namespace.baseline else []
    replay += ["--strict"] if namespace.strict else []
    return ClientSettings(
        words=words,
        is_fast=namespace.fast,
        patience=_seconds(namespace.patience),
        seed=namespace.seed,
        jobs=namespace.jobs,
        rules=tuple(namespace.rule or ()),
        cases=tuple(namespace.case or ()),
        bundle=Path(namespace.bundle) if namespace.bundle else None,
        output=output_in(namespace),
        shown=" ".join(selected),
        replay=shlex.join(replay),
    )


def _adapter(name: str) -> tuple[str, ...]:
    package, script, arguments = ADAPTERS[name]
    if importlib.util.find_spec(package) is None:
        raise UsageError(f"--adapter {name}: the package {package} is not installed beside the judge")
    return (sys.executable, str(_SCRIPTS / script), "{url}", "{token}", *arguments)


def _words(command: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"--exec does not parse: {error}") from error
    missing = [part for part in ("{url}", "{token}") if not any(part in word for word in words)]
    if missing:
        raise UsageError(f"--exec must hold {' and '.join(missing)}, for the judge to fill in")
    return words


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 600:
        raise UsageError("--patience must be seconds, more than 0 and at most 600")
    return seconds
