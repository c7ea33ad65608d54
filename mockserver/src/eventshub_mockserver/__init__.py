"""A spec-conformant Events Hub to develop and test against.

``async with HubServer(HubConfig()) as hub`` in an event loop,
``with serve_in_thread(HubConfig()) as hub`` anywhere else. ``messages`` and
``models`` hold the classes of the events that can be published.
"""

from ._generated import messages, models
from .config import HubConfig
from .core.catalogue import InvalidEventError, UnknownEventError
from .core.clock import Clock, ManualClock, SystemClock
from .core.credentials import ADMIN, READ_ONLY, ApiKey, Token
from .core.hub import Published, UnknownClientError
from .core.ids import Ids
from .core.limits import Limits
from .net.server import HubServer
from .net.thread import ThreadedHub, serve_in_thread
from .sources.fleet import SimulatedFleet
from .sources.source import Publish, Source

__all__ = [
    "HubServer",
    "serve_in_thread",
    "ThreadedHub",
    "HubConfig",
    "Limits",
    "Token",
    "ApiKey",
    "READ_ONLY",
    "ADMIN",
    "Published",
    "InvalidEventError",
    "UnknownEventError",
    "UnknownClientError",
    "messages",
    "models",
    "Source",
    "Publish",
    "SimulatedFleet",
    "Clock",
    "SystemClock",
    "ManualClock",
    "Ids",
]
