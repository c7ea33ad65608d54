"""From a configuration to findings and to generated files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from .config import Config
from .emit import format_tree
from .findings import TOLERABLE, Finding, Findings, Severity
from .frontends.documents import Inputs, read_documents
from .frontends.workspace import Workspace
from .ir.spec import Spec
from .rules.lint.catalogue import ADVICE
from .rules.lint.documents import check_documents
from .rules.lint.suppressions import suppress
from .targets.python.modules import templates_in
from .targets.python.naming import snake
from .targets.target import DOCUMENTED, load_target


@dataclass(frozen=True, slots=True)
class Linted:
    """What was found in documents, and their text by name of file."""

    findings: Findings
    texts: Mapping[str, str]


@dataclass(slots=True)
class Run:
    """What one run found and made."""

    findings: Findings = field(default_factory=Findings)
    files: dict[Path, str] = field(default_factory=dict[Path, str])
    """Formatted content by path; empty if there are errors among the findings."""


def lint(inputs: Inputs, directory: Path) -> Linted:
    """Read and check documents, and nothing else. Findings name files relative to ``directory``."""
    findings = Findings(advice=ADVICE)
    workspace = Workspace(findings, directory)
    read_documents(inputs, workspace)
    check_documents(inputs, workspace)
    findings.keep(suppress(findings.sorted(), workspace.sources(), reports_unused=True))
    return Linted(findings, {source.display: source.text for source in workspace.sources()})


def build(config: Config, directory: Path) -> Run:
    """Read and check all documents; if they have no errors, generate every target, in memory.

    What can be left out is a warning here and an error of ``lint``: examples that do not fit,
    messages that are told apart by nothing.

    Raises:
        FormatError: generated code cannot be formatted.
    """
    run = Run(Findings(TOLERABLE if config.is_lenient else frozenset(), ADVICE))
    workspace = Workspace(run.findings, directory)
    is_documented = any(target.name in DOCUMENTED for target in config.targets)
    spec = read_documents(config.inputs, workspace, is_strict=False, is_documented=is_documented)
    _report_unused(config, directory, run.findings)
    run.findings.keep(suppress(run.findings.sorted(), workspace.sources(), reports_unused=False))
    if not run.findings.has_errors:
        run.files = _generate(config, spec, workspace, run.findings)
    return run


def _report_unused(config: Config, directory: Path, findings: Findings) -> None:
    """Tell which wishes of the configuration are about nothing in the documents."""
    unused = config.inputs.wishes.unused if config.path is not None else []
    if not unused or config.path is None:
        return
    lines = config.path.read_text(encoding="utf-8").splitlines()
    path = config.path.resolve()
    shown = path.relative_to(directory).as_posix() if path.is_relative_to(directory) else str(config.path)
    for wish in unused:
        line = next((number for number, text in enumerate(lines, 1) if wish in text), 1)
        message = f"nothing in the documents is called `{wish}`"
        findings.add(Finding(shown, line, 1, "unused-setting", message, severity=Severity.WARNING))


def _generate(config: Config, spec: Spec, workspace: Workspace, findings: Findings) -> dict[Path, str]:
    """Formatted files of all targets; none if one of the targets cannot be made of these documents."""
    tree: dict[Path, str] = {}
    for target in config.targets:
        named = replace(spec, package=target.package or snake(target.out.resolve().name, "client"))
        with templates_in(target.templates):
            files = load_target(target.name).render(named, workspace)
        tree |= {target.out / name: content for name, content in files.items()}
    return {} if findings.has_errors else format_tree(tree)
