"""What is tested on a socket is tested on each transport."""

from __future__ import annotations

import inspect

import pytest

from eventshub import AsyncEventsHub

WITHOUT_STREAM = {"test_aio_rest"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    module = metafunc.definition.path.stem
    if inspect.iscoroutinefunction(metafunc.function) and module not in WITHOUT_STREAM:
        metafunc.parametrize("transport", ["websockets", "picows"], indirect=True)


@pytest.fixture(autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """The library that a client uses when the test does not say."""
    library: str | None = getattr(request, "param", None)
    if library is not None:
        defaults = AsyncEventsHub.__init__.__kwdefaults__
        assert defaults is not None
        monkeypatch.setitem(defaults, "transport", library)
    return library
