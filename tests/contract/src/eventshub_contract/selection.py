"""Checks what ``--rule`` and ``--case`` name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from .errors import UsageError


def check_names(names: Sequence[str], known: Iterable[str], option: str, kind: str) -> None:
    """Do nothing if all names are known.

    Raises:
        UsageError: One is not; the message suggests others.
    """
    everything = sorted(known)
    for name in names:
        if name not in everything:
            close = difflib.get_close_matches(name, everything, n=3, cutoff=0.3) or everything[:3]
            raise UsageError(f"{option} {name}: there is no such {kind}; did you mean {' or '.join(close)}?")
