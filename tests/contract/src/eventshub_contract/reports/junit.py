"""The report as JUnit XML, which every CI shows."""

from __future__ import annotations

import re
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from ..results import Results
from ..verdicts import RuleResult, Verdict

_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot carry, not even escaped."""


def as_junit(results: Results) -> str:
    """One suite a rule, one test case a case; ``accepted``, ``lenient`` and ``unsupported`` are skipped."""
    root = Element("testsuites", name=_text(f"{results.target} judged by {results.judged_by}"))
    root.set("time", f"{results.seconds:.3f}")
    for result in results.rules:
        _suite(root, results, result)
    if results.problems:
        suite = SubElement(root, "testsuite", name="baseline", tests=str(len(results.problems)))
        suite.set("failures", str(len(results.problems)))
        for problem in results.problems:
            case = SubElement(suite, "testcase", classname="baseline", name=_text(problem))
            SubElement(case, "failure", message=_text(problem))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, results: Results, result: RuleResult) -> None:
    rule = result.rule
    suite = SubElement(root, "testsuite", name=_text(f"{rule.id} {rule.title}"))
    verdicts = [result.graded(case) for case in result.cases]
    failing = {Verdict.FAIL, Verdict.UNSTEADY}
    suite.set("tests", str(max(1, len(verdicts))))
    suite.set("failures", str(sum(verdict in failing for verdict in verdicts)))
    suite.set("errors", str(verdicts.count(Verdict.ERROR)))
    quiet = {Verdict.UNSUPPORTED, Verdict.LENIENT, Verdict.ACCEPTED}
    suite.set("skipped", str(sum(verdict in quiet for verdict in verdicts) + (not verdicts)))
    for case, verdict in zip(result.cases, verdicts, strict=True):
        element = SubElement(suite, "testcase", classname=_text(rule.id), name=_text(case.case))
        if case.place:
            element.set("file", _text(case.place.file))
            element.set("line", str(case.place.line))
        if verdict in failing or verdict is Verdict.ERROR:
            tag = "error" if verdict is Verdict.ERROR else "failure"
            found = SubElement(element, tag, type=verdict.value, message=_text(case.message))
            found.text = _text(
                "\n".join(
                    [
                        f"rule: {case.says or rule.statement}",
                        f"found: {case.found}",
                        *case.conversation,
                        f"replay: {results.replay_of(case)}",
                    ]
                )
            )
        elif verdict in quiet:
            said = f"accepted: {case.accepted}; " if case.accepted else f"{verdict}: "
            SubElement(element, "skipped", message=_text(said + case.message))
    if not result.cases:
        element = SubElement(suite, "testcase", classname=_text(rule.id), name="not judged")
        SubElement(element, "skipped", message=_text(result.reason))


def _text(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
