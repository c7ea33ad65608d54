"""A hub for tests written with ``unittest``."""

from __future__ import annotations

import unittest
from typing import ClassVar

from ..config import HubConfig
from .hub import HubForTests
from .options import HubOptions
from .session import HubSession, hub_session


class EventsHubTestCase(unittest.TestCase):
    """A test case with a hub of its own for each test, in ``events_hub``.

    It can be combined with ``unittest.IsolatedAsyncioTestCase``, before which
    it has to be named. A test that passed is judged as ``HubForTests.verify``
    says.
    """

    events_hub_config: ClassVar[HubConfig | None] = None
    """How the hubs are to be run."""
    events_hub_options: ClassVar[HubOptions] = HubOptions()
    """What is different from that; what the marker takes in pytest."""
    events_hub: HubForTests
    _session: ClassVar[HubSession]

    @classmethod
    def setUpClass(cls) -> None:
        """Hold an address for the hubs."""
        super().setUpClass()
        cls._session = cls.enterClassContext(hub_session(cls.events_hub_config))

    def setUp(self) -> None:
        """Start the hub."""
        super().setUp()
        self.events_hub = self.enterContext(self._session.hub(self.events_hub_options))
        self.addCleanup(lambda: self.events_hub.verify(strict=self.events_hub_options.strict))
