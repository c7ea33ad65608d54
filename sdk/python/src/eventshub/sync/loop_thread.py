"""An event loop in a thread of its own, for as long as somebody uses it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
ResultT = TypeVar("ResultT")


class LoopThread:
    """Runs coroutines for other threads. The thread begins with its first user and is over with its last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextmanager
    def used(self) -> Generator[None]:
        """Keep the thread for the time of a ``with`` block."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    def enter(self) -> None:
        """Begin to use it; ``leave`` has to follow."""
        with self._lock:
            if self._users == 0:
                self._start()
            self._users += 1

    def leave(self) -> None:
        """Use it no more. The last one waits until the thread is over."""
        with self._lock:
            self._users -= 1
            if self._users:
                return
            thread, loop = self._thread, self._loop
            self._thread = self._loop = None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def call(
        self, function: Callable[P, Coroutine[Any, Any, ResultT]], *args: P.args, **kwargs: P.kwargs
    ) -> ResultT:
        """Run a coroutine function and wait for what it gives or raises; interrupted, cancel it.

        Raises:
            RuntimeError: called from the event loop itself, which would wait for itself for ever.
        """
        self.refuse_itself()
        loop = self._loop
        if loop is None:
            raise RuntimeError("nobody uses the event loop's thread")
        future: Future[ResultT] = asyncio.run_coroutine_threadsafe(function(*args, **kwargs), loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def soon(self, function: Callable[[], object]) -> None:
        """Have the event loop call a function; nothing happens when nobody uses it any more."""
        loop = self._loop
        if loop is not None:
            # It may be closed at this moment.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(function)

    def refuse_itself(self) -> None:
        """Do nothing, in all threads but this one.

        Raises:
            RuntimeError: called from the event loop, which would wait for itself for ever.
        """
        if self._thread is threading.current_thread():
            raise RuntimeError(
                "called from the client's own thread, where credential callables, hooks and conditions run:"
                " it would wait for itself"
            )

    def _start(self) -> None:
        started: Future[asyncio.AbstractEventLoop] = Future()

        def run() -> None:
            # Its end cancels what still runs, and waits for it.
            with asyncio.Runner() as runner:
                loop = runner.get_loop()
                started.set_result(loop)
                loop.run_forever()

        thread = threading.Thread(target=run, name="eventshub", daemon=True)
        thread.start()
        self._loop = started.result()
        self._thread = thread
