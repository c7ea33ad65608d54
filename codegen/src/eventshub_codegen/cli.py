"""The command line: ``eventshub-codegen generate | check | lint | diff``."""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from .config import Config
    from .emit import Difference
    from .findings import Findings
    from .frontends.documents import Inputs
    from .pipeline import Run

_Command: TypeAlias = Callable[[argparse.Namespace], int]
_FAILED = 1
_USAGE = 2
_EXIT_CODES = "exit code: 0 all is well, 1 errors or differences, 2 wrong usage or configuration"
_GENERATE = """\
Check the documents, then write every target. Nothing is written if the
documents have errors. An output folder belongs to the generator: files that
it no longer generates are removed."""
_CHECK = """\
Generate in memory and compare with what is there: whole folders, so that a
missing, a stray and a changed file are all found. Prints the difference,
writes nothing."""
_LINT = """\
Check documents the way `generate` does before it generates: syntax, official
meta-schemas, references, examples, and what tells messages apart."""
_CONFIG = """\
Print what may be in a configuration file: as a page, or as a JSON Schema for
editors with `--format json`."""
_DIFF = """\
Compare two versions of an AsyncAPI or OpenAPI document, or of two folders
that hold both: what changed, whom it breaks, and which version follows. The
kind of a document is found by its content."""


class _UsageError(Exception):
    """The command cannot be carried out as it was given; the text says why."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; every failure is told in a line, none with a traceback.

    Args:
        arguments: Those of the process if None.
    """
    options = _parser().parse_args(arguments)
    command: _Command = options.command
    # A run ends before garbage could ever matter, and looking for it takes a tenth of the time.
    gc.disable()
    try:
        code = command(options)
    except _UsageError as error:
        _say(str(error))
        code = _USAGE
    except KeyboardInterrupt:
        code = 130
    except Exception as error:  # noqa: BLE001 - the last resort, so that nobody is shown a traceback
        _say(f"eventshub-codegen has a defect: {type(error).__name__}: {error}")
        code = _FAILED
    finally:
        gc.enable()
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="eventshub-codegen",
        description="Generates typed clients, hubs and test material from AsyncAPI and OpenAPI documents.",
        epilog=f"{_EXIT_CODES}\n`eventshub-codegen COMMAND --help` shows examples.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(
        name: str, run: Callable[[argparse.Namespace], int], text: str, *examples: str
    ) -> argparse.ArgumentParser:
        lines = "\n".join(f"  eventshub-codegen {name}{example}" for example in examples)
        command = commands.add_parser(
            name,
            help=text.partition(".")[0].partition(":")[0].replace("\n", " "),
            description=text,
            epilog=f"examples:\n{lines}\n\n{_EXIT_CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        forms = ["text", "json"]
        if run is _lint:
            forms += ["sarif", "github", "junit"]
        if run is _diff:
            forms.append("markdown")
        else:
            command.add_argument(
                "--config",
                metavar="FILE",
                type=Path,
                default=Path("eventshub-codegen.toml"),
                help="names the documents, the targets and their folders (default: %(default)s)",
            )
        command.add_argument("--format", choices=forms, default="text", help="of findings")
        command.set_defaults(command=run)
        return command

    document = " --asyncapi chat.yaml --target python --package chat --out chat-client"
    for made in (
        add("generate", _generate, _GENERATE, "", " --config path/to/eventshub-codegen.toml", document),
        add("check", _check, _CHECK, "", " --format json", document),
    ):
        _add_document_arguments(made)
    lint = add("lint", _lint, _LINT, "", " asyncapi.yaml openapi.yaml", " --format json asyncapi.yaml")
    lint.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        type=Path,
        help="documents to check instead of those in the configuration; one of each kind belong together",
    )
    lint.add_argument(
        "--role", choices=("client", "server"), default="server", help="whose `send` these documents mean"
    )
    lint.add_argument(
        "--rules",
        metavar="RULE",
        nargs="?",
        const="",
        help="print what a rule is for, or all of them as a page, and check nothing",
    )
    add("config", _show_config, _CONFIG, "", " --format json")
    diff = add("diff", _diff, _DIFF, " spec/baseline spec", " --format markdown old.yaml new.yaml")
    _add_diff_arguments(diff)
    return parser


