"""A spec-conformant Events Hub to develop and test against.

``async with HubServer(HubConfig()) as hub`` in an event loop,
``with serve_in_thread(HubConfig()) as hub`` anywhere else, and in pytest the
fixture ``events_hub``. ``messages`` and ``models`` hold the classes of the
events that can be published.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._generated import messages, models
    from .config import HubConfig
    from .core.catalogue import InvalidEventError, UnknownEventError
    from .core.clock import Clock, ManualClock
    from .core.credentials import ADMIN, READ_ONLY, ApiKey, Token
    from .core.hub import Published, UnknownClientError
    from .core.ids import Ids
    from .core.journal import Entry, Journal, Kind
    from .core.jwt_rules import JwtRules
    from .core.limits import Limits
    from .faults.entry import FaultError
    from .faults.injector import FaultInjector
    from .faults.ledger import ActiveFault, UnknownFaultError
    from .faults.rule import FaultRule, parse_fault
    from .net.clock import SystemClock
    from .net.server import HubServer
    from .net.thread import ThreadedHub, serve_in_thread
    from .net.virtual_clock import VirtualClock
    from .sources.examples import ExamplesSource
    from .sources.fleet import FleetForNewcomers, SimulatedFleet
    from .sources.generation import CannotGenerateError, generate
    from .sources.recording import EventRecording, RecordingError
    from .sources.replay import Replay
    from .sources.scenario import Scenario, ScenarioError, load_scenario
    from .sources.source import Change, Publish, Source, StageSource
    from .sources.stage import Guest, ScenarioFailure, Stage
    from .testing.case import EventsHubTestCase
    from .testing.hub import HubForTests
    from .testing.options import HubOptions
    from .testing.session import HubSession, hub_session, serve_for_tests

__all__ = [
    "HubServer",
    "serve_in_thread",
    "ThreadedHub",
    "HubForTests",
    "serve_for_tests",
    "HubSession",
    "hub_session",
    "HubOptions",
    "EventsHubTestCase",
    "Journal",
    "Entry",
    "Kind",
    "HubConfig",
    "Limits",
    "Token",
    "ApiKey",
    "JwtRules",
    "READ_ONLY",
    "ADMIN",
    "Published",
    "InvalidEventError",
    "UnknownEventError",
    "UnknownClientError",
    "FaultRule",
    "parse_fault",
    "FaultError",
    "FaultInjector",
    "ActiveFault",
    "UnknownFaultError",
    "messages",
    "models",
    "Source",
    "Publish",
    "StageSource",
    "Stage",
    "Guest",
    "Change",
    "SimulatedFleet",
    "FleetForNewcomers",
    "Scenario",
    "ScenarioError",
    "ScenarioFailure",
    "load_scenario",
    "ExamplesSource",
    "generate",
    "CannotGenerateError",
    "EventRecording",
    "RecordingError",
    "Replay",
    "Clock",
    "SystemClock",
    "ManualClock",
    "VirtualClock",
    "Ids",
]

_HOMES = {
    "_generated.messages": ("messages",),
    "_generated.models": ("models",),
    "config": ("HubConfig",),
    "core.catalogue": (
        "InvalidEventError",
        "UnknownEventError",
    ),
    "core.clock": (
        "Clock",
        "ManualClock",
    ),
    "core.credentials": (
        "ADMIN",
        "READ_ONLY",
        "ApiKey",
        "Token",
    ),
    "core.hub": (
        "Published",
        "UnknownClientError",
    ),
    "core.ids": ("Ids",),
    "core.journal": (
        "Entry",
        "Journal",
        "Kind",
    ),
    "core.limits": ("Limits",),
    "core.jwt_rules": ("JwtRules",),
    "faults.entry": ("FaultError",),
    "faults.injector": ("FaultInjector",),
    "faults.ledger": (
        "ActiveFault",
        "UnknownFaultError",
    ),
    "faults.rule": (
        "FaultRule",
        "parse_fault",
    ),
    "net.clock": ("SystemClock",),
    "net.server": ("HubServer",),
    "net.thread": (
        "ThreadedHub",
        "serve_in_thread",
    ),
    "net.virtual_clock": ("VirtualClock",),
    "sources.fleet": (
        "FleetForNewcomers",
        "SimulatedFleet",
    ),
    "sources.examples": ("ExamplesSource",),
    "sources.generation": (
        "CannotGenerateError",
        "generate",
    ),
    "sources.recording": (
        "EventRecording",
        "RecordingError",
    ),
    "sources.replay": ("Replay",),
    "sources.scenario": (
        "Scenario",
        "ScenarioError",
        "load_scenario",
    ),
    "sources.source": (
        "Change",
        "Publish",
        "Source",
        "StageSource",
    ),
    "sources.stage": (
        "Guest",
        "ScenarioFailure",
        "Stage",
    ),
    "testing.case": ("EventsHubTestCase",),
    "testing.hub": ("HubForTests",),
    "testing.options": ("HubOptions",),
    "testing.session": (
        "HubSession",
        "hub_session",
        "serve_for_tests",
    ),
}
"""The module of each public name."""


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: pytest loads this package's plugin in every run."""
    for module, names in _HOMES.items():
        if name in names:
            home = import_module(f".{module}", __name__)
            value: object = home if module.endswith(f".{name}") else getattr(home, name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
