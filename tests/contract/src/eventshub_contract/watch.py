"""Something about the hub that is watched once, for several cases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from .hub import Hub

T = TypeVar("T")


class Watch(Generic[T]):
    """An observation: made in the background once started, else when its result is first asked for."""

    def __init__(self, hub: Hub, observe: Callable[[Hub], T]) -> None:
        self.hub = hub
        self._observe = observe
        self._thread: threading.Thread | None = None
        self._seen: list[T] = []
        self._trouble: BaseException | None = None

    def start(self) -> None:
        """Begin in the background."""
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def result(self) -> T:
        """What was seen; waits for it.

        Raises:
            HubMisbehaved: The hub did not do what the observation needs.
            Unsupported: The observation cannot be made on this target.
        """
        if self._thread is not None:
            self._thread.join()
        elif not self._seen and self._trouble is None:
            self._run()
        if self._trouble is not None:
            raise self._trouble
        return self._seen[0]

    def _run(self) -> None:
        try:
            self._seen.append(self._observe(self.hub))
        except BaseException as error:  # noqa: BLE001 - raised again by `result`, in the case that asks
            self._trouble = error
        finally:
            self.hub.close()
