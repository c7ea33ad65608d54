"""How many files, sockets among them, this process may have open."""

from __future__ import annotations

import logging
import sys
from typing import Final

_LOG = logging.getLogger("eventshub_mockserver")
_OTHERS: Final = 64
"""What is open besides clients' sockets: logs, the listener, the event loop's own."""


def allow_connections(connections: int) -> None:
    """Have the system let this process open a socket for each connection; log how many it allows if fewer."""
    if sys.platform == "win32":
        return  # there the system has no such limit
    import resource

    needed = connections + _OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    except (OSError, ValueError):
        allowed = soft
    if allowed < needed:
        _LOG.warning(
            "too few open files for all connections, more are dropped open_files=%d max_connections=%d",
            *(allowed, connections),
        )
