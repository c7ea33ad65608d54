"""The options on reports, for the commands that have a parser of their own."""

from __future__ import annotations

import argparse

from .output import BASELINE_HELP, REPORT_HELP, STRICT_HELP, UPDATE_HELP, Output, output_from


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Declare how to report, to a parser."""
    parser.add_argument("--report", metavar="KIND[=FILE]", action="append", help=REPORT_HELP)
    parser.add_argument("--json", action="store_true", help="the same as --report json")
    parser.add_argument("--baseline", metavar="FILE", help=BASELINE_HELP)
    parser.add_argument("--baseline-update", action="store_true", help=UPDATE_HELP)
    parser.add_argument("--strict", action="store_true", help=STRICT_HELP)


def output_in(namespace: argparse.Namespace) -> Output:
    """Check the options on reports.

    Raises:
        UsageError: They name what cannot be.
    """
    return output_from(
        namespace.report or (),
        namespace.baseline,
        update=namespace.baseline_update,
        as_json=namespace.json,
        strict=namespace.strict,
    )
