"""The pytest plugin: a hub for each test. Every run loads it, so it imports the hub only for the fixture."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from .config import HubConfig
    from .testing.hub import HubForTests
    from .testing.session import HubSession

_MARKER: Final = "events_hub"
_HUBS: Final = pytest.StashKey["tuple[HubForTests, bool]"]()
"""A test's hub, and whether it is strict."""


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(dialect, scenario, faults, seed, virtual_time, strict): what the Events Hub of this test "
        "is to be like",
    )


@pytest.fixture(scope="session")
def events_hub_config() -> HubConfig | None:
    """How the hub of ``events_hub`` is to be run; override it to choose. It always has a journal."""
    return None


@pytest.fixture(scope="session")
def _events_hub_session(events_hub_config: HubConfig | None) -> Generator[HubSession]:
    from .testing.session import hub_session

    with hub_session(events_hub_config) as session:
        yield session


@pytest.fixture
def events_hub(request: pytest.FixtureRequest, _events_hub_session: HubSession) -> Generator[HubForTests]:
    """A running Events Hub on a free port of loopback: nobody is connected, its journal is empty.

    The address and the token are the same for the whole session (each
    worker of xdist has its own); the hub behind them is a new one for each
    test, as the test's marker ``events_hub`` wants it.
    """
    from .testing.options import HubOptions

    item = cast("pytest.Item", cast("Any", request).node)  # the fixture is a function's
    with ExitStack() as stack:
        try:
            options = HubOptions.of(_choices(item))
            hub = stack.enter_context(_events_hub_session.hub(options, item.path.parent))
        except (LookupError, TypeError, ValueError, NotImplementedError) as error:
            reason = f"@pytest.mark.{_MARKER} of {item.name}: {error}"
            raise pytest.fail.Exception(reason, pytrace=False) from None
        item.stash[_HUBS] = hub, options.strict
        yield hub


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Judge the conversation of a test that has passed; what is wrong with it fails the test."""
    __tracebackhide__ = True
    yield
    if _HUBS in item.stash:
        hub, strict = item.stash[_HUBS]
        try:
            hub.verify(strict=strict)
        except AssertionError as error:
            del item.stash[_HUBS]  # the text has the conversation already
            raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the conversation to the report of a test that failed, or whose fixtures did before it."""
    report = yield
    if report.when != "teardown" and report.failed and _HUBS in item.stash:
        hub, _ = item.stash[_HUBS]
        report.sections.append(("Events Hub journal", hub.journal.timeline()))
    return report


def _choices(item: pytest.Item) -> dict[str, Any]:
    """What a test's markers say, that of a function before that of its class and module."""
    choices: dict[str, Any] = {}
    for mark in reversed(list(item.iter_markers(_MARKER))):
        if mark.args:
            raise TypeError(f"write the names: got {', '.join(map(repr, mark.args))}")
        choices.update(mark.kwargs)
    return choices
