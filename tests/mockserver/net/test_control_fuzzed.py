"""The control surface's own document, driven by Schemathesis against a hub that runs."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from tests.mockserver.fuzzing import field, findings
from tests.mockserver.settings import CONTROL, CREDENTIALS

from eventshub_mockserver import HubConfig, Limits, ThreadedHub, VirtualClock, serve_in_thread
from eventshub_mockserver.net.control.document import openapi
from eventshub_mockserver.net.control.table import ENDPOINTS

BEFORE_HTTP = ("tls-close", "tls-garbage", "tls-alert", "tls-certificate")
"""Faults at the step connect: they would strike the calls that follow."""
ALLOWED = ["2xx", "400", "401", "403", "404", "409"]
"""Answers to data that fits the schemas, which cannot say which events the spec allows, what a JSONPath
is, or which scenarios there are."""
BY_CHANCE = {"add_fault", "journal_counts", "journal_har", "journal_json_lines"}
"""Thirty kinds of faults with some ten fields each have thousands of boundaries, and what is asked of the
journal has the same everywhere."""
AT_BOUNDARIES = {endpoint.name for endpoint in ENDPOINTS} - BY_CHANCE


@pytest.fixture
def controlled() -> Generator[ThreadedHub]:
    config = HubConfig(
        credentials=CREDENTIALS,
        control_token=CONTROL,
        clock=VirtualClock(),
        limits=Limits(close_timeout=0.3, drain_timeout=0.3, journal_entries=20),
    )
    with serve_in_thread(config) as hub:
        yield hub


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("operations", "examples", "every_boundary"),
    [(AT_BOUNDARIES, 6, True), (BY_CHANCE, 30, False)],
    ids=["boundaries", "chance"],
)
def test_nothing_is_found(
    controlled: ThreadedHub, operations: set[str], examples: int, every_boundary: bool
) -> None:
    document = openapi(ENDPOINTS)
    tested, found = findings_on(controlled, document, operations, examples, every_boundary=every_boundary)
    assert found == []
    assert tested == len(operations)


def test_a_document_that_lies_is_found_out(controlled: ThreadedHub) -> None:
    document = openapi(ENDPOINTS)
    del document["paths"]["/control/fleet/tell"]["post"]["responses"]["409"]
    _, found = findings_on(controlled, document, {"tell_fleet"}, 3, every_boundary=False)
    assert "status_code_conformance" in found[0]


def findings_on(
    hub: ThreadedHub,
    document: dict[str, Any],
    operations: set[str],
    examples: int,
    *,
    every_boundary: bool,
) -> tuple[int, list[str]]:
    """How many operations were tried, and what is wrong with them."""

    def filter_case(context: Any, case: Any) -> bool:
        del context
        fault, seconds = field(case.body, "fault"), field(case.body, "seconds")
        is_long = isinstance(seconds, int | float) and 60 < seconds <= 3600 and fault is None
        return fault not in BEFORE_HTTP and field(case.body, "step") != "connect" and not is_long

    def after_call(context: Any, case: Any, response: Any) -> None:
        del context, response
        if case.path == "/control/sources":
            hub.reset()  # what is started would go on in the background

    return findings(
        *(document, hub.url, CONTROL, operations, (filter_case, after_call)),
        examples=examples,
        every_boundary=every_boundary,
        allowed=ALLOWED,
        parameters={"wait": 0.01},
    )
