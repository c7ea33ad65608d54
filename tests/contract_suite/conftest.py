"""Hubs to be judged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.contract_suite.identities import EXPIRING_TOKEN
from tests.contract_suite.judging import (
    CREDENTIALS,
    Judgement,
    RunningHub,
    environment,
    run_judge,
    running_hub,
)
from tests.judge_our_hub import judged_hub, options


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """Our hub, faultless as far as we know."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    """Everything judged, the hub's end included, on a hub set up for that."""
    identities = {**CREDENTIALS, "EVENTS_HUB_EXPIRING_TOKEN": EXPIRING_TOKEN}
    with judged_hub(environment(identities), tmp_path_factory.mktemp("whole")) as (url, pid):
        return run_judge("hub", "--url", url, "--json", *options(url, pid), env=identities)
