"""Scenarios: scripts of what happens on a hub, and of what its clients are expected to do."""

from .document import Problem, ScenarioError, plain_value
from .loading import library, load_scenario, read_scenario
from .scenario import Scenario

__all__ = ["Problem", "Scenario", "ScenarioError", "library", "load_scenario", "plain_value", "read_scenario"]
