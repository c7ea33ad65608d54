"""The report as SARIF 2.1.0, which code scanning shows beside the lines."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..results import Results
from ..verdicts import RED, CaseResult, RuleResult, Verdict
from ..volatile import generalised

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(results: Results) -> str:
    """One result a finding; what a baseline accepts is suppressed, with its reason."""
    found = [
        _result(results, index, result, case)
        for index, result in enumerate(results.rules)
        for case in result.cases
        if case.verdict in RED or case.verdict is Verdict.ACCEPTED
    ]
    found += [
        {"ruleId": "baseline", "level": "error", "message": {"text": problem}} for problem in results.problems
    ]
    return json.dumps(
        {
            "$schema": _SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": "eventshub-contract",
                            "version": __version__,
                            "rules": [_rule(result) for result in results.rules],
                        }
                    },
                    "columnKind": "unicodeCodePoints",
                    "results": found,
                }
            ],
        },
        indent=2,
    )


def _rule(result: RuleResult) -> dict[str, Any]:
    return {
        "id": result.rule.id,
        "shortDescription": {"text": result.rule.title},
        "fullDescription": {"text": result.rule.statement},
        "properties": {"level": result.rule.level, "guide": list(result.rule.guide)},
    }


def _result(results: Results, index: int, result: RuleResult, case: CaseResult) -> dict[str, Any]:
    is_mild = result.graded(case) is Verdict.LENIENT
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": f"{result.rule.id}/{case.case}", "kind": "function"}]
    }
    if case.place:
        location = {
            "physicalLocation": {
                "artifactLocation": {"uri": quote(case.place.file)},
                "region": {"startLine": case.place.line},
            }
        }
    said = f"{case.found}\nThe rule: {case.says or result.rule.statement}\n{results.replay_of(case)}"
    return {
        "ruleId": result.rule.id,
        "ruleIndex": index,
        "level": "warning" if is_mild else "error",
        "message": {"text": said},
        "locations": [location],
        "partialFingerprints": {"case/v1": _fingerprint(result, case)},
        **({"suppressions": [{"kind": "external", "justification": case.accepted}]} if case.accepted else {}),
    }


def _fingerprint(result: RuleResult, case: CaseResult) -> str:
    """The same for the same finding of another run, wherever in a document it has moved."""
    found = hashlib.sha256(generalised(case.message).encode()).hexdigest()[:16]
    return f"{result.rule.id}/{case.key}/{found}"
