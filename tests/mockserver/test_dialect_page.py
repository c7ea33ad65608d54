"""The page about dialects: as the table is, and the table against the rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from eventshub_mockserver import HubConfig
from eventshub_mockserver.core.dialect import DIFFERENCES, GUIDE, SERVICE
from eventshub_mockserver.dialect_page import page

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_the_table_gives() -> None:
    command = [sys.executable, "-m", "eventshub_mockserver.dialect_page"]
    written = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert written == page()
    text = (ROOT / "docs" / "dialects.md").read_text(encoding="utf-8")
    assert page() == text, "write it anew: python -m eventshub_mockserver.dialect_page > docs/dialects.md"


def test_every_difference_departs_from_a_rule_that_there_is() -> None:
    rules = {rule["id"] for rule in yaml.safe_load((ROOT / "spec" / "rules.yaml").read_text())}
    assert {difference.rule for difference in DIFFERENCES} <= rules


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda d: d.attribute)
def test_the_dialects_do_differ_where_the_table_says_so(difference: object) -> None:
    attribute = getattr(difference, "attribute", "")
    assert getattr(GUIDE, attribute) != getattr(SERVICE, attribute)


def test_a_dialect_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="dialect 'klingon' does not exist: there are guide, service"):
        HubConfig(dialect="klingon")
