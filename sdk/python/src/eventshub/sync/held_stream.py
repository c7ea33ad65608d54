"""A stream that lives in the event loop's thread, and whose items other threads take."""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

from .._core.buffer import Item
from ..aio.stream import Stream
from ..exceptions import NotConnectedError
from .loop_thread import LoopThread


class HeldStream:
    """Keeps the event loop's thread from entering to closing, and takes items without a detour through it.

    Several threads may use it at the same time; an item goes to one of those that ask for one.
    """

    def __init__(
        self,
        stream: Stream,
        loop_thread: LoopThread,
        readable: threading.Event,
        *,
        begin: Callable[[], Coroutine[Any, Any, object]],
        end: Callable[[], Coroutine[Any, Any, object]],
        named: str,
    ) -> None:
        """``begin`` and ``end`` run in the event loop; ``named`` is what errors call it."""
        self.loop_thread = loop_thread
        self._stream = stream
        self._readable = readable
        self._begin = begin
        self._end = end
        self._named = named
        self._inbox = stream.inbox
        # What a deque does is atomic.
        self._items = stream.inbox.items
        self._take: Callable[[], Item] = stream.inbox.buffer.take
        self._asks_to_read_on = False
        self._is_entered = False
        self._uses_thread = False
        self._using = threading.Lock()
        self._closing = threading.Lock()

    def enter(self) -> None:
        """Connect; once.

        Raises:
            RuntimeError: it has been entered before.
        """
        with self._using:
            if self._is_entered:
                raise RuntimeError(f"a {self._named} is entered once: make another one")
            self._is_entered = True
            self.loop_thread.enter()
            self._uses_thread = True
        try:
            self.loop_thread.call(self._begin)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End it; whoever takes items is told. Safe to call again."""
        self.loop_thread.refuse_itself()
        # Whoever comes second returns when it is done, too.
        with self._closing:
            if not self._uses_thread:
                return
            try:
                self.loop_thread.call(self._end)
            finally:
                with self._using:
                    self._uses_thread = False
                self.loop_thread.leave()

    @contextmanager
    def used(self) -> Generator[LoopThread]:
        """Keep the thread for a call.

        Raises:
            NotConnectedError: it is not entered, or closed.
        """
        with self._using:
            if not self._uses_thread:
                raise NotConnectedError(f"there is no open connection: enter the {self._named} first")
            self.loop_thread.enter()
        try:
            yield self.loop_thread
        finally:
            self.loop_thread.leave()

    def take(self) -> Item:
        """Wait for the next item, and take it.

        Raises:
            StopIteration: it is closed.
            EventsHubError: it has ended for good, for the reason it says.
            NotConnectedError: it was not entered.
        """
        try:
            item = self._take()
        except IndexError:
            item = None
        # Not within the handler: what the wait raises has nothing to do with an empty buffer.
        if item is None:
            item = self._wait()
        if self._inbox.is_paused:
            self._read_on()
        return item

    def _wait(self) -> Item:
        inbox, readable = self._inbox, self._readable
        if self._stream.driver is None:
            raise NotConnectedError(f"enter the {self._named} first, in a with statement")
        while True:
            if inbox.is_paused:
                self._read_on()
            # Whoever clears the signal, which may be for others too, sets it again if there is reason to.
            readable.clear()
            try:
                item = self._take()
            except IndexError:
                item = None
            if item is not None:
                if self._items:
                    readable.set()
                return item
            if inbox.is_closed:
                readable.set()
                raise StopIteration
            if inbox.failure is not None:
                readable.set()
                raise inbox.failure.with_traceback(None)
            readable.wait()

    def _read_on(self) -> None:
        if not self._asks_to_read_on and self._stream.has_room:
            self._asks_to_read_on = True
            self.loop_thread.soon(self._read_on_in_loop)

    def _read_on_in_loop(self) -> None:
        self._asks_to_read_on = False
        self._stream.read_on()
