"""Which version has to follow a change."""

from __future__ import annotations

import pytest

from eventshub_codegen.rules.versions import Bump, has_moved_enough, least_version


@pytest.mark.parametrize(
    ("old", "bump", "least"),
    [
        ("1.2.3", Bump.NONE, "1.2.3"),
        ("1.2.3", Bump.PATCH, "1.2.4"),
        ("1.2.3", Bump.MINOR, "1.3.0"),
        ("1.2.3", Bump.MAJOR, "2.0.0"),
        ("0.2.3", Bump.PATCH, "0.2.4"),
        ("0.2.3", Bump.MINOR, "0.2.4"),
        ("0.2.3", Bump.MAJOR, "0.3.0"),
        ("1.2.3-rc.1", Bump.MINOR, "1.3.0"),
        ("v1", Bump.MAJOR, None),
    ],
)
def test_the_version_that_follows(old: str, bump: Bump, least: str | None) -> None:
    assert least_version(old, bump) == least


def test_versions_are_compared_as_numbers() -> None:
    assert has_moved_enough("1.10.0", "1.9.0")
    assert not has_moved_enough("1.9.0", "1.10.0")
