"""Fixtures for the generator's tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.codegen.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty folder for a specification."""
    return Project(tmp_path)
