"""A recording, published again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from .._generated.protocol import PROTOCOL
from ..core.catalogue import InvalidEventError
from .recording import RecordedEvent, RecordingError, read_recording, recorded_events
from .source import Cue
from .stage import ScenarioFailure, Stage

_MOST_REFUSED: Final = 100
_BREATH: Final = 64
"""Lines in a row before the hub gets to write what they say."""
_POLL: Final = 0.005
"""Seconds until subscribers that are behind are looked at again."""


class Replay:
    """Publishes the events of a recording for all.

    What was for one client alone, answers and the welcome among it, is left
    out, and so is that the recorded hub shut down. Events that the spec does
    not allow are reported as failures of the hub's scenarios, with file and
    line, and left out as well.
    """

    needs_journal: ClassVar[bool] = False

    def __init__(self, path: Path, *, speed: float = 1.0, verbatim: bool = False) -> None:
        """Choose what and how.

        Args:
            path: the recording.
            speed: 2 for twice as fast; infinity for as fast as the slowest
                subscriber reads.
            verbatim: keep IDs and timestamps instead of giving new ones. The
                timestamps may go back then, which a hub must not do (protocol EVT-4).

        Raises:
            ValueError: the speed is not positive.
        """
        if not speed > 0:
            raise ValueError(f"the speed must be above 0, got {speed}")
        self.path = path
        self._text: str | None = None
        self._speed = speed
        self._verbatim = verbatim

    @classmethod
    def of_text(
        cls, text: str, *, name: str = "recording", speed: float = 1.0, verbatim: bool = False
    ) -> Self:
        """A replay of a recording that is in memory; ``name`` stands for its file in what is reported.

        Raises:
            RecordingError: a line is not as it should be.
            ValueError: the speed is not positive.
        """
        replay = cls(Path(name), speed=speed, verbatim=verbatim)
        replay._text = text
        for _ in replay._events():
            pass
        return replay

    def perform(self, stage: Stage) -> Iterator[Cue]:
        """See ``StageSource``."""
        reached, refused = 0.0, 0
        try:
            for line, elapsed, frame in self._events():
                if "client_id" in frame or "ref_id" in frame or _is_of_hub(frame):
                    continue
                yield from self._wait(stage, line, elapsed - reached)
                reached = max(reached, elapsed)
                try:
                    stage.publish_frame(frame if self._verbatim else _anew(frame))
                except InvalidEventError as error:
                    self._fail(stage, f"{self.path}:{line}", str(error))
                    refused += 1
                    if refused == _MOST_REFUSED:
                        self._fail(stage, f"{self.path}:{line}", "the spec allows too few of these events")
                        return
        except RecordingError as error:
            self._fail(stage, str(self.path), str(error))

    def _events(self) -> Iterator[RecordedEvent]:
        if self._text is None:
            return read_recording(self.path)
        return recorded_events(BytesIO(self._text.encode(errors="surrogatepass")), str(self.path))

    def _wait(self, stage: Stage, line: int, seconds: float) -> Iterator[Cue]:
        if math.isinf(self._speed):
            # Never so fast that a subscriber who reads would lose events (protocol EVT-7).
            while stage.longest_queue > stage.queue_size // 2:
                yield _POLL
            if line % _BREATH == 0:
                yield 0.0
        elif seconds > 0:
            yield seconds / self._speed

    def _fail(self, stage: Stage, place: str, reason: str) -> None:
        stage.fail(ScenarioFailure("replay", place, reason))


def _anew(frame: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in frame.items() if key not in ("id", "timestamp")}


def _is_of_hub(frame: Mapping[str, Any]) -> bool:
    """Whether it tells of the recorded hub: a welcome, known by its shape (CONN-6), or a shutdown."""
    body = frame.get("body")
    if isinstance(body, dict) and {"client_id", "subscriptions"} <= body.keys():
        return True
    values = tuple(str(frame.get(keys[0])) for keys in PROTOCOL.discriminators)
    return PROTOCOL.shutdown is not None and PROTOCOL.events.get(values) is PROTOCOL.shutdown
