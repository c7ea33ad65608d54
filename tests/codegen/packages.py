"""Client packages that tests generate, import and use."""

from __future__ import annotations

import importlib
import itertools
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
from tests.codegen.project import ROOT

from eventshub.runtime import StreamTable
from eventshub.runtime.codec import OpenCodec
from eventshub_codegen.config import Config, TargetConfig
from eventshub_codegen.emit import write_tree
from eventshub_codegen.findings import Finding
from eventshub_codegen.frontends.documents import Inputs, read_documents
from eventshub_codegen.frontends.workspace import Workspace
from eventshub_codegen.ir.json_values import is_array, is_object
from eventshub_codegen.ir.spec import Spec
from eventshub_codegen.ir.stream import Direction, Message, Stream
from eventshub_codegen.pipeline import build

DOCUMENTS = Path(__file__).parent / "documents"
SAMPLES = ROOT.parent / "shared/samples"
"""Documents of others, where they are at hand; a client's point of view is theirs where this says so."""
CLIENT_VIEW = ("asyncapi-slack-client.yml", "slack-rtm-asyncapi.yml", "speechmatics__flow-api.yaml")
_numbers = itertools.count()


@dataclass(frozen=True)
class Package:
    """A generated package, imported."""

    name: str
    folder: Path
    module: ModuleType
    spec: Spec
    findings: list[Finding]

    @property
    def rules(self) -> set[str]:
        """The rules of all findings."""
        return {finding.rule for finding in self.findings}

    def part(self, name: str) -> Any:
        """A module of the package."""
        return self.module_of(name)

    def module_of(self, name: str) -> ModuleType:
        """The same for code that looks at the module and not at what is in it."""
        return importlib.import_module(f"{self.name}.{name}")

    def round_trips(self) -> int:
        """Check that each example of a message is decoded as that message and encoded as it was.

        Returns:
            How many examples there were.
        """
        count = 0
        protocol = self.module_of("protocol")
        tables = [value for value in vars(protocol).values() if isinstance(value, StreamTable)]
        for stream, table in zip(self.spec.streams, tables, strict=True):
            codec = OpenCodec(table)
            for message in (*stream.to_client(), *stream.untold, *_values(stream)):
                for example in message.examples:
                    raw = json.dumps(example).encode()
                    decoded = codec.decode(raw)
                    assert type(decoded).__name__ == message.name, (decoded, example)
                    again = codec.encode(decoded)
                    assert codec.decode(again) == decoded
                    assert is_within(msgspec.json.decode(again), example), (again, example)
                    count += 1
        return count


def _values(stream: Stream) -> list[Message]:
    return [each for each in stream.bare if each.frame == "value" and each.direction is Direction.TO_CLIENT]


def is_within(part: Any, whole: Any) -> bool:
    """Whether all that is in ``part`` is in ``whole`` too: what no schema lists need not be kept."""
    if is_object(part) and is_object(whole):
        return all(key in whole and is_within(value, whole[key]) for key, value in part.items())
    if is_array(part) and is_array(whole):
        return len(part) == len(whole) and all(map(is_within, part, whole))
    return bool(part == whole)


def make_package(
    folder: Path,
    *,
    asyncapi: Path | None = None,
    openapi: Path | None = None,
    is_client_view: bool = False,
    is_fit_to_import: bool = True,
) -> Package:
    """Generate the client of these documents into a folder, and import it."""
    name = f"made_for_tests_{next(_numbers)}"
    inputs = Inputs(asyncapi=asyncapi, openapi=openapi, is_client_view=is_client_view)
    out = folder / name
    run = build(Config(inputs, (TargetConfig("python", out, name),)), folder)
    assert not run.findings.has_errors, run.findings.sorted()
    write_tree(run.files, [out])
    spec = read_documents(inputs, Workspace(run.findings, folder), is_strict=False)
    module = ModuleType(name)
    if is_fit_to_import:
        sys.path.insert(0, str(out / "src"))
        try:
            importlib.invalidate_caches()
            module = importlib.import_module(name)
        finally:
            sys.path.remove(str(out / "src"))
    return Package(name, out, module, spec, run.findings.sorted())
