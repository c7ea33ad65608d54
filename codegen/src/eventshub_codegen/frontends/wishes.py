"""What a configuration wants otherwise than the documents say: names, discriminators, what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase


@dataclass(slots=True)
class Wishes:
    """Remembers which wishes came true, so that the others can be told."""

    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """Class, operation or ``Class.property`` to what generated code calls it."""
    discriminators: tuple[str, ...] = ()
    """The properties that tell messages apart; found if there are none."""
    omitted: tuple[str, ...] = ()
    """Patterns such as ``messages/Debug*``, ``channels/admin``, ``operations/x``, ``paths//internal/*``."""
    used: set[str] = field(default_factory=set[str])

    def renamed(self, name: str, default: str = "") -> str:
        """What something is called: as wished, else the default, else its own name."""
        if name in self.names:
            self.used.add(name)
            return self.names[name]
        return default or name

    def leaves_out(self, kind: str, name: str) -> bool:
        """Whether a thing of a kind is not wanted."""
        found = [pattern for pattern in self.omitted if fnmatchcase(f"{kind}/{name}", pattern)]
        self.used.update(found)
        return bool(found)

    @property
    def unused(self) -> list[str]:
        """Names and patterns that nothing in the documents has."""
        return [wish for wish in (*self.names, *self.omitted) if wish not in self.used]