def _add_document_arguments(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("instead of a configuration file")
    group.add_argument("--asyncapi", metavar="FILE", type=Path, help="a document of a stream")
    group.add_argument("--openapi", metavar="FILE", type=Path, help="a document of REST endpoints")
    group.add_argument("--target", metavar="NAME", help="what to generate, such as `python`")
    group.add_argument("--out", metavar="DIR", type=Path, help="the folder for it, which it has for itself")
    group.add_argument(
        "--package", metavar="NAME", help="what the package is called (default: as the folder)"
    )
    group.add_argument(
        "--strict", action="store_true", help="fail for errors in parts that could be left out as well"
    )
    group.add_argument(
        "--role",
        choices=("client", "server"),
        default="server",
        help="whose `send` the AsyncAPI document means (default: %(default)s)",
    )


def _add_diff_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "old", metavar="OLD", type=Path, help="what clients were made for: a file or a folder"
    )
    command.add_argument("new", metavar="NEW", type=Path, help="what a hub will follow")
    command.add_argument(
        "--fail-on",
        choices=("breaking", "any", "none"),
        default="breaking",
        help="changes that make the exit code 1 (default: %(default)s)",
    )
    command.add_argument(
        "--require-version-bump",
        action="store_true",
        help="exit with 1 if a document's `info.version` has not moved as its changes demand",
    )


def _generate(options: argparse.Namespace) -> int:
    from .emit import foreign_files, write_tree
    from .findings import Finding

    config = _config_of(options)
    run = _build(config)
    folders = [target.out for target in config.targets]
    if not run.findings.has_errors:
        for path in foreign_files(run.files, folders):
            message = "this file is in a folder of generated files, but was not generated"
            run.findings.add(Finding(_display(path), 1, 1, "foreign-file", message, "Move or delete it."))
    _print_findings(run.findings, options.format)
    if run.findings.has_errors:
        return _FAILED
    changes = write_tree(run.files, folders)
    _say(f"{len(run.files)} files generated, {len(changes)} changed")
    return 0


def _check(options: argparse.Namespace) -> int:
    from .emit import compare_tree
    from .findings import Finding

    config = _config_of(options)
    run = _build(config)
    differences: list[Difference] = []
    if not run.findings.has_errors:
        differences = compare_tree(run.files, [target.out for target in config.targets])
    for difference in differences:
        message = {
            "missing": "this file is generated, but is not there",
            "stray": "this file is not generated, but is there",
            "differing": "this file is not as it is generated",
        }[difference.kind]
        hint = (
            "Move or delete it, or run `eventshub-codegen generate` if it was generated once."
            if difference.kind == "stray"
            else "Run `eventshub-codegen generate`."
        )
        rule = f"generated-{difference.kind}"
        run.findings.add(Finding(_display(difference.path), difference.first_line, 1, rule, message, hint))
    if options.format == "text":
        sys.stdout.writelines(_unified(difference) for difference in differences)
    _print_findings(run.findings, options.format)
    if run.findings.has_errors:
        return _FAILED
    _say(f"{len(run.files)} files are as generated")
    return 0


def _show_config(options: argparse.Namespace) -> int:
    from .config_schema import CONFIG_SCHEMA, as_page

    sys.stdout.write(as_page() if options.format == "text" else json.dumps(CONFIG_SCHEMA, indent=2) + "\n")
    return 0


def _lint(options: argparse.Namespace) -> int:
    from .findings import Findings
    from .pipeline import lint
    from .rules.lint.formats import render

    if options.rules is not None:
        return _explain(options.rules)
    files: list[Path] = options.files
    findings = Findings()
    texts: dict[str, str] = {}
    for inputs in _inputs_of_all(files, options.role) if files else [_load(options.config).inputs]:
        linted = lint(inputs, Path.cwd())
        texts |= linted.texts
        for finding in linted.findings.sorted():
            findings.add(finding)
    sys.stdout.write(render(findings.sorted(), options.format, texts, colour=sys.stdout.isatty()))
    if findings.has_errors:
        return _FAILED
    _say("no errors")
    return 0


def _explain(rule: str) -> int:
    """Print the page of one rule, or of all."""
    from .rules.lint.catalogue import BY_ID, as_page, page_of

    if rule and rule not in BY_ID:
        raise _UsageError(f"there is no rule `{rule}`; `--rules` alone prints all of them")
    sys.stdout.write(page_of(BY_ID[rule]) if rule else as_page())
    return 0


