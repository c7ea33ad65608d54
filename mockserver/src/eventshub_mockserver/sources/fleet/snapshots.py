"""The snapshots of one simulated VM: a tree, one of whose members the VM continues from."""

from __future__ import annotations

from dataclasses import dataclass

from ..._generated.models import VmSnapshot


@dataclass(slots=True)
class Snapshot:
    """A saved moment."""

    id: str
    name: str
    date: str
    state: str
    parent: str
    """ID of the snapshot that it follows; empty for the first."""


class SnapshotTree:
    """Snapshots by ID, oldest first."""

    def __init__(self) -> None:
        self.by_id: dict[str, Snapshot] = {}
        self.current = ""
        """ID of the one that the VM continues from; empty when there is none."""

    def take(self, snapshot_id: str, *, date: str, state: str) -> None:
        """Save a moment that follows the current one, and continue from it."""
        name = f"Snapshot {snapshot_id[:8]}"
        self.by_id[snapshot_id] = Snapshot(snapshot_id, name, date, state, self.current)
        self.current = snapshot_id

    def revert(self, snapshot_id: str) -> None:
        """Continue from an older moment."""
        self.current = snapshot_id

    def delete(self, snapshot_id: str) -> None:
        """Remove one; those that followed it follow its parent, and so does the VM."""
        removed = self.by_id.pop(snapshot_id)
        for snapshot in self.by_id.values():
            if snapshot.parent == snapshot_id:
                snapshot.parent = removed.parent
        if self.current == snapshot_id:
            self.current = removed.parent

    def as_told(self) -> tuple[VmSnapshot, ...] | None:
        """The tree as events tell it; ``None`` when there is no snapshot."""
        return self._below("") or None

    def _below(self, parent: str) -> tuple[VmSnapshot, ...]:
        return tuple(
            VmSnapshot(
                id=snapshot.id,
                name=snapshot.name,
                date=snapshot.date,
                state=snapshot.state,
                current=snapshot.id == self.current,
                parent=snapshot.parent,
                children=self._below(snapshot.id),
            )
            for snapshot in self.by_id.values()
            if snapshot.parent == parent
        )
