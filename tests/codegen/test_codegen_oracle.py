"""A second opinion: models that another generator makes of the same schemas take the same frames."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from types import ModuleType
from typing import Any

import msgspec
import pytest
from tests.codegen.project import ROOT, Generated, Project

from eventshub_codegen.ir.json_values import is_array, is_object

EXAMPLES = ROOT / "spec/examples"
UNCHECKED_BY_US = {"pattern", "uniqueItems"}
WE_ARE_LENIENT = {
    # What tells messages apart is a default: frames reach a class by these very values, read before.
    "ClientIdRequest/missing-message",
    "ClientIdRequest/no-channel",
    "Ping/missing-message",
    "Ping/no-channel",
    "VmStateChanged/missing-event_type",
    "VmStateChanged/missing-message",
}
THEY_ARE_LENIENT = {
    # Null is not the same as absent; the other generator makes no difference.
    "ClientIdRequest/id-is-null",
    "HostRemoved/body-host-is-null",
    "HostVmSnapshotsUpdated/body-event-snapshots-0-children-is-null",
    "Ping/id-is-null",
    "VmSnapshotsUpdated/body-snapshots-0-children-is-null",
    "VmStateChanged/client_id-is-null",
}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """Our client's classes for the real specification."""
    project = Project(tmp_path_factory.mktemp("ours"))
    return project.generate_from(ROOT / "spec/events-hub.asyncapi.yaml")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """datamodel-code-generator's pydantic models for the same schemas.

    Ours leave patterns, uniqueness and the formats of strings to JSON Schema,
    so the other generator does not get to see them.
    """
    folder = tmp_path_factory.mktemp("theirs")
    bundle = json.loads((ROOT / "tests/contract/src/eventshub_contract/_generated/bundle.json").read_text())
    names = {message["name"]: message["schema"] for message in bundle["messages"]}
    schema = {"type": "object", "properties": names, "$defs": types_only(bundle["$defs"])}
    (folder / "schema.json").write_text(json.dumps(schema))
    options = ["--input-file-type", "jsonschema", "--output-model-type", "pydantic_v2.BaseModel"]
    command = [
        sys.executable,
        "-m",
        "datamodel_code_generator",
        "--input",
        "schema.json",
        "--output",
        "models.py",
    ]
    subprocess.run([*command, *options], cwd=folder, check=True, timeout=55, capture_output=True)
    spec = importlib.util.spec_from_file_location("models_of_the_other_generator", folder / "models.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def types_only(schema: Any) -> Any:
    """A schema without what our classes do not check."""
    if is_array(schema):
        return [types_only(item) for item in schema]
    if not is_object(schema):
        return schema
    kept = {key: types_only(value) for key, value in schema.items() if key not in UNCHECKED_BY_US}
    if kept.get("format") in {"uuid", "uri"}:
        del kept["format"]
    return kept


def accepts_theirs(models: ModuleType, name: str, frame: bytes) -> bool:
    from pydantic import ValidationError

    try:
        getattr(models, name).model_validate_json(frame, strict=True)
    except ValidationError:
        return False
    return True


def accepts_ours(generated: Generated, name: str, frame: bytes) -> bool:
    try:
        generated.decode(name, json.loads(frame))
    except msgspec.ValidationError:
        return False
    return True


def test_both_accept_every_valid_example(ours: Generated, theirs: ModuleType) -> None:
    refused = [
        f"{path.parent.name}/{path.stem}: {who}"
        for path in sorted(EXAMPLES.glob("valid/*/*.json"))
        for who, accepts in (
            ("ours", accepts_ours(ours, path.parent.name, path.read_bytes())),
            ("theirs", accepts_theirs(theirs, path.parent.name, path.read_bytes())),
        )
        if not accepts
    ]
    assert refused == []


def test_both_refuse_the_same_invalid_examples(ours: Generated, theirs: ModuleType) -> None:
    accepted: dict[str, set[str]] = {"ours": set(), "theirs": set()}
    for path in sorted(EXAMPLES.glob("invalid/*/*.json")):
        name, frame = path.parent.name, path.read_bytes()
        if accepts_ours(ours, name, frame):
            accepted["ours"].add(f"{name}/{path.stem}")
        if accepts_theirs(theirs, name, frame):
            accepted["theirs"].add(f"{name}/{path.stem}")
    assert accepted["ours"] - accepted["theirs"] == WE_ARE_LENIENT
    assert accepted["theirs"] - accepted["ours"] == THEY_ARE_LENIENT
