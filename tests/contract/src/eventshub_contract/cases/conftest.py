"""What cases ask for by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eventshub_contract.ending import Shutdown
from eventshub_contract.expiry import Expiry
from eventshub_contract.heartbeats import Observation
from eventshub_contract.hub import Hub
from eventshub_contract.listing import LISTING
from eventshub_contract.plugin import JUDGE
from eventshub_contract.recorder import Recorder
from eventshub_contract.watch import Watch


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Stay out of test runs that merely find this folder: there is no hub to judge in them."""
    del collection_path
    return None if JUDGE in config.stash or LISTING in config.stash else True


@pytest.fixture
def hub(request: pytest.FixtureRequest) -> Iterator[Hub]:
    """The hub under judgement; what a case leaves open is closed."""
    hub = request.config.stash[JUDGE].hub_for_case()
    yield hub
    hub.close()


@pytest.fixture
def recorder(request: pytest.FixtureRequest) -> Recorder:
    """All that was said in the run so far."""
    return request.config.stash[JUDGE].recorder


@pytest.fixture
def answering_peer(request: pytest.FixtureRequest) -> Watch[Observation]:
    """A peer that answers protocol pings and does nothing else."""
    return request.config.stash[JUDGE].peer_for_case("answering_peer")


@pytest.fixture
def silent_peer(request: pytest.FixtureRequest) -> Watch[Observation]:
    """A peer that reads, and answers no ping."""
    return request.config.stash[JUDGE].peer_for_case("silent_peer")


@pytest.fixture
def frozen_peer(request: pytest.FixtureRequest) -> Watch[Observation]:
    """A peer that reads nothing after the welcome."""
    return request.config.stash[JUDGE].peer_for_case("frozen_peer")


@pytest.fixture
def expiring_peer(request: pytest.FixtureRequest) -> Watch[Expiry]:
    """A peer whose token expires."""
    return request.config.stash[JUDGE].expiry_for_case()


@pytest.fixture
def shutdown(request: pytest.FixtureRequest) -> Watch[Shutdown]:
    """The end of the hub."""
    return request.config.stash[JUDGE].shutdown_for_case()
