"""A small specification in a folder of its own: written, checked, generated and imported by tests."""

from __future__ import annotations

import importlib
import itertools
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import yaml

from eventshub_codegen.config import Config, TargetConfig
from eventshub_codegen.findings import Finding
from eventshub_codegen.frontends.documents import Inputs
from eventshub_codegen.pipeline import Run, build

ROOT = Path(__file__).parents[2]
RUNTIMES = {
    "python-client": ("_core", ROOT / "sdk/python/src/eventshub/_core"),
    "python-hub": ("core", ROOT / "mockserver/src/eventshub_mockserver/core"),
}
_numbers = itertools.count()


@dataclass(frozen=True)
class Generated:
    """A generated package, imported."""

    models: ModuleType
    messages: ModuleType
    protocol: ModuleType
    folder: Path

    def decode(self, name: str, payload: Any) -> Any:
        """Decode JSON data the way a runtime does: as the message or model of that name."""
        found = getattr(self.messages, name, None) or getattr(self.models, name)
        return msgspec.json.decode(json.dumps(payload), type=found, dec_hook=_decode_open)

    def text(self, name: str) -> str:
        """The text of a generated file."""
        return (self.folder / name).read_text(encoding="utf-8")


class Project:
    """A folder with documents."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: str | Mapping[str, Any]) -> Path:
        """Write a file: text as it is, data as YAML or JSON."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, str):
            plain = dict(content)
            content = json.dumps(plain) if path.suffix == ".json" else yaml.safe_dump(plain, sort_keys=False)
        path.write_text(content, encoding="utf-8")
        return path

    def write_stream(self, body: Mapping[str, Any], schemas: Mapping[str, Any] | None = None) -> None:
        """Write ``asyncapi.yaml`` with a message ``Posted`` of such a body, and a ``Removed`` without."""
        messages = {"Posted": event("posted", body), "Removed": event("removed")}
        self.write("asyncapi.yaml", stream_document(messages, schemas))

    def run(self, *targets: str) -> Run:
        """Read whatever documents there are; generate the targets in memory."""
        named = {key: self.folder / name for key, name in _FILES.items() if (self.folder / name).exists()}
        inputs = Inputs(
            asyncapi=named.get("asyncapi"),
            openapi=named.get("openapi"),
            rules=named.get("rules"),
            examples=named.get("examples"),
            snippets=named.get("snippets"),
        )
        configured = tuple(TargetConfig(target, self.folder / "out" / target) for target in targets)
        return build(Config(inputs, configured), self.folder)

    def findings(self, *targets: str) -> list[Finding]:
        """Everything that is found."""
        return self.run(*targets).findings.sorted()

    def places(self, *targets: str) -> list[str]:
        """Everything that is found, as ``file:line:column rule``."""
        return [f"{found.file}:{found.line}:{found.column} {found.rule}" for found in self.findings(*targets)]

    def files(self, target: str) -> dict[str, str]:
        """The files of a target; there must be no errors."""
        run = self.run(target)
        assert not run.findings.has_errors, run.findings.sorted()
        return {path.name: content for path, content in run.files.items()}

    def generate(self, target: str = "python-client") -> Generated:
        """Generate a target beside a copy of the runtime that it stands on, and import it."""
        return self._import(target, self.files(target))

    def generate_from(self, asyncapi: Path, target: str = "python-client") -> Generated:
        """Do the same with a document from elsewhere."""
        out = self.folder / "out"
        run = build(Config(Inputs(asyncapi=asyncapi), (TargetConfig(target, out),)), self.folder)
        assert not run.findings.has_errors, run.findings.sorted()
        return self._import(target, {path.name: content for path, content in run.files.items()})

    def _import(self, target: str, files: Mapping[str, str]) -> Generated:
        core, runtime = RUNTIMES[target]
        name = f"generated_for_tests_{next(_numbers)}"
        package = self.folder / name
        for part in ("message.py", "protocol.py", "readable.py", "timestamps.py"):
            if not (runtime / part).is_file():
                continue  # the hub's messages need less
            (package / core).mkdir(parents=True, exist_ok=True)
            shutil.copy(runtime / part, package / core / part)
        (package / "_generated").mkdir()
        for file, content in files.items():
            (package / "_generated" / file).write_text(content, encoding="utf-8")
        sys.path.insert(0, str(self.folder))
        try:
            importlib.invalidate_caches()
            models, messages, protocol = (
                importlib.import_module(f"{name}._generated.{part}")
                for part in ("models", "messages", "protocol")
            )
        finally:
            sys.path.remove(str(self.folder))
        return Generated(models, messages, protocol, package / "_generated")


def event(kind: str, body: Mapping[str, Any] | None = None, **extra: Any) -> dict[str, Any]:
    """A message told from others by its ``kind``."""
    properties: dict[str, Any] = {"kind": {"const": kind}}
    if body is not None:
        properties["body"] = dict(body)
    required = [*properties] if body is not None else ["kind"]
    return {"payload": {"type": "object", "required": required, "properties": properties}, **extra}


def stream_document(messages: Mapping[str, Any], schemas: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """An AsyncAPI document with one channel ``news`` on which the hub sends these messages."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Small", "version": "1.0.0"},
        "channels": {
            "news": {
                "address": "/stream",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {"sendNews": {"action": "send", "channel": {"$ref": "#/channels/news"}}},
        "components": {"messages": dict(messages), "schemas": dict(schemas or {})},
    }


_FILES = {
    "asyncapi": "asyncapi.yaml",
    "openapi": "openapi.yaml",
    "rules": "rules.yaml",
    "examples": "examples",
    "snippets": "snippets",
}


def _decode_open(kind: Any, value: Any) -> Any:
    return kind(value)
