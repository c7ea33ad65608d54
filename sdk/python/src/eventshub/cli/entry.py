"""Where the command begins, and where every error of it ends."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import signal
import sys
import traceback

from ..exceptions import EventsHubError
from .exit_codes import CliError, ExitCode, StoppedError, exit_code
from .plain_text import visible

NEEDED = ("typer", "rich", "simpleeval")


def main() -> None:
    """Run the command; it ends with an exit code, and never with a traceback."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command and give its exit code."""
    try:
        _prepare_streams()
        code = _run_app(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except StoppedError as stop:
        code = stop.code
    except BrokenPipeError:
        code = ExitCode.DONE
    except Exception as error:  # noqa: BLE001 - no traceback reaches the user
        code = _report(error, as_json="--json" in arguments)
    _let_go_of_output()
    return code


def _run_app(arguments: list[str]) -> int:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise CliError(
            f'this command needs {", ".join(missing)}: pip install "eventshub[cli]"', ExitCode.USAGE
        )
    from .commands import app

    try:
        app(args=arguments, prog_name="eventshub")
    except SystemExit as end:
        # Typer ends with 1 when it meets a closed pipe, and for nothing else that it does here.
        return end.code if isinstance(end.code, int) and end.code != 1 else ExitCode.DONE
    return ExitCode.DONE


def _report(error: Exception, *, as_json: bool) -> int:
    match error:
        case EventsHubError():
            code, text = exit_code(error), str(error)
        case CliError():
            code, text = error.code, str(error)
        case _:
            where = traceback.extract_tb(error.__traceback__)[-1]
            code = ExitCode.FAULT
            text = f"unexpected {type(error).__name__}: {error} ({where.name}, line {where.lineno})"
    name = type(error.__cause__ if isinstance(error, CliError) and error.__cause__ else error).__name__
    line = f"Error: {visible(text)}"
    if as_json:
        told = {"type": name, "message": text, "exit_code": code, "retryable": _is_retryable(error)}
        line = json.dumps({"error": told})
    print(line, file=sys.stderr)
    return code


def _is_retryable(error: Exception) -> bool:
    return isinstance(error, EventsHubError) and error.retryable


def _prepare_streams() -> None:
    # Closed by whoever started the command (`>&-`).
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison]
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What a locale cannot write is shown by its number.
            stream.reconfigure(errors="backslashreplace")


def _let_go_of_output() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        # Else the interpreter, on its way out, would fail at it again and say so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
