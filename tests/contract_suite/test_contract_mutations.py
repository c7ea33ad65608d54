"""The table of rules and planted bugs is true, and has no hole."""

from __future__ import annotations

from tests.contract_suite.mutations import PAGE, page, rows

from eventshub_contract.bundle import load


def test_the_page_is_what_is_planted() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.contract_suite.mutations"


def test_every_rule_has_a_bug_on_every_side_that_it_binds() -> None:
    bundle = load()
    holes = [
        f"{rule} {side}"
        for rule, _, hubs, clients in rows()
        for side, bound, bugs in (("hub", bundle.hub_rules, hubs), ("client", bundle.client_rules, clients))
        if rule in bound and not bugs
    ]
    assert holes == []
