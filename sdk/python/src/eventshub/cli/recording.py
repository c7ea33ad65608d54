"""Writes recordings; the format is described in the README, under "Recordings"."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from .. import Connected, InvalidEvent, Message, Notice, Reconnected, Welcome
from .event_text import frame_member, notice_fields
from .exit_codes import CliError, ExitCode, cannot_write
from .plain_text import on_one_line, visible_json


class Recording:
    """An open recording; each line is written whole, at once, or not at all."""

    def __init__(
        self,
        output: BinaryIO,
        name: str,
        *,
        is_shown: bool = False,
        clock: Callable[[], float] = monotonic,
        wall_clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Begin to record.

        Args:
            output: Unbuffered.
            name: What to call it in an error.
            is_shown: Whether it is a terminal, to which nothing may go that does not print.
            clock: The monotonic clock, in seconds.
            wall_clock: The time of day.
        """
        self._output = output
        self._name = name
        self._is_shown = is_shown
        self._clock = clock
        self._wall_clock = wall_clock
        self._began = clock()

    def write(self, item: Message | InvalidEvent | Notice, welcome: Welcome) -> None:
        """Write one item of the stream.

        Args:
            item: The item.
            welcome: That of the connection there is now; a notice of it has it, too.

        Raises:
            CliError: it cannot be written; the recording ends with the line before.
            BrokenPipeError: nobody reads it any more.
        """
        if isinstance(item, Message | InvalidEvent):
            member = frame_member(item.raw)
        else:
            member = json.dumps(notice_fields(item))[1:-1]
            if isinstance(item, Connected | Reconnected) and item.client_id == welcome.body.client_id:
                member += f', "welcome": {on_one_line(welcome.raw.decode())}'
        received = self._wall_clock().astimezone(UTC).isoformat(timespec="microseconds")
        elapsed = self._clock() - self._began
        line = f'{{"received_at": "{received[:-6]}Z", "elapsed": {elapsed:.6f}, {member}}}'
        self._append((visible_json(line) if self._is_shown else line).encode() + b"\n")

    def close(self) -> None:
        """End the recording."""
        self._output.close()

    def _append(self, line: bytes) -> None:
        written = 0
        try:
            while written < len(line):
                written += self._output.write(line[written:])
        except BrokenPipeError:
            raise
        except OSError as error:
            self._take_back(written)
            raise cannot_write(self._name, error) from error

    def _take_back(self, count: int) -> None:
        # A disk that is full takes the beginning of a line.
        if count and self._output.seekable():
            self._output.truncate(self._output.tell() - count)


def refuse_existing(path: str, *, overwrite: bool) -> None:
    """Do nothing if there is no such file, or it may be replaced.

    Raises:
        CliError: there is one.
    """
    if path != "-" and not overwrite and Path(path).exists():
        raise CliError(f"{path} exists: choose another name, or give --overwrite", ExitCode.USAGE)


def open_recording(path: str, *, overwrite: bool) -> Recording:
    """Open a file for a recording; ``-`` is standard output.

    Raises:
        CliError: it cannot be written.
    """
    if path == "-":
        output = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
        return Recording(output, "standard output", is_shown=sys.stdout.isatty())
    try:
        return Recording(Path(path).open("wb" if overwrite else "xb", buffering=0), path)
    except OSError as error:
        raise cannot_write(path, error) from error
