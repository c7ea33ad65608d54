"""``eventshub-contract``: judges hubs and clients from the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from . import __version__, plugin, traceability
from .client.judge import ClientJudge
from .client.options import ClientSettings, add_options, client_settings
from .documents.judge import judge_documents
from .documents.options import DocumentSettings, document_settings
from .documents.options import add_options as add_document_options
from .errors import ExitCode, TargetError, UsageError
from .options import OPTIONS, Settings, settings_from
from .own_pytest import run_cases
from .plugin import JUDGE, Judge
from .reports import printed, show, write_files

_EPILOG: Final = """exit codes:
  0  every rule that could be judged holds
  1  a rule is broken
  2  the judge broke down, or was interrupted
  4  usage: an option is missing, malformed or names what does not exist
  5  nothing could be judged
  6  there is no hub at the URL, or the client's command does not connect and print what it gets
  7  the hub refused the credential given
"""


class _Seat:
    """Hands the judge to pytest before anything is configured, and past its command line."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[JUDGE] = self._judge


class _Progress:
    """A dot a case on the error stream, for a person who waits."""

    def pytest_runtest_logfinish(self) -> None:
        sys.stderr.write(".")
        sys.stderr.flush()

    def pytest_sessionfinish(self) -> None:
        sys.stderr.write("\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge a hub or a client.

    Returns:
        The exit code, see ``--help``.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    # Without a command: a hub's options, as releases without commands took them.
    if not given or (given[0].startswith("-") and not {"-h", "--help", "--version"} & set(given)):
        given.insert(0, "hub")
    try:
        namespace = _parser().parse_args(given)
    except SystemExit as ended:
        return ExitCode.OK if ended.code == 0 else ExitCode.USAGE
    try:
        code: int = namespace.judge(namespace)
    except UsageError as error:
        return _complain(str(error), ExitCode.USAGE)
    except TargetError as error:
        return _complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _complain("interrupted", ExitCode.INTERNAL)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "eventshub-contract",
        description="Judges hubs and clients against the numbered rules of the Events Hub protocol.",
        epilog=f"`eventshub-contract COMMAND --help` shows the options of each.\n\n{_EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(
        name: str, description: str, judge: Callable[[argparse.Namespace], int]
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name,
            help=description,
            description=description,
            epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.set_defaults(judge=judge)
        return command

    hub = add("hub", "Judges any Events Hub, over real sockets.", _judge_hub)
    for option in OPTIONS:
        option.add_to(hub.add_argument, with_short=True)
    add_options(add("client", "Judges any client, by what a hub may do to it.", _judge_client))
    add_document_options(
        add(
            "docs",
            "Judges documents about the hub: Markdown, Postman collections, OpenAPI.",
            _judge_documents,
        )
    )
    coverage = add("coverage", "Shows which cases judge what: rules, the guide, the spec.", _trace)
    coverage.add_argument(
        "--results",
        metavar="FILE",
        action="append",
        help="a report in JSON (--report json=FILE) of a run: which elements of the spec were met; repeat it",
    )
    coverage.add_argument("--bundle", metavar="FILE", help="another contract bundle than the packaged one")
    coverage.add_argument("--json", action="store_true", help="as JSON")
    return parser


def _trace(namespace: argparse.Namespace) -> int:
    bundle = Path(namespace.bundle) if namespace.bundle else None
    found = traceability.trace(bundle, [Path(name) for name in namespace.results or ()])
    show(traceability.as_json(found) if namespace.json else traceability.as_text(found))
    return traceability.exit_code(found)


def _judge_hub(namespace: argparse.Namespace) -> int:
    return run(settings_from(namespace))


def _judge_client(namespace: argparse.Namespace) -> int:
    return run_client(client_settings(namespace))


def _judge_documents(namespace: argparse.Namespace) -> int:
    return run_documents(document_settings(namespace))


def run_documents(settings: DocumentSettings) -> int:
    """Judge documents, and print the report.

    Raises:
        UsageError: The settings name what does not exist.
        TargetError: There is no hub where one was said to be.
    """
    results = judge_documents(settings)
    write_files(results, settings.output.reports)
    show(printed(results, settings.output.reports))
    return results.exit_code


def run_client(settings: ClientSettings) -> int:
    """Judge a client, and print the report.

    Raises:
        UsageError: The settings name what does not exist, or the command cannot be run.
        TargetError: The command does not connect, or does not print what it gets.
    """
    results = ClientJudge(settings).run()
    write_files(results, settings.output.reports)
    show(printed(results, settings.output.reports))
    return results.exit_code


def run(settings: Settings) -> int:
    """Judge a hub, and print the report.

    Raises:
        UsageError: The settings name what does not exist.
    """
    judge = Judge(settings)
    plugins: list[Any] = [_Seat(judge), plugin]
    if sys.stderr.isatty():
        plugins.append(_Progress())
    run_cases(
        "--assert=plain",  # every assertion of a case says in words what was found
        *("-p", "no:logging"),
        plugins=plugins,
    )
    if judge.report is not None:
        show(judge.text)
    if judge.trouble is not None:
        return _complain(settings.target.secrets.redact(str(judge.trouble)), judge.exit_code)
    if judge.interrupted:
        return _complain("interrupted", ExitCode.INTERNAL)
    return judge.exit_code


def _complain(what: str, code: ExitCode) -> int:
    print(f"eventshub-contract: {what}", file=sys.stderr)
    return code
