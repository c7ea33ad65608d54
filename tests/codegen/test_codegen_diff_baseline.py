"""The specs against the last release: who changes them has to move their versions as that demands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eventshub_codegen.rules.comparison import compare_paths
from eventshub_codegen.rules.report import as_text
from eventshub_codegen.rules.versions import Bump

SPEC = Path(__file__).parents[2] / "spec"
BASELINE = SPEC / "baseline"


def test_the_specs_have_the_versions_that_their_changes_since_the_release_demand() -> None:
    found = compare_paths(BASELINE, SPEC, SPEC)
    assert [document.kind for document in found] == ["asyncapi", "openapi"]
    assert all(document.has_moved_enough for document in found), as_text(found, colour=False)


@pytest.mark.parametrize(
    ("file", "old", "new", "bump"),
    [
        ("schemas/envelope.yaml", "required: [event_type, message]", "required: [message]", Bump.MAJOR),
        ("schemas/rest.yaml", "type: integer", "type: string", Bump.MAJOR),
        ("events-hub.asyncapi.yaml", "title: VM lifecycle", "title: Life of VMs", Bump.PATCH),
        ("events-hub.openapi.yaml", "/v1/ws/unsubscribe:", "/v2/ws/unsubscribe:", Bump.MAJOR),
    ],
)
def test_a_change_of_the_specs_demands_its_version(
    tmp_path: Path, file: str, old: str, new: str, bump: Bump
) -> None:
    shutil.copytree(BASELINE, tmp_path / "spec")
    path = tmp_path / "spec" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    found = compare_paths(BASELINE, tmp_path / "spec", tmp_path)
    changed = [document for document in found if document.bump is not Bump.NONE]
    assert bump in [document.bump for document in changed]
    assert not any(document.has_moved_enough for document in changed)
