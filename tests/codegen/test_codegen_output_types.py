"""Generated code passes a strict type checkers, whatever the document is like."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from tests.codegen.project import ROOT, Project
from tests.codegen.test_codegen_stream import chat

REF = "#/components/schemas/"
TEXT = {"type": "string"}
SCHEMAS: dict[str, Any] = {
    "Base": {"type": "object", "required": ["id"], "properties": {"id": TEXT, "kind": TEXT, "note": TEXT}},
    "Special": {
        "allOf": [
            {"$ref": f"{REF}Base"},
            {"type": "object", "required": ["kind", "note"], "properties": {"kind": {"const": "special"}}},
        ]
    },
    "Node": {"type": "object", "properties": {"next": {"anyOf": [{"$ref": f"{REF}Node"}, {"type": "null"}]}}},
    "Bag": {
        "type": "object",
        "additionalProperties": True,
        "properties": {"self": {"$ref": f"{REF}Bag"}, "size": TEXT},
    },
    "Mood": {"anyOf": [{"enum": ["calm", "name", "value"]}, TEXT]},
    "Operation": {
        "type": "object",
        "properties": {"class": TEXT, "str": TEXT, "datetime": {"type": "string", "format": "date-time"}},
    },
    "Everything": {
        "type": "object",
        "properties": {
            "any": {},
            "list": {"type": "array"},
            "map": {"type": "object", "additionalProperties": {"$ref": f"{REF}Node"}},
            "mixed": {"type": ["string", "integer", "null"]},
            "number": {"enum": [1, 2, 3]},
            "inline": {"type": "array", "items": {"type": "object", "properties": {"a": TEXT}}},
            **{
                name.lower(): {"$ref": f"{REF}{name}"}
                for name in ("Special", "Node", "Bag", "Mood", "Operation")
            },
        },
    },
}


@pytest.mark.parametrize("target", ["python-client", "python-hub"])
def test_generated_code_passes_strict_type_checkers(project: Project, target: str) -> None:
    document = chat()
    document["components"]["schemas"] = SCHEMAS
    document["components"]["messages"]["Moved"]["payload"]["properties"]["body"] = {
        "$ref": f"{REF}Everything"
    }
    project.write("asyncapi.yaml", document)
    generated = project.generate(target).folder
    project.write(
        "pyrightconfig.json",
        {"typeCheckingMode": "strict", "include": [f"{generated.parent.name}/_generated"]},
    )
    mypy = ["mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", "cache"]
    for command in (
        [*mypy, "-p", f"{generated.parent.name}._generated"],
        ["pyright", "--pythonpath", sys.executable],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=project.folder,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
