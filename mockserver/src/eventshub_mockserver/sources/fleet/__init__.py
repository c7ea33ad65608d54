"""A simulated fleet: hosts, the VMs on them, and the events that they cause."""

from .fleet import SimulatedFleet

__all__ = ["SimulatedFleet"]
