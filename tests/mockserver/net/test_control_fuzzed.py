"""The control surface's own document, driven by Schemathesis against a hub that runs."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any, TypeAlias

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import (
    ChecksConfig,
    CoveragePhaseConfig,
    PhasesConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from tests.mockserver.settings import CONTROL, CREDENTIALS

from eventshub_mockserver import HubConfig, Limits, ThreadedHub, VirtualClock, serve_in_thread
from eventshub_mockserver.net.control.document import openapi
from eventshub_mockserver.net.control.table import ENDPOINTS

Judge: TypeAlias = "Callable[[Callable[..., None]], Callable[..., None]]"
BEFORE_HTTP = ("tls-close", "tls-garbage", "tls-alert", "tls-certificate")
"""Faults at the step connect: they would strike the calls that follow."""
LONGEST = {"wait": 30, "seconds": 3600}
ALLOWED = ["2xx", "400", "401", "403", "404", "409"]
"""Answers to data that fits the schemas, which cannot say which events the spec allows, what a JSONPath
is, or which scenarios there are."""

CHECKS = ChecksConfig(positive_data_acceptance=PositiveDataAcceptanceConfig(expected_statuses=ALLOWED))
FEW: Any = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


def document(*, every_boundary: bool) -> Any:
    """The surface's document, with each boundary of each field tried, or only examples drawn."""
    phases = PhasesConfig(coverage=CoveragePhaseConfig(enabled=every_boundary))
    projects = ProjectsConfig(default=ProjectConfig(checks=CHECKS, phases=phases))
    return schemathesis.openapi.from_dict(openapi(ENDPOINTS), config=SchemathesisConfig(projects=projects))


BY_EXAMPLES = ["add_fault", "journal_counts", "journal_har", "journal_json_lines"]
"""Thirty kinds of faults with some ten fields each have thousands of boundaries, and what is asked of the
journal has the same everywhere."""
AT_BOUNDARIES: Judge = document(every_boundary=True).exclude(operation_id=BY_EXAMPLES).parametrize()
WITH_EXAMPLES: Judge = document(every_boundary=False).include(operation_id=BY_EXAMPLES).parametrize()


@pytest.fixture(scope="module")
def controlled() -> Generator[ThreadedHub]:
    config = HubConfig(
        credentials=CREDENTIALS,
        control_token=CONTROL,
        clock=VirtualClock(),
        limits=Limits(close_timeout=0.3, drain_timeout=0.3, journal_entries=20),
    )
    with serve_in_thread(config) as hub:
        yield hub


@pytest.fixture(scope="module")
def session() -> Generator[requests.Session]:
    with requests.Session() as kept_alive:
        kept_alive.headers["Authorization"] = f"Bearer {CONTROL}"
        yield kept_alive


@AT_BOUNDARIES
@settings(max_examples=8, **FEW)
def test_nothing_is_found(case: Any, controlled: ThreadedHub, session: requests.Session) -> None:
    shorten(case.body)
    shorten(case.query)
    case.call_and_validate(base_url=controlled.url, session=session, timeout=30)
    if case.path == "/control/sources":
        controlled.reset()  # what is started would go on in the background


@WITH_EXAMPLES
@settings(max_examples=40, **FEW)
def test_nothing_is_found_by_examples(case: Any, controlled: ThreadedHub, session: requests.Session) -> None:
    with suppress(KeyError, TypeError):
        hypothesis.assume(case.body["fault"] not in BEFORE_HTTP)
    case.call_and_validate(base_url=controlled.url, session=session, timeout=30)


def shorten(values: Any) -> None:
    """Make waits short that are as long as they may be."""
    for name, longest in LONGEST.items():
        with suppress(KeyError, TypeError, ValueError):
            if 0.01 < float(values[name]) <= longest:
                values[name] = 0.01
