"""A document with samples in the places of its templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .document import Document, Path, Problem, is_list, is_mapping
from .templates import TemplateError, Values

SAMPLES: Final = {"client_id": "00000000-0000-4000-8000-000000000000", "principal": "principal"}
"""What a match binds, with values for the checks."""


class Sketch:
    """A document with a sample in the place of each template, to look at its shape."""

    def __init__(self, document: Document, variables: Mapping[str, Any]) -> None:
        self._document = document
        self.problems: dict[Path, Problem] = {}
        """Templates that can stand for nothing, by the way to them."""
        self._names: dict[str, Any] = {**SAMPLES, "index": 1}
        data: Any = document.data
        own: Any = data.get("variables") if is_mapping(data) else None
        for name, value in own.items() if is_mapping(own) else ():
            self._names[name] = self._render(value, ("variables", name))
        self._names.update(variables)
        self._enter_loops(document.data)
        self.data = self._render(document.data, ())

    def _enter_loops(self, value: Any) -> None:
        if is_mapping(value):
            loop = value.get("repeat")
            if is_mapping(loop) and "for_each" in loop:
                items = self._render(loop["for_each"], None)
                name = str(loop.get("as", "item"))
                self._names[name] = items[0] if is_list(items) and items else ""
        for item in value.values() if is_mapping(value) else value if is_list(value) else ():
            self._enter_loops(item)

    def _render(self, value: Any, path: Path | None) -> Any:
        """The value with samples; problems are noted unless there is no path."""
        if is_mapping(value):
            return {k: self._render(v, None if path is None else (*path, k)) for k, v in value.items()}
        if is_list(value):
            return [self._render(v, None if path is None else (*path, i)) for i, v in enumerate(value)]
        try:
            return Values.samples(self._names).render(value)
        except TemplateError as error:
            if path is not None:
                self.problems[path] = Problem(self._document.place(path), str(error))
            return value
