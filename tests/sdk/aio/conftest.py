"""Tests marked ``both_twins`` run on the asyncio client and on its twin for threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from tests.sdk import scripted_hub


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("both_twins"):
        metafunc.fixturenames.append("twin")
        metafunc.parametrize("twin", ["asyncio", "threads"], indirect=True)


@pytest.fixture
def twin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(scripted_hub, "twin", request.param)
    yield request.param
    assert not [thread for thread in threading.enumerate() if thread.name == "eventshub"]
