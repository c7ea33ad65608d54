"""Lets ``pytest --pyargs eventshub_contract`` find the judge, and leaves every other pytest run alone."""

from __future__ import annotations

import pytest

PACKAGE = "eventshub_contract"


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Load the judge when it is named on the command line; its options could clash with those of others."""
    del parser
    config = pluginmanager.getplugin("pytestconfig")
    if isinstance(config, pytest.Config) and any(
        PACKAGE in argument for argument in config.invocation_params.args
    ):
        pluginmanager.import_plugin(f"{PACKAGE}.plugin")
