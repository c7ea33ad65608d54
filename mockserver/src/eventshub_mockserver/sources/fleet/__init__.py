"""A simulated fleet of hosts and virtual machines."""

from .fleet import SimulatedFleet
from .newcomers import FleetForNewcomers, tell_inventory

__all__ = ["FleetForNewcomers", "SimulatedFleet", "tell_inventory"]
