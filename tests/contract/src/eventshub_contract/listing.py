"""Which cases there are, and which rules each judges, without a target."""

from __future__ import annotations

from typing import Final

import pytest

from .client import cases as client_cases
from .client.registry import CASES as CLIENT_CASES
from .errors import ContractError
from .own_pytest import run_cases

LISTING: Final = pytest.StashKey[bool]()
"""Set where cases are listed and not run."""


class _Listing:
    """Takes every case that pytest finds."""

    def __init__(self) -> None:
        self.rules: dict[str, tuple[str, ...]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[LISTING] = True
        config.addinivalue_line("markers", "rule(*ids): the rules of the protocol that a case judges")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.rules = {
            item.name: tuple(rule for mark in item.iter_markers("rule") for rule in mark.args)
            for item in items
        }


def hub_cases() -> dict[str, tuple[str, ...]]:
    """The rules that each case for hubs judges.

    Raises:
        ContractError: The cases cannot be read.
    """
    listing = _Listing()
    status = run_cases("--collect-only", plugins=[listing])
    if status != pytest.ExitCode.OK:
        raise ContractError(f"the cases for hubs cannot be read: pytest ended with {status}")
    return listing.rules


def rules_of_client_cases() -> dict[str, tuple[str, ...]]:
    """The rules that each case for clients judges."""
    client_cases.load()
    return {case.name: case.rules for case in CLIENT_CASES.values()}
