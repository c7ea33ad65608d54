"""The options of ``eventshub-contract docs``."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..output import Output
from ..output_options import add_output_options, output_in
from ..target import Target, hub_target

_SKIPPED = frozenset({"node_modules", ".git", ".venv", "site-packages"})


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """Which documents to judge, and by what."""

    files: tuple[Path, ...]
    postman: tuple[Path, ...] = ()
    openapi: tuple[Path, ...] = ()
    hub: Target | None = None
    """Where to run what is shown; None: nowhere."""
    rules: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    bundle: Path | None = None
    output: Output = Output()  # noqa: RUF009 - frozen
    replay: str = "eventshub-contract docs"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options to a parser."""
    parser.add_argument("files", metavar="FILE", nargs="*", help="a Markdown file, or a folder of them")
    parser.add_argument(
        "--postman", metavar="FILE", action="append", help="judge a Postman collection; repeat it"
    )
    parser.add_argument(
        *("--openapi", "--swagger"),
        metavar="FILE",
        action="append",
        help="judge a service's own OpenAPI or Swagger document; YAML needs the extra `yaml`; repeat it",
    )
    parser.add_argument(
        *("--hub-url", "--url"),
        metavar="URL",
        help="a hub on this machine: code that connects is run against it, commands are sent to it"
        " (environment: EVENTS_HUB_URL)",
    )
    parser.add_argument("--token", metavar="TOKEN", help="its bearer token (environment: EVENTS_HUB_TOKEN)")
    parser.add_argument("--rule", metavar="ID", action="append", help="judge this rule alone; repeat it")
    parser.add_argument(
        "--case", metavar="FILE:LINE", action="append", help="judge this place alone; repeat it"
    )
    parser.add_argument(
        "--bundle", metavar="FILE", help="judge by this contract bundle instead of the packaged one"
    )
    add_output_options(parser)


def document_settings(
    namespace: argparse.Namespace, environment: Mapping[str, str] = os.environ
) -> DocumentSettings:
    """Check the options that a parser found.

    Raises:
        UsageError: There is nothing to judge, or a file that is not there.
    """
    files = tuple(found for name in namespace.files for found in _markdown(Path(name)))
    postman = tuple(_present(Path(name)) for name in namespace.postman or ())
    openapi = tuple(_present(Path(name)) for name in namespace.openapi or ())
    if not (files or postman or openapi):
        raise UsageError("no documents: name Markdown files or folders, or --postman FILE, or --openapi FILE")
    url = namespace.hub_url or environment.get("EVENTS_HUB_URL")
    token = namespace.token or environment.get("EVENTS_HUB_TOKEN")
    words = ["eventshub-contract", "docs", *namespace.files]
    words += [word for name in namespace.postman or () for word in ("--postman", name)]
    words += [word for name in namespace.openapi or () for word in ("--openapi", name)]
    words += ["--hub-url", namespace.hub_url] if namespace.hub_url else []
    words += ["--bundle", namespace.bundle] if namespace.bundle else []
    words += ["--baseline", namespace.baseline] if namespace.baseline else []
    words += ["--strict"] if namespace.strict else []
    return DocumentSettings(
        files=files,
        postman=postman,
        openapi=openapi,
        hub=hub_target(url, token) if url else None,
        rules=tuple(namespace.rule or ()),
        cases=tuple(namespace.case or ()),
        bundle=Path(namespace.bundle) if namespace.bundle else None,
        output=output_in(namespace),
        replay=shlex.join(words),
    )


def _markdown(path: Path) -> list[Path]:
    if not path.is_dir():
        return [_present(path)]
    found = sorted(each for each in path.rglob("*.md") if not _SKIPPED & set(each.parts))
    if not found:
        raise UsageError(f"there is no Markdown file in {path}")
    return found


def _present(path: Path) -> Path:
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    return path
