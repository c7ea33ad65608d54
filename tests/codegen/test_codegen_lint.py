"""What `lint` finds in documents that other tools take, with line and column, and how it says so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.codegen.lint_cases import ASYNCAPI, CASES, DISAGREEMENTS, OPENAPI, Case

from eventshub_codegen.cli import main
from eventshub_codegen.frontends.documents import Inputs
from eventshub_codegen.pipeline import lint
from eventshub_codegen.rules.lint.catalogue import BY_ID, as_page

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "codegen/src/eventshub_codegen"


def found_in(folder: Path, asyncapi: str = "", openapi: str = "") -> list[str]:
    """Findings as ``file:line:column rule``."""
    paths: dict[str, Path] = {}
    for kind, text in (("asyncapi", asyncapi), ("openapi", openapi)):
        if text:
            paths[kind] = folder / f"{kind}.yaml"
            paths[kind].write_text(text, encoding="utf-8")
    inputs = Inputs(asyncapi=paths.get("asyncapi"), openapi=paths.get("openapi"))
    return [
        f"{finding.file}:{finding.line}:{finding.column} {finding.rule}"
        for finding in lint(inputs, folder).findings.sorted()
    ]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(["lint", *arguments])
    code = exit_.value.code
    assert isinstance(code, int)
    return code


def test_the_documents_are_right_as_long_as_nobody_breaks_them(tmp_path: Path) -> None:
    assert found_in(tmp_path, ASYNCAPI, OPENAPI) == []


@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule}-{number}" for number, case in enumerate(CASES)])
def test_what_is_wrong_is_found_where_it_is(tmp_path: Path, case: Case) -> None:
    text, line, column = case.broken()
    kind = "openapi" if case.is_openapi else "asyncapi"
    found = found_in(tmp_path, **{kind: text})
    assert f"{kind}.yaml:{line}:{column} {case.rule}" in found


@pytest.mark.parametrize("case", DISAGREEMENTS, ids=range(len(DISAGREEMENTS)))
def test_documents_that_disagree_about_a_schema_are_found(tmp_path: Path, case: Case) -> None:
    text, line, column = case.broken()
    found = found_in(tmp_path, text, OPENAPI)
    assert f"asyncapi.yaml:{line}:{column} {case.rule}" in found


def test_a_finding_names_the_branch_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "asyncapi.yaml").write_text(
        ASYNCAPI.replace("pass: {type: http, scheme: bearer}", "pass: {type: http}"), encoding="utf-8"
    )
    findings = lint(Inputs(asyncapi=tmp_path / "asyncapi.yaml"), tmp_path).findings.sorted()
    messages = [finding.message for finding in findings if finding.rule == "meta-schema"]
    assert messages == ['"scheme" is a required property (taken for: BearerHTTPSecurityScheme)']


def test_the_table_has_every_rule_that_the_code_reports_and_no_other() -> None:
    texts = [
        path.read_text(encoding="utf-8")
        for path in SOURCES.rglob("*.py")
        if path.name != "catalogue.py" and "metaschema" not in path.parts
    ]
    mentioned = {word for text in texts for word in re.findall(r'"([a-z]+(?:-[a-z]+)*)"', text)}
    formed = {f"generated-{kind}" for kind in ("missing", "stray", "differing")}
    assert set(BY_ID) <= mentioned | formed
    call = r"(?:report|warn|report_at|warn_at|_report|_warn|Problem|_complain)"
    reported = re.compile(call + r'\(\s*(?:[\w.]+, )?"([a-z]+(?:-[a-z]+)*)"')
    assert {rule for text in texts for rule in reported.findall(text)} <= set(BY_ID)


def test_the_page_about_the_rules_is_that_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert (ROOT / "docs/lint.md").read_text(encoding="utf-8") == as_page()
    assert run("--rules") == 0
    assert capsys.readouterr().out == as_page()
    assert run("--rules", "naming") == 0
    assert capsys.readouterr().out.startswith("## naming\n\nWarning. Finds a name in another style")
    assert run("--rules", "taste") == 2


def test_people_see_the_lines_with_a_mark_under_the_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(ASYNCAPI.replace("action: send", "action: transmit"), encoding="utf-8")
    assert run("a.yaml") == 1
    shown = capsys.readouterr().out
    assert re.search(
        r"a\.yaml:18:13: error\[meta-schema\] .*\n"
        r"  17 \|     summary: What happens\.\n  18 \|     action: transmit\n"
        r"     \|             \^\n  19 \| ",
        shown,
    )


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file with one error and one warning."""
    monkeypatch.chdir(tmp_path)
    text = ASYNCAPI.replace("action: send", "action: transmit").replace("byWhom: {", "by_whom: {")
    Path("a.yaml").write_text(text, encoding="utf-8")
    return "a.yaml"


def test_code_scanning_gets_sarif(broken: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(broken, "--format", "sarif") == 1
    [only] = json.loads(capsys.readouterr().out)["runs"]
    rules = only["tool"]["driver"]["rules"]
    found = {result["ruleId"]: result for result in only["results"]}
    assert {"meta-schema", "naming"} <= set(found)
    assert rules[found["naming"]["ruleIndex"]]["id"] == "naming"
    assert found["meta-schema"]["level"] == "error"
    place = found["meta-schema"]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a.yaml"
    assert place["region"] == {"startLine": 18, "startColumn": 13}


def test_github_gets_annotations(broken: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(broken, "--format", "github") == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("::error file=a.yaml,line=18,col=13,title=meta-schema::") for line in lines)
    assert any(line.startswith("::warning file=a.yaml,") and ",title=naming::" in line for line in lines)


def test_ci_gets_junit(broken: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(broken, "--format", "junit") == 1
    suite = ElementTree.fromstring(capsys.readouterr().out)
    cases = {case.get("classname"): case for case in suite.iter("testcase")}
    assert cases["meta-schema"].find("failure") is not None
    assert cases["naming"].find("failure") is None


def test_a_comment_suppresses_a_rule_on_its_line_alone(tmp_path: Path) -> None:
    text = ASYNCAPI.replace("maxWaves: 3}", "maxWaves: -3}").replace(
        "kind: {const: docked}", "kind: {const: docked} # codegen: ignore[example-invalid] as sent in 2019"
    )
    found = {entry.split()[1] for entry in found_in(tmp_path, text)}
    assert found == {"example-invalid", "unused-suppression"}


IGNORE = "codegen: ignore-file[example-invalid"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "        - payload: {kind",
            "        # codegen: ignore[example-invalid] as logged\n        - payload: {kind",
            [],
        ),
        ("asyncapi: 3.0.0", f"# {IGNORE}] all are old\nasyncapi: 3.0.0", []),
        ("asyncapi: 3.0.0", "asyncapi: 3.0.0\nx-codegen-ignore: {example-invalid: all are old}", []),
        ("asyncapi: 3.0.0", f"# {IGNORE}]\nasyncapi: 3.0.0", ["suppression-without-reason"]),
        ("asyncapi: 3.0.0", f"# {IGNORE}, naming] all are old\nasyncapi: 3.0.0", ["unused-suppression"]),
    ],
)
def test_suppressions_hold_where_they_say_and_need_a_reason(
    tmp_path: Path, old: str, new: str, expected: list[str]
) -> None:
    text = ASYNCAPI.replace("maxWaves: 3}", "maxWaves: -3}").replace(old, new, 1)
    assert [found.split()[1] for found in found_in(tmp_path, text)] == expected
