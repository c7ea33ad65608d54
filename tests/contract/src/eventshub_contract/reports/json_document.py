"""The report for a machine."""

from __future__ import annotations

import json

from ..results import Results
from ..verdicts import CaseResult

_TARGET_KEYS = {"hub": "hub_url", "client": "client", "documents": "documents"}


def as_json(results: Results) -> str:
    """All that was found."""
    return json.dumps(
        {
            _TARGET_KEYS[results.subject]: results.target,
            "judged_by": {"title": results.bundle.title, "version": results.bundle.version},
            "finished": results.finished.isoformat(timespec="seconds"),
            "seconds": round(results.seconds, 3),
            "exit_code": int(results.exit_code),
            "summary": {verdict.value: count for verdict, count in results.counts.items()},
            "notes": list(results.notes),
            "baseline": list(results.problems),
            "rules": [
                {
                    "id": result.rule.id,
                    "title": result.rule.title,
                    "level": result.rule.level,
                    "guide": list(result.rule.guide),
                    "statement": result.rule.statement,
                    "verdict": result.verdict.value,
                    "reason": "" if result.cases else result.reason,
                    "cases": [_case(results, case) for case in result.cases],
                }
                for result in results.rules
            ],
            "coverage": [covered._asdict() for covered in results.traffic.everything()],
        },
        indent=2,
    )


def _case(results: Results, case: CaseResult) -> dict[str, object]:
    return {
        "case": case.case,
        "verdict": case.verdict.value,
        "message": case.message,
        **({"example": case.example} if case.example else {}),
        **({"file": case.place.file, "line": case.place.line} if case.place else {}),
        **({"says": case.says} if case.says else {}),
        **({"accepted": case.accepted} if case.accepted else {}),
        "conversation": list(case.conversation),
        "replay": results.replay_of(case),
    }
