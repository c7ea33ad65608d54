"""A hub's core with sources that run on it, as a hub that listens would run them."""

from __future__ import annotations

from typing import Any

from tests.mockserver.core_harness import CoreHub

from eventshub_mockserver.core.credentials import Authenticator, Token
from eventshub_mockserver.faults.injector import FaultInjector
from eventshub_mockserver.sources.runner import RunningSource, SourceRunner
from eventshub_mockserver.sources.source import Source, StageSource
from eventshub_mockserver.sources.stage import Stage

TOKENS = (Token("alice", "s3cret"),)


class StagedHub(CoreHub):
    """A core with a stage; "soon" comes with the next advance of the clock, even one by nothing."""

    def __init__(self, *, has_journal: bool = True, **options: Any) -> None:
        super().__init__(**options, has_journal=has_journal)
        faults = FaultInjector(self.hub)
        self.stage = Stage(self.hub, faults, Authenticator(TOKENS), TOKENS)
        self.sources = SourceRunner(self.hub, self.stage, lambda action: self.clock.call_later(0.0, action))

    def run(self, source: Source | StageSource, seconds: float = 0.0) -> RunningSource:
        """Start a source and let it run for some time."""
        running = self.sources.start(source)
        self.clock.advance(seconds)
        return running

    @property
    def reasons(self) -> list[str]:
        """What has been reported as failed."""
        return [failure.reason for failure in self.stage.failures]
