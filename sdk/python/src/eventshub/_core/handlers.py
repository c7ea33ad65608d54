"""Which functions of the application want which items of the stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

ResultT = TypeVar("ResultT")


def require_class(item_type: object, caller: str) -> None:
    """Do nothing for a class.

    Raises:
        TypeError: it is none, but maybe a union, such as ``PdfmEvent``.
    """
    if not isinstance(item_type, type):
        raise TypeError(f"{caller} wants one class of events or notices, not {item_type!r}")


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
        require_class(item_type, "on()")
        self._handlers.append((item_type, handler))

    def wanting(self, item: object) -> Iterator[Callable[[Any], ResultT]]:
        """The handlers for an item."""
        return (handler for item_type, handler in self._handlers if isinstance(item, item_type))
