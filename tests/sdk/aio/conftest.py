"""Where a test runs: on each transport and, when it is marked ``both_twins``, on the twin for threads too."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator

import pytest
from tests.sdk import scripted_hub

from eventshub import AsyncEventsHub

WITHOUT_STREAM = {"test_aio_rest"}
TRANSPORTS = ("websockets", "picows")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    streams = metafunc.definition.path.stem not in WITHOUT_STREAM
    transports = TRANSPORTS if streams and inspect.iscoroutinefunction(metafunc.function) else ("auto",)
    if metafunc.definition.get_closest_marker("both_twins"):
        # The twins share everything below them: each transport once is enough.
        places = [*(("asyncio", name) for name in transports), ("threads", "auto")]
        metafunc.fixturenames.extend(("twin", "transport"))
        metafunc.parametrize(("twin", "transport"), places, indirect=True)
    elif len(transports) > 1:
        metafunc.fixturenames.append("transport")
        metafunc.parametrize("transport", transports, indirect=True)


@pytest.fixture
def twin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(scripted_hub, "twin", request.param)
    yield request.param
    assert not [thread for thread in threading.enumerate() if thread.name == "eventshub"]


@pytest.fixture
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The library that the asyncio client uses when the test does not say."""
    defaults = AsyncEventsHub.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "transport", request.param)
    library: str = request.param
    return library
