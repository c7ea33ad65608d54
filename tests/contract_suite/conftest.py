"""Hubs to be judged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.contract_suite.judging import Judgement, RunningHub, judge, running_hub


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """Our hub, faultless as far as we know."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    """Everything judged, the hub's end included."""
    with running_hub(tmp_path_factory.mktemp("whole")) as running:
        return judge(running, "--stop-command", running.stop_command)