def _diff(options: argparse.Namespace) -> int:
    from .findings import as_text as findings_as_text
    from .rules.comparison import compare_paths
    from .rules.document import DocumentError
    from .rules.report import as_json, as_markdown, as_text

    try:
        found = compare_paths(options.old, options.new, Path.cwd())
    except DocumentError as error:
        sys.stderr.write(findings_as_text(error.findings, colour=False))
        raise _UsageError(str(error)) from error
    if options.format == "text":
        sys.stdout.write(as_text(found, colour=sys.stdout.isatty()))
    else:
        sys.stdout.write(as_json(found) if options.format == "json" else as_markdown(found))
    changes = [change for comparison in found for change in comparison.changes]
    failing = {"any": changes, "none": [], "breaking": [c for c in changes if c.is_breaking]}[options.fail_on]
    is_stale = options.require_version_bump and not all(one.has_moved_enough for one in found)
    return _FAILED if failing or is_stale else 0


def _load(path: Path) -> Config:
    from .config import ConfigError, read_config

    try:
        return read_config(path)
    except ConfigError as error:
        raise _UsageError(str(error)) from error


def _config_of(options: argparse.Namespace) -> Config:
    """What the command line says of one document, else the configuration file."""
    from .config import Config, TargetConfig, is_package_name
    from .frontends.documents import Inputs
    from .targets.target import is_target, names

    given = {"--target": options.target, "--out": options.out, "--package": options.package}
    if options.asyncapi is None and options.openapi is None:
        for option, value in given.items():
            if value is not None:
                raise _UsageError(f"{option} goes with --asyncapi or --openapi; see `--help`")
        return _load(options.config)
    missing = [option for option in ("--target", "--out") if given[option] is None]
    if missing:
        raise _UsageError(f"{' and '.join(missing)} must be given with a document; see `--help`")
    if not is_target(options.target):
        raise _UsageError(f"there is no target `{options.target}`; there are {', '.join(names())}")
    if options.package is not None and not is_package_name(options.package):
        raise _UsageError(f"--package: `{options.package}` cannot be the name of a package")
    inputs = Inputs(
        asyncapi=options.asyncapi, openapi=options.openapi, is_client_view=options.role == "client"
    )
    target = TargetConfig(options.target, options.out, options.package or "")
    return Config(inputs, (target,), is_lenient=not options.strict)


def _build(config: Config) -> Run:
    from .pipeline import build

    return build(config, Path.cwd())


def _inputs_of_all(files: list[Path], role: str) -> list[Inputs]:
    """What to read for the files that were named: one document of each kind belongs together."""
    from .frontends.documents import Inputs

    found = [_inputs_of(path) for path in files]
    asyncapi = [each.asyncapi for each in found if each.asyncapi]
    openapi = [each.openapi for each in found if each.openapi]
    is_client_view = role == "client"
    if len(asyncapi) == len(openapi) == 1:
        return [Inputs(asyncapi=asyncapi[0], openapi=openapi[0], is_client_view=is_client_view)]
    return [
        Inputs(asyncapi=each.asyncapi, openapi=each.openapi, is_client_view=is_client_view) for each in found
    ]


def _inputs_of(path: Path) -> Inputs:
    """What to read for a file that was named: a document by itself, of the kind that its text says."""
    from .frontends.documents import Inputs

    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise _UsageError(f"{path}: cannot be read: {error.strerror}") from error
    is_openapi = any(line.lstrip(' {"').startswith(("openapi", "swagger")) for line in text.splitlines())
    return Inputs(openapi=path) if is_openapi else Inputs(asyncapi=path)


def _print_findings(findings: Findings, form: str) -> None:
    from .findings import as_json, as_text

    found = findings.sorted()
    sys.stdout.write(as_json(found) if form == "json" else as_text(found, colour=sys.stdout.isatty()))


def _unified(difference: Difference) -> str:
    from difflib import unified_diff

    name = _display(difference.path)
    old = "/dev/null" if difference.kind == "missing" else f"{name} (is)"
    new = "/dev/null" if difference.kind == "stray" else f"{name} (generated)"
    before, after = difference.old.splitlines(keepends=True), difference.new.splitlines(keepends=True)
    lines = unified_diff(before, after, old, new)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _display(path: Path) -> str:
    resolved = path.resolve()
    return str(resolved.relative_to(Path.cwd())) if resolved.is_relative_to(Path.cwd()) else str(path)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
