"""Semantic versions: what a change demands, and whether a document has moved enough."""

from __future__ import annotations

import re
from enum import IntEnum

_SEMVER = re.compile(r"^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$")


class Bump(IntEnum):
    """By how much a version has to move."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def word(self) -> str:
        """As people write it."""
        return self.name.lower()


def least_version(old: str, bump: Bump) -> str | None:
    """The least version that follows; None if the old one is no semantic version.

    Below 1.0.0 everything counts one less: a breaking change moves the second number, any other the third.
    """
    match = _SEMVER.match(old)
    if match is None:
        return None
    major, minor, patch = (int(part) for part in match.group(1, 2, 3))
    if bump is Bump.NONE:
        return old
    if major == 0 and bump > Bump.PATCH:
        bump = Bump(bump - 1)
    if bump is Bump.MAJOR:
        return f"{major + 1}.0.0"
    if bump is Bump.MINOR:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def has_moved_enough(new: str, least: str | None) -> bool:
    """Whether a version is the least one, a pre-release of it, or more."""
    found, wanted = _SEMVER.match(new), _SEMVER.match(least or "")
    if found is None or wanted is None:
        return False
    return _numbers(found) >= _numbers(wanted)


def _numbers(match: re.Match[str]) -> tuple[int, int, int]:
    return int(match[1]), int(match[2]), int(match[3])
