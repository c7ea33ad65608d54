"""YAML as data, with the place of everything in it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeGuard

import yaml

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indexes on the way from a document's root to a value."""
_TAG: Final = "tag:yaml.org,2002:"
_MOST_VALUES: Final = 50_000
_LONGEST_INTEGER: Final = 30


def is_mapping(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a value of a document is a mapping; its keys are texts then."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a value of a document is a list."""
    return isinstance(value, list)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong in a document."""

    place: Place
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


class ScenarioError(ValueError):
    """A scenario cannot be used; the text has one line for each thing that is wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(
            sorted(set(problems), key=lambda p: (p.place.file, p.place.line, p.place.column, p.text))
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content."""

    data: Any
    places: dict[Path, Place]
    """Of each value; that of a mapping's entry is the place of its key."""

    def place(self, path: Iterable[str | int]) -> Place:
        """Where a value stands; for what a template put there, where the template stands."""
        known = tuple(path)
        while known not in self.places:
            known = known[:-1]
        return self.places[known]


def read_document(text: str, file: str) -> Document:
    """Parse YAML into what JSON could hold.

    Raises:
        ScenarioError: it is no YAML, or holds what JSON could not.
    """
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        reader = _Reader(file)
        if root is None:
            raise ScenarioError([Problem(Place(file, 1, 1), "the file is empty: it must be a scenario")])
        data = reader.read(root, ())
    except yaml.YAMLError as error:
        raise ScenarioError([_problem_of(error, file)]) from error
    except RecursionError as error:
        raise ScenarioError([Problem(Place(file, 1, 1), "it is nested too deeply")]) from error
    finally:
        loader.dispose()
    if reader.problems:
        raise ScenarioError(reader.problems)
    return Document(data, reader.places)


if TYPE_CHECKING:
    _BaseLoader = yaml.SafeLoader
else:
    _BaseLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BaseLoader):
    """YAML with the plain values of YAML 1.2: no dates, no ``yes`` and ``off``."""


_NUMBER: Final = "-+.0123456789"
_PLAIN: Final = (
    ("null", re.compile(r"(?:~|null|)$"), ["~", "n", ""]),
    ("bool", re.compile(r"(?:true|false)$"), ["t", "f"]),
    ("int", re.compile(r"[-+]?[0-9]+$"), [*_NUMBER]),
    ("float", re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"), [*_NUMBER]),
)
_Loader.yaml_implicit_resolvers = {
    first: [(_TAG + name, pattern) for name, pattern, firsts in _PLAIN if first in firsts]
    for first in {first for _, _, firsts in _PLAIN for first in firsts}
}


def plain_value(text: str) -> Any:
    """A text as YAML reads it where it stands alone: a number, ``true``, ``false``, ``null`` or itself."""
    kind = next((name for name, pattern, _ in _PLAIN if pattern.match(text)), "str")
    return _plain_value(kind, text)


def _plain_value(kind: str, text: str) -> Any:
    """The value of a scalar; ``ValueError`` when it is none of its kind."""
    if kind == "str":
        return text
    if any(name == kind and pattern.match(text) for name, pattern, _ in _PLAIN):
        if kind == "int" and len(text) <= _LONGEST_INTEGER:
            return int(text)
        if kind == "float" and math.isfinite(float(text)):
            return float(text)
        if kind in ("bool", "null"):
            return text == "true" if kind == "bool" else None
    allowed = "a plain text, a number, true, false or null"
    raise ValueError(f"this is no value of the type {kind}: write {allowed}")


class _Reader:
    """Turns nodes into values and remembers their places."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._inside: list[yaml.Node] = []
        self.places: dict[Path, Place] = {}
        self.problems: list[Problem] = []

    def read(self, node: yaml.Node, path: Path) -> Any:
        """The value of a node and all that is in it."""
        self.places.setdefault(path, self._place(node))
        if len(self.places) > _MOST_VALUES:
            raise yaml.MarkedYAMLError(problem="it holds too much", problem_mark=node.start_mark)
        if node in self._inside:
            raise yaml.MarkedYAMLError(
                problem="an alias stands inside its own anchor", problem_mark=node.start_mark
            )
        self._inside.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
            return self._scalar(node)
        finally:
            self._inside.pop()

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                self._complain(key_node, "a key must be a text: put it in quotes")
            elif key in found:
                self._complain(key_node, f"the key {key!r} stands here twice")
            else:
                self.places[*path, key] = self._place(key_node)
                found[key] = self.read(value_node, (*path, key))
        return found

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            return _plain_value(node.tag.removeprefix(_TAG), str(node.value))
        except ValueError as error:
            self._complain(node, str(error))
            return None

    def _place(self, node: yaml.Node) -> Place:
        return Place(self._file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _complain(self, node: yaml.Node, text: str) -> None:
        self.problems.append(Problem(self._place(node), text))


def _problem_of(error: yaml.YAMLError, file: str) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        text = f"{error.problem}" if error.context is None else f"{error.problem} ({error.context})"
        return Problem(Place(file, mark.line + 1, mark.column + 1), f"this is no YAML: {text}")
    return Problem(Place(file, 1, 1), f"this is no YAML: {' '.join(str(error).split())}")
