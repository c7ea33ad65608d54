"""One version of a document: read, and able to say where anything is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ..findings import Finding, Findings, Severity
from ..frontends.documents import Inputs, read_documents
from ..frontends.names import Names
from ..frontends.schemas import SchemaReader
from ..frontends.workspace import Place, Workspace
from ..ir.json_values import is_object
from ..ir.spec import Spec
from ..ir.types import Declaration, Named, Type
from .changes import Location

Kind: TypeAlias = Literal["asyncapi", "openapi"]
_KIND = re.compile(r"""^[{\s]*["']?(asyncapi|openapi|swagger)["']?\s*:""", re.MULTILINE)
_SUFFIXES = frozenset([".yaml", ".yml", ".json"])
# What is wrong here takes nothing away from what is compared.
_HARMLESS = frozenset(
    ["example-invalid", "example-accepted", "no-discriminator", "duplicate-message", "no-messages"]
)


class DocumentError(Exception):
    """Documents cannot be compared; the text says why, ``findings`` what is wrong inside of them."""

    def __init__(self, text: str, findings: list[Finding] | None = None) -> None:
        super().__init__(text)
        self.findings = findings or []


@dataclass(frozen=True, slots=True)
class Shape:
    """The type of a value, with the declarations that it refers to and the schema that it is from."""

    type: Type
    place: Place | None
    declarations: Mapping[str, Declaration]


class DocumentVersion:
    """One document and the files that it refers to."""

    def __init__(self, path: Path, kind: Kind, directory: Path) -> None:
        """Read a document; locations name files relative to ``directory``.

        Raises:
            DocumentError: it has errors because of which a comparison would be wrong.
        """
        findings = Findings()
        self.path = path
        self.kind: Kind = kind
        self.workspace = Workspace(findings, directory)
        inputs = Inputs(asyncapi=path) if kind == "asyncapi" else Inputs(openapi=path)
        self.spec: Spec = read_documents(inputs, self.workspace)
        wrong = [
            finding
            for finding in findings.sorted()
            if finding.severity is Severity.ERROR and finding.rule not in _HARMLESS
        ]
        source = self.workspace.open(path)
        if wrong or source is None:
            raise DocumentError(f"{path}: a document with errors cannot be compared", wrong)
        self.main = Place(source, (), source.value)
        self._schemas = SchemaReader(self.workspace, Names())

    def shape_of(self, schema: Place, hint: str) -> Shape:
        """The type of a schema that the intermediate representation has no type for."""
        kind = self._schemas.type_of(schema, hint)
        return Shape(kind, self.workspace.follow(schema), self._schemas.declarations)

    def message_shape(self, name: str) -> Shape | None:
        """The payload of a message; None if it is no object."""
        declared = self.spec.declarations.get(name)
        if declared is None:
            return None
        return Shape(Named(name), self.workspace.place_of(declared.origin), self.spec.declarations)

    def locate(self, place: Place) -> Location:
        """Where the key is that names a value."""
        line, column = place.source.position(place.pointer, of_key=True)
        return Location(place.source.display, line, column)

    def follow(self, place: Place | None) -> Place | None:
        """The value itself, past every reference; None for nothing."""
        return self.workspace.follow(place) if place is not None else None

    def content(self) -> dict[str, Any]:
        """All that was read, by the way from the document to the file, without the document's version."""
        folder = self.main.source.path.parent
        found: dict[str, Any] = {}
        for source in self.workspace.sources():
            if source is self.main.source:
                info = self.main.value.get("info")
                plain = (
                    {key: value for key, value in info.items() if key != "version"}
                    if is_object(info)
                    else info
                )
                found[""] = {**self.main.value, "info": plain}
            elif folder in source.path.parents:
                found[source.path.relative_to(folder).as_posix()] = source.value
            else:
                found[source.path.name] = source.value
        return found


def find_documents(path: Path) -> dict[Kind, Path]:
    """The AsyncAPI and the OpenAPI document that a path means: a file, or a folder that holds them.

    Raises:
        DocumentError: there is none, or a folder holds several of a kind.
    """
    if not path.exists():
        raise DocumentError(f"{path}: there is no such file or folder")
    files = [path]
    if path.is_dir():
        files = sorted(entry for entry in path.iterdir() if entry.is_file() and entry.suffix in _SUFFIXES)
    found: dict[Kind, Path] = {}
    for file in files:
        kind = _kind_of(file)
        if kind is None:
            continue
        if kind in found:
            raise DocumentError(
                f"{path}: both {found[kind].name} and {file.name} are documents of {kind}; name one"
            )
        found[kind] = file
    if not found:
        raise DocumentError(f"{path}: this is, or holds, neither an AsyncAPI nor an OpenAPI document")
    return found


def _kind_of(file: Path) -> Kind | None:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise DocumentError(f"{file}: cannot be read: {error.strerror}") from error
    match = _KIND.search(text)
    if match is None:
        return None
    return "asyncapi" if match[1] == "asyncapi" else "openapi"
