"""The guide of the system, where it is at hand: what is known to be wrong with it is found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.contract_suite.judging import ROOT

from eventshub_contract.documents.judge import judge_documents
from eventshub_contract.documents.options import DocumentSettings

NAMED = os.environ.get("EVENTSHUB_GUIDE")
GUIDE = Path(NAMED) if NAMED else ROOT.parent / "shared" / "guide" / "events-hub-guide.md"


@pytest.fixture(scope="module")
def findings() -> list[tuple[str, str, str]]:
    """Of the guide: the rule, what was found, and the line that it was found on."""
    if not GUIDE.exists():
        pytest.skip("the guide is no part of this repository: name the file in EVENTSHUB_GUIDE to judge it")
    lines = GUIDE.read_text().splitlines()
    results = judge_documents(DocumentSettings((GUIDE,)))
    return [
        (case.rules[0], case.message, lines[case.place.line - 1])
        for case in results.cases
        if case.verdict == "fail" and case.place is not None
    ]


@pytest.mark.parametrize(
    ("rule", "message", "line"),
    [
        ("DOC-5", "takes no argument `extra_headers`; it has additional_headers", "websockets.connect(uri,"),
        ("DOC-5", "websockets.connect takes no https:// URL", 'os.environ["DEVOPS_HOST"]'),
        ("DOC-5", "gorilla/websocket dials no https:// URL", 'os.Getenv("DEVOPS_HOST")'),
        ("DOC-1", 'ClientIdReply breaks its schema at the top: "id" is a required property', "{"),
        ("DOC-1", 'ClientIdReply breaks its schema at the top: "timestamp" is a required property', "{"),
        ("DOC-1", 'Pong breaks its schema at the top: "id" is a required property', "{"),
        ("DOC-1", 'Pong breaks its schema at the top: "timestamp" is a required property', "{"),
        ("DOC-4", "`client_id` is said to be in the body", "`client_id` in the event body"),
        ("DOC-4", "described in two ways: line 300 says that they are an error", "Missing or invalid types"),
    ],
)
def test_what_is_known_to_be_wrong_is_found(
    findings: list[tuple[str, str, str]], rule: str, message: str, line: str
) -> None:
    assert any(rule == found[0] and message in found[1] and line in found[2] for found in findings), findings


def test_nothing_else_is_found(findings: list[tuple[str, str, str]]) -> None:
    assert len(findings) == 10, "beside the above, the sentence that contradicts the spec"
