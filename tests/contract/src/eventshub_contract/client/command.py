"""The command under judgement, as a process: what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..bundle import Json, as_object
from ..errors import UsageError
from .conversation import Conversation

_LONGEST_LINE: Final = 32 * 1024 * 1024
_ERROR_OUTPUT: Final = 64 * 1024
_STOP_PATIENCE: Final = 3.0
_LAST_WORDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Printed:
    """One JSON object on the command's output."""

    at: float
    """On the monotonic clock."""
    value: dict[str, Json]

    @property
    def notice(self) -> str | None:
        """What it tells of the client itself; None for an event."""
        notice = self.value.get("notice")
        return notice if isinstance(notice, str) and "event_type" not in self.value else None


class Command:
    """One run of the command."""

    def __init__(self, process: asyncio.subprocess.Process, log: Conversation, name: str) -> None:
        self._process = process
        self._log = log
        self._name = name
        self._changed = asyncio.Condition()
        self._tasks = [
            asyncio.create_task(work)
            for work in (self._read_output(), self._read_errors(), self._wait_process())
        ]
        self._heard: list[bytes] = []
        self.printed: list[Printed] = []
        """The JSON objects it printed, oldest first."""
        self.errors = b""
        """The beginning of what it wrote on its error stream."""

    @classmethod
    async def start(
        cls, words: Sequence[str], environment: Mapping[str, str], log: Conversation, name: str
    ) -> Command:
        """Start it.

        Raises:
            UsageError: There is no such command.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={**os.environ, **environment},
                limit=_LONGEST_LINE,
                start_new_session=True,
            )
        except OSError as error:
            raise UsageError(f"--exec: cannot run {words[0]}: {error.strerror or error}") from error
        return cls(process, log, name)

    @property
    def has_ended(self) -> bool:
        """Whether the process is over."""
        return self._process.returncode is not None

    @property
    def exit_code(self) -> int | None:
        """Of the process; None while it runs."""
        return self._process.returncode

    @property
    def output(self) -> bytes:
        """All that it wrote on its output."""
        return b"".join(self._heard)

    @property
    def last_words(self) -> str:
        """The last line on its error stream."""
        lines = self.errors.decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip() if lines else ""

    async def wait_for(
        self, accept: Callable[[Printed], bool], within: float, after: int = 0
    ) -> Printed | None:
        """The first line that is accepted; None: there was none in time, nor will there be.

        Args:
            accept: Which line.
            within: Seconds.
            after: How many lines to pass over.
        """
        found = await self._look(accept, time.monotonic() + within, after)
        if found is None and self._tasks[0].done():
            await self.wait_ended(_LAST_WORDS)  # so that how it ended can be said
        return found

    async def _look(
        self, accept: Callable[[Printed], bool], deadline: float, position: int
    ) -> Printed | None:
        async with self._changed:
            while True:
                while position < len(self.printed):
                    line = self.printed[position]
                    if accept(line):
                        return line
                    position += 1
                left = deadline - time.monotonic()
                if left <= 0 or self._tasks[0].done():
                    return None
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), left)

    async def wait_ended(self, within: float) -> bool:
        """Whether the process is over in time."""
        await asyncio.wait(self._tasks, timeout=within)
        return self.has_ended

    async def stop(self) -> None:
        """End the process and whatever it started."""
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_PATIENCE)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self._process.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    async def _read_output(self) -> None:
        stream = self._process.stdout
        if stream is None:
            return
        try:
            while line := await stream.readline():
                await self._take(line)
        except ValueError:
            self._log.add(self._name, "|", f"(a line of more than {_LONGEST_LINE} bytes)")
        finally:
            async with self._changed:
                self._changed.notify_all()

    async def _take(self, line: bytes) -> None:
        self._heard.append(line)
        self._log.add(self._name, "|", line.decode("utf-8", "replace").rstrip("\n"))
        try:
            value = as_object(json.loads(line))
        except (ValueError, RecursionError):
            value = None
        if value is not None:
            async with self._changed:
                self.printed.append(Printed(time.monotonic(), value))
                self._changed.notify_all()

    async def _wait_process(self) -> None:
        await self._process.wait()

    async def _read_errors(self) -> None:
        stream = self._process.stderr
        if stream is None:
            return
        while data := await stream.read(65536):
            if len(self.errors) < _ERROR_OUTPUT:
                self.errors += data
                self._log.add(self._name, "!", data.decode("utf-8", "replace").rstrip("\n"))
