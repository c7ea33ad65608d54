"""Judges documents, and draws up the results."""

from __future__ import annotations

import time
from pathlib import Path

from ..baseline import Deviation
from ..bundle import load
from ..errors import UsageError
from ..results import Results
from ..selection import check_names
from ..verdicts import CaseResult, RuleResult
from . import diagrams, json_blocks, other_code, shell
from .diagrams import check_diagram
from .json_blocks import check_json
from .log import Log
from .names import check_names as check_names_in
from .openapi import check_service_document
from .options import DocumentSettings
from .other_code import check_other_code
from .page import Page, parse
from .postman import check_collection
from .python_code import check_python
from .rules import RULES, RUNS
from .running import run_page
from .shell import check_shell
from .statements import check_statements

_PYTHON = frozenset({"python", "py", "python3", "pycon"})
_NOT_ASKED = {
    "DOC-8": "no hub was given: --hub-url",
    "DOC-9": "no collection was given: --postman",
    "DOC-10": "no document of a service was given: --openapi",
}


def judge_documents(settings: DocumentSettings) -> Results:
    """Judge everything that was named.

    Raises:
        UsageError: A file cannot be read, or the settings name what does not exist.
        TargetError: There is no hub where one was said to be.
    """
    began = time.monotonic()
    bundle = load(settings.bundle)
    check_names(settings.rules, [rule.id for rule in RULES], "--rule", "rule for documents")
    log = Log(bundle)
    pages = [parse(path.as_posix(), _read(path)) for path in settings.files]
    for page in pages:
        check_page(page, log)
    for path in settings.postman:
        check_collection(path.as_posix(), _read(path), log)
    for path in settings.openapi:
        check_service_document(path.as_posix(), _read(path), log)
    if settings.hub is not None and _wants(settings, RUNS.id):
        for page in pages:
            run_page(page, settings.hub, log)
    results = [result for result in log.results if _is_selected(result, settings)]
    if settings.cases and not results:
        raise UsageError(f"--case {settings.cases[0]}: nothing was found or judged there")
    compared = settings.output.compared(results, lambda deviation: _was_judged(deviation, settings))
    rows = [
        RuleResult(
            rule,
            tuple(result for result in compared.results if rule.id in result.rules),
            _NOT_ASKED.get(rule.id, "nothing of the kind is in the documents"),
            settings.output.strict,
        )
        for rule in RULES
        if _wants(settings, rule.id)
    ]
    named = [*settings.files, *settings.postman, *settings.openapi]
    return Results(
        bundle=bundle,
        subject="documents",
        target=", ".join(path.as_posix() for path in named),
        rules=rows,
        seconds=time.monotonic() - began,
        replay=settings.replay,
        traffic=log.traffic,
        notes=compared.notes,
        problems=compared.problems,
    )


def check_page(page: Page, log: Log) -> None:
    """Judge one document without a hub."""
    check_json(page, log)
    check_names_in(page, log)
    check_statements(page, log)
    for block in page.blocks:
        if block.language in _PYTHON:
            check_python(page.file, block, log)
        elif block.language in other_code.JAVASCRIPT | other_code.GO:
            check_other_code(page.file, block, log)
        elif block.language in shell.LANGUAGES:
            check_shell(page.file, block, log)
        elif block.language in diagrams.LANGUAGES:
            check_diagram(page.file, block, log)
        elif block.language not in json_blocks.LANGUAGES:
            continue


def _was_judged(deviation: Deviation, settings: DocumentSettings) -> bool:
    """What is in a file that was not given is left alone: a baseline may be for more than this run."""
    files = {path.as_posix() for path in (*settings.files, *settings.postman, *settings.openapi)}
    rules = {rule for rule in deviation.rules if _wants(settings, rule)}
    if settings.hub is None:
        rules -= {RUNS.id}
    return deviation.case in files and not settings.cases and bool(rules or not deviation.rules)


def _wants(settings: DocumentSettings, rule: str) -> bool:
    return not settings.rules or rule in settings.rules


def _is_selected(result: CaseResult, settings: DocumentSettings) -> bool:
    return (not settings.cases or result.case in settings.cases) and _wants(settings, result.rules[0])


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not in UTF-8") from error
