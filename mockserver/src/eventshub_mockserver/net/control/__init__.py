"""The control surface: how tests and operators work a hub over HTTP, apart from what the hub is for."""

from typing import Final

PREFIX: Final = "/control"
"""Under it are all of the surface's paths, and nothing else."""
