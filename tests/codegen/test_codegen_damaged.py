"""Documents damaged at random: everything that is wrong is a finding, nothing is an exception."""

from __future__ import annotations

import ast
import copy
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.codegen.packages import DOCUMENTS

from eventshub_codegen.findings import TOLERABLE, Findings
from eventshub_codegen.frontends.documents import Inputs, read_documents
from eventshub_codegen.frontends.workspace import Workspace
from eventshub_codegen.ir.json_values import is_array, is_object
from eventshub_codegen.targets.target import load_target

_DAMAGE: list[Any] = json.loads(
    """[
        null, true, -1, 1.5, "", [], {}, ["a"], [[]], {"": {}},
        {"$ref": "#/components/schemas/Nowhere"}, {"$ref": "#"}, {"$ref": 3},
        {"type": "object", "oneOf": [{"type": "string"}, {"type": "object", "properties": {"a": {}}}]}
    ]"""
)


@pytest.mark.parametrize("kind", ["asyncapi", "openapi"])
def test_a_damaged_document_ends_in_findings_and_in_code_that_python_can_read(
    tmp_path: Path, kind: str
) -> None:
    chance = random.Random(7)
    whole = yaml.safe_load((DOCUMENTS / f"greenhouse.{kind}.yaml").read_text(encoding="utf-8"))
    (tmp_path / "greenhouse.openapi.yaml").write_text(
        (DOCUMENTS / "greenhouse.openapi.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    for _ in range(40):
        damaged = copy.deepcopy(whole)
        _damage(damaged, chance)
        path = tmp_path / "damaged.json"
        path.write_text(json.dumps(damaged, default=str), encoding="utf-8")
        findings = Findings(TOLERABLE)
        workspace = Workspace(findings, tmp_path)
        inputs = Inputs(asyncapi=path) if kind == "asyncapi" else Inputs(openapi=path)
        spec = read_documents(inputs, workspace, is_strict=False)
        if not findings.has_errors:
            files = load_target("python").render(replace(spec, package="damaged"), workspace)
            for name, content in files.items():
                if name.endswith(".py"):
                    ast.parse(content)


def _damage(document: Any, chance: random.Random) -> None:
    pointer = chance.choice([pointer for pointer in _pointers(document) if pointer])
    holder = document
    for step in pointer[:-1]:
        holder = holder[step]
    if chance.random() < 0.3:
        del holder[pointer[-1]]
    else:
        holder[pointer[-1]] = copy.deepcopy(chance.choice(_DAMAGE))


def _pointers(value: Any, here: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield here
    if is_object(value):
        for key, child in value.items():
            yield from _pointers(child, (*here, key))
    elif is_array(value):
        for index, child in enumerate(value):
            yield from _pointers(child, (*here, index))
