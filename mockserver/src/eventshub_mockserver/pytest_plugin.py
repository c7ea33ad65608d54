"""The pytest plugin: a hub for each test. Every run loads it, so it imports the hub only for the fixture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from .config import HubConfig
    from .testing.hub import HubForTests


@pytest.fixture(scope="session")
def events_hub_config() -> HubConfig | None:
    """How the hub of ``events_hub`` is to be run; override it to choose. It always has a journal."""
    return None


@pytest.fixture(scope="session")
def _events_hub_of_session(events_hub_config: HubConfig | None) -> Generator[HubForTests]:
    from .testing.hub import serve_for_tests

    with serve_for_tests(events_hub_config) as hub:
        yield hub


@pytest.fixture
def events_hub(_events_hub_of_session: HubForTests) -> Generator[HubForTests]:
    """A running Events Hub on a free port of loopback: nobody is connected, its journal is empty.

    The server is one for the whole session (one for each worker of xdist)
    and keeps its address and token; before and after a test it is reset.
    """
    _events_hub_of_session.reset()
    yield _events_hub_of_session
    _events_hub_of_session.reset()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the conversation to the report of a test that failed."""
    report = yield
    funcargs: dict[str, Any] = getattr(item, "funcargs", {})
    hub: HubForTests | None = funcargs.get("events_hub")
    if report.when == "call" and report.failed and hub is not None:
        report.sections.append(("Events Hub journal", hub.journal.timeline()))
    return report
