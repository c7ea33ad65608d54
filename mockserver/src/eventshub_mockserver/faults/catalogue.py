"""Every fault that there is, by ID."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .before_open import ENTRIES as BEFORE_OPEN
from .entry import FaultEntry
from .in_messages import ENTRIES as IN_MESSAGES
from .in_replies import ENTRIES as IN_REPLIES
from .on_sockets import ENTRIES as ON_SOCKETS

CATALOGUE: Final[Mapping[str, FaultEntry]] = {
    entry.id: entry for entry in (*BEFORE_OPEN, *ON_SOCKETS, *IN_MESSAGES, *IN_REPLIES)
}
