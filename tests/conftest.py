"""Rules for the whole test run."""

from __future__ import annotations

import pytest

_silent_skips: list[str] = []


def _note_silent_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else None
    if reason is not None and reason.removeprefix("Skipped").strip(": ") in {"", "unconditional skip"}:
        _silent_skips.append(report.nodeid)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _note_silent_skip(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    _note_silent_skip(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _silent_skips:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for nodeid in _silent_skips:
        terminalreporter.write_line(f"FAILED {nodeid}: skipped without a stated reason", red=True)
