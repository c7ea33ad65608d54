"""Whether the machine slept: its wall clock went on, the monotonic one stood still."""

from __future__ import annotations


class SuspensionWatch:
    """Compares the two clocks, now and then.

    That a look comes late is no sign: the application may have held up its event loop, behind which a
    good connection has brought what was sent. A wall clock set forward looks like a sleep.
    """

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        """The shortest sleep that counts, in seconds."""
        self._last: tuple[float, float] | None = None

    @property
    def interval(self) -> float:
        """How often to look, in seconds."""
        return min(5.0, self.threshold)

    def slept(self, wall: float, now: float) -> float | None:
        """How many seconds the machine has slept since the last look; None when it has not."""
        last, self._last = self._last, (wall, now)
        if last is None:
            return None
        seconds = (wall - last[0]) - (now - last[1])
        return seconds if seconds >= self.threshold else None
