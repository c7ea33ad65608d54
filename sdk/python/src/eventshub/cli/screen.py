"""Standard output: a terminal with colour and a status line, or plain lines for whatever reads them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from .event_text import Piece, short
from .exit_codes import cannot_write
from .plain_text import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

REFRESHES_PER_SECOND = 2


class Screen:
    """Writes lines. What they hold has to be visible text already."""

    def __init__(self) -> None:
        self._console: Console | None = None
        if sys.stdout.isatty():
            # Loaded for terminals only: a pipe starts faster without it.
            from rich.console import Console

            self._console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)

    @property
    def is_terminal(self) -> bool:
        """Whether a person looks at it."""
        return self._console is not None

    def write(self, pieces: Sequence[Piece]) -> None:
        """Write one line of styled text."""
        if self._console is None:
            self.write_text("".join(text for text, _ in pieces).rstrip())
            return
        from rich.text import Text

        with _whole_output():
            self._console.print(Text.assemble(*pieces))

    def write_text(self, text: str) -> None:
        """Write one line as it is; whoever reads it has it at once."""
        with _whole_output():
            if self._console is None:
                sys.stdout.write(f"{text}\n")
                sys.stdout.flush()
            else:
                self._console.print(text)

    def write_fields(self, fields: Sequence[tuple[str, object]]) -> None:
        """Write facts, one a line."""
        width = max((len(name) for name, _ in fields), default=0) + 1
        for name, value in fields:
            self.write([(f"{name + ':':<{width}} ", "dim"), (short(value, longest=None), "")])

    @contextmanager
    def status(self, describe: Callable[[], str]) -> Generator[Callable[[], None]]:
        """Keep a line below all others up to date with ``describe``, on a terminal.

        Yields:
            Draws it anew at once, where its next turn is too late.
        """
        if self._console is None or self._console.is_dumb_terminal:
            yield lambda: None
            return
        from rich.live import Live

        with Live(
            _StatusLine(describe),
            console=self._console,
            refresh_per_second=REFRESHES_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=sys.stderr.isatty(),
        ) as live:
            yield live.refresh


class _StatusLine:
    """What it says is asked for whenever it is drawn: as often as a line is printed above it."""

    def __init__(self, describe: Callable[[], str]) -> None:
        self._describe = describe
        self._began = monotonic()

    def __rich__(self) -> Text:
        from rich.text import Text

        seconds = int(monotonic() - self._began)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return Text(f"{visible(self._describe())} · {clock} · Ctrl-C ends", style="dim", no_wrap=True)


@contextmanager
def _whole_output() -> Generator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise cannot_write("standard output", error) from error


def note(text: str, fields: Mapping[str, object] | None = None) -> None:
    """Tell something on standard error: the text, or the fields as JSON if there are any."""
    line = visible(text) if fields is None else json.dumps(fields)
    print(line, file=sys.stderr, flush=True)
