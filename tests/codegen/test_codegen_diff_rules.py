"""Every rule about changes, on two small documents of its own: what is found, where, whom it breaks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from eventshub_codegen.cli import main
from eventshub_codegen.rules.registry import RULES
from eventshub_codegen.rules.rule import Flow

CASES = Path(__file__).parent / "diff_cases"
README = Path(__file__).parents[2] / "codegen/README.md"


def found_in(case: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Each change as a line: where it is, where it was, what it is, whom it concerns, in what."""
    monkeypatch.chdir(case)
    with pytest.raises(SystemExit):
        main(["diff", "before", "after", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    lines = [line_of(change) for document in report["documents"] for change in document["changes"]]
    return "".join(f"{line}\n" for line in [*lines, f"verdict: {report['verdict']}"])


def line_of(change: dict[str, Any]) -> str:
    new, old = (
        f"{change[side]['file']}:{change[side]['line']}:{change[side]['column']}" for side in ("new", "old")
    )
    kind = f"breaks {change['audience']}" if change["breaking"] else f"concerns {change['audience']}"
    return f"{new} {old} [{change['rule']}] {kind}: {', '.join(change['subjects'])}: {change['message']}"


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_finds_its_change(
    rule: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = found_in(CASES / rule, capsys, monkeypatch)
    assert f"[{rule}]" in found
    assert found == (CASES / rule / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_case_has_nothing_to_say_about_a_document_that_did_not_change(
    rule: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CASES / rule)
    for side in ("before", "after"):
        with pytest.raises(SystemExit) as exited:
            main(["diff", side, side, "--fail-on", "any", "--require-version-bump"])
        assert exited.value.code == 0
        assert capsys.readouterr().out.endswith("verdict: none\n")


def test_every_case_is_a_rule() -> None:
    assert sorted(path.name for path in CASES.iterdir()) == sorted(RULES)


def test_the_readme_lists_every_rule_as_it_is() -> None:
    rows = re.findall(
        r"^\| `[a-z-]+` \| [^|]* \| [^|]* \| [^|]* \|$", README.read_text(encoding="utf-8"), re.M
    )
    assert rows == [
        f"| `{rule.id}` | {rule.what} | {breaks(rule.breaks)} | {rule.why} |" for rule in RULES.values()
    ]


def breaks(flows: frozenset[Flow]) -> str:
    words = {Flow.TO_CLIENT: "to client", Flow.TO_HUB: "to hub"}
    return ", ".join(word for flow, word in words.items() if flow in flows) or "-"
