"""From a configuration to findings and to generated files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from .config import Config
from .emit import format_tree
from .findings import TOLERABLE, Findings
from .frontends.documents import Inputs, read_documents
from .frontends.workspace import Workspace
from .ir.spec import Spec
from .targets.python.naming import snake
from .targets.target import DOCUMENTED, load_target


@dataclass(slots=True)
class Run:
    """What one run found and made."""

    findings: Findings = field(default_factory=Findings)
    files: dict[Path, str] = field(default_factory=dict[Path, str])
    """Formatted content by path; empty if there are errors among the findings."""


def lint(inputs: Inputs, directory: Path) -> Findings:
    """Read and check documents, and nothing else. Findings name files relative to ``directory``."""
    findings = Findings()
    read_documents(inputs, Workspace(findings, directory))
    return findings


def build(config: Config, directory: Path) -> Run:
    """Read and check all documents; if they have no errors, generate every target, in memory.

    What can be left out is a warning here and an error of ``lint``: examples that do not fit,
    messages that are told apart by nothing.

    Raises:
        FormatError: generated code cannot be formatted.
    """
    run = Run(Findings(TOLERABLE if config.is_lenient else frozenset()))
    workspace = Workspace(run.findings, directory)
    is_documented = any(target.name in DOCUMENTED for target in config.targets)
    spec = read_documents(config.inputs, workspace, is_strict=False, is_documented=is_documented)
    if not run.findings.has_errors:
        run.files = _generate(config, spec, workspace, run.findings)
    return run


def _generate(config: Config, spec: Spec, workspace: Workspace, findings: Findings) -> dict[Path, str]:
    """Formatted files of all targets; none if one of the targets cannot be made of these documents."""
    tree: dict[Path, str] = {}
    for target in config.targets:
        named = replace(spec, package=target.package or snake(target.out.resolve().name, "client"))
        files = load_target(target.name).render(named, workspace)
        tree |= {target.out / name: content for name, content in files.items()}
    return {} if findings.has_errors else format_tree(tree)
