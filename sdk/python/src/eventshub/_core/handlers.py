"""Which functions of the application want which items of the stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

ResultT = TypeVar("ResultT")


class Handlers(Generic[ResultT]):
    """Functions by the type of what they take, in the order in which they were added."""

    def __init__(self) -> None:
        self._handlers: list[tuple[type[Any], Callable[[Any], ResultT]]] = []

    def __len__(self) -> int:
        return len(self._handlers)

    def add(self, item_type: type[Any], handler: Callable[[Any], ResultT]) -> None:
        """Call ``handler`` with every item of this type or of a subclass.

        Raises:
            TypeError: ``item_type`` is no class.
        """
        if not isinstance(item_type, type):  # pyright: ignore[reportUnnecessaryIsInstance] - untyped callers
            raise TypeError(f"on() wants a class of events or notices, not {item_type!r}")
        self._handlers.append((item_type, handler))

    def wanting(self, item: object) -> Iterator[Callable[[Any], ResultT]]:
        """The handlers for an item."""
        return (handler for item_type, handler in self._handlers if isinstance(item, item_type))
