"""Compares documents: what changed, and which version has to follow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .changes import Change, Changes, breaking
from .document import DocumentError, DocumentVersion, Kind, find_documents
from .endpoints import compare_endpoints
from .streams import compare_streams
from .versions import Bump, has_moved_enough, least_version


@dataclass(frozen=True, slots=True)
class DocumentComparison:
    """What became of one document."""

    kind: Kind
    path: str
    changes: list[Change]
    bump: Bump
    """What its version has to do."""
    old_version: str
    new_version: str
    least_version: str | None
    """The least version that follows; None if the old one is no semantic version."""

    @property
    def has_moved_enough(self) -> bool:
        """Whether its version did what it has to; nothing is asked of one that did not change."""
        if self.bump is Bump.NONE and self.old_version == self.new_version:
            return True
        return has_moved_enough(self.new_version, self.least_version)


def compare_paths(old: Path, new: Path, directory: Path) -> list[DocumentComparison]:
    """Compare two files, or the documents of two folders.

    Args:
        old: The version that clients were made for.
        new: The version that a hub will follow.
        directory: Files in it are named relative to it.

    Raises:
        DocumentError: they cannot be compared.
    """
    before, after = find_documents(old), find_documents(new)
    if set(before) != set(after):
        raise DocumentError(
            f"{old} has {' and '.join(sorted(before))}, {new} has {' and '.join(sorted(after))}: "
            "give two of a kind"
        )
    return [_compare(kind, before[kind], after[kind], directory) for kind in sorted(before)]


def _compare(kind: Kind, old: Path, new: Path, directory: Path) -> DocumentComparison:
    before, after = DocumentVersion(old, kind, directory), DocumentVersion(new, kind, directory)
    found = Changes()
    (compare_streams if kind == "asyncapi" else compare_endpoints)(before, after, found)
    changes = found.sorted()
    if breaking(changes):
        bump = Bump.MAJOR
    elif changes:
        bump = Bump.MINOR
    else:
        bump = Bump.PATCH if before.content() != after.content() else Bump.NONE
    return DocumentComparison(
        kind=kind,
        path=after.main.source.display,
        changes=changes,
        bump=bump,
        old_version=before.spec.version,
        new_version=after.spec.version,
        least_version=least_version(before.spec.version, bump),
    )
