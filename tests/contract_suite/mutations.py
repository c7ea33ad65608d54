"""Which planted bug turns which rule red. ``python -m tests.contract_suite.mutations`` writes the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tests.contract_suite import faulty_client, faulty_hub
from tests.contract_suite.judging import ROOT

from eventshub_contract.bundle import load

PAGE: Final = ROOT / "docs" / "mutations.md"

PLANTED_IN_TESTS: Final = {
    "AUTH-7": ("FloodIsNormal", "`test_a_token_that_expires_with_another_close_code`"),
    "IP-5": ("three connections where four were said to be allowed", "`test_a_hub_with_another_limit`"),
}
"""Bugs for rules that need a hub of their own, each with the test that plants it."""

_HEAD: Final = """\
# Rules and planted bugs

Who judges the judge? For each rule there is at least one bug that is planted into a faultless hub or client,
and that turns the rule red, and no other. The tests in `tests/contract_suite` plant each of them, and hold
this table against what they plant. `python -m tests.contract_suite.mutations` writes it anew. Bugs of hubs
are classes in `http_faults.py` and `stream_faults.py`, bugs of clients are in `faulty_client.py`.

| rule | title | bugs of hubs | bugs of clients, each with the case that finds it |
|---|---|---|---|
"""


def bugs_of_hubs(rule: str) -> list[str]:
    """The names of the bugs that break a rule."""
    return [name for name, fault in sorted(faulty_hub.FAULTS.items()) if rule in fault.breaks]


def bugs_of_clients(rule: str) -> list[str]:
    """The names of the bugs that break a rule, each with the case that finds it."""
    return [
        f"{_spaced(name)} (`{case}`)" for name, (case, rules) in faulty_client.FAULTS.items() if rule in rules
    ]


def rows() -> Iterator[tuple[str, str, list[str], list[str]]]:
    """Rule, title, bugs of hubs, bugs of clients."""
    for rule in load().rules:
        hubs = [_spaced(name) for name in bugs_of_hubs(rule.id)]
        if rule.id in PLANTED_IN_TESTS:
            bug, test = PLANTED_IN_TESTS[rule.id]
            hubs.append(f"{_spaced(bug)} ({test})")
        yield rule.id, rule.title, hubs, bugs_of_clients(rule.id)


def page() -> str:
    """The table as it has to be."""
    lines = [
        f"| {rule} | {title} | {', '.join(hubs) or '-'} | {', '.join(clients) or '-'} |\n"
        for rule, title, hubs, clients in rows()
    ]
    return _HEAD + "".join(lines)


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower() if " " not in name else name


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
