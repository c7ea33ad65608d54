"""Files of events: one JSON object a line, with the time at which each came.

A line has ``elapsed``, the seconds since the recording began, ``received_at``,
the moment by the wall clock, and ``frame``, the event. Lines without ``frame``
tell of something else and are passed over, as are keys that are not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final, NamedTuple

import msgspec

from ..core.clock import rfc3339
from ..core.frames import text_of
from ..core.outbox import Frame
from .source import Change, Cue
from .stage import ScenarioFailure, Stage

_LONGEST_LINE: Final = 4 * 1024 * 1024


class RecordingError(ValueError):
    """A file is no recording; the text names the file, the line and what is wrong."""


class RecordedEvent(NamedTuple):
    """An event of a recording."""

    line: int
    elapsed: float
    frame: dict[str, Any]


class _Line(msgspec.Struct, frozen=True):
    elapsed: float
    frame: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


def read_recording(path: Path) -> Iterator[RecordedEvent]:
    """The events of a recording, one at a time: the file may be of any size.

    Raises:
        RecordingError: the file cannot be read, or a line is not as it should be.
    """
    try:
        with path.open("rb") as file:
            yield from recorded_events(file, str(path))
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror}") from error


def recorded_events(file: BinaryIO, name: str) -> Iterator[RecordedEvent]:
    """The events of an open recording, one at a time.

    Raises:
        RecordingError: a line is not as it should be; the text begins with ``name``.
    """
    decoder = msgspec.json.Decoder(_Line)
    number = 0
    try:
        while line := file.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE:
                raise RecordingError(f"{name}:{number}: the line is longer than {_LONGEST_LINE} bytes")
            if not line.strip():
                continue
            found = decoder.decode(line)
            if not isinstance(found.frame, msgspec.UnsetType):
                yield RecordedEvent(number, found.elapsed, found.frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordingError(f"{name}:{number}: this is no line of a recording: {error}") from error


class EventRecording:
    """Writes down what the hub publishes for all, each event once and as it goes out.

    To be given to a hub among its sources, before those that publish; it
    publishes nothing itself. That it cannot write is reported like the
    failure of a scenario; the hub goes on.
    """

    needs_journal: ClassVar[bool] = False

    def __init__(self, path: Path) -> None:
        """Write to this file, whose content is replaced when the hub starts; a hub's reset goes on in it."""
        self.path = path
        self._started: float | None = None

    def perform(self, stage: Stage) -> Iterator[Cue]:
        """See ``StageSource``."""
        try:
            file = self.path.open("w" if self._started is None else "a", encoding="utf-8")
        except OSError as error:
            self._fail(stage, error)
            return
        clock = stage.clock
        started = self._started = clock.monotonic() if self._started is None else self._started

        def write(frame: Frame) -> None:
            elapsed = clock.monotonic() - started
            moment, text = rfc3339(clock.time()), text_of(frame.wire)
            try:
                file.write(f'{{"received_at": "{moment}", "elapsed": {elapsed:.6f}, "frame": {text}}}\n')
                file.flush()
            except OSError as error:
                stage.broadcast_listeners.remove(write)
                self._fail(stage, error)

        stage.broadcast_listeners.append(write)
        try:
            while True:
                yield Change()
        finally:
            if write in stage.broadcast_listeners:
                stage.broadcast_listeners.remove(write)
            with suppress(OSError):
                file.close()

    def _fail(self, stage: Stage, error: OSError) -> None:
        reason = f"the recording cannot be written: {error.strerror}"
        stage.fail(ScenarioFailure("recording", str(self.path), reason))
