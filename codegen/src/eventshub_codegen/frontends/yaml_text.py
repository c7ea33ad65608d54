"""YAML text to plain Python values, read the way YAML 1.2's core schema does, with positions on demand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from ..ir.json_values import is_object

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_NUMBER_START = frozenset("0123456789+-.")
_PREFIX = "tag:yaml.org,2002:"
_MAX_NODES = 2_000_000
_MAX_DEPTH = 200
_MAX_NUMBER = 400

if TYPE_CHECKING:
    _BaseLoader = yaml.SafeLoader
else:
    _BaseLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BaseLoader):
    """Composes nodes; leaves it to `_Reader` what a scalar means."""

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:  # noqa: ARG002 - PyYAML's signature
        """The tag of a node that has none: plain scalars stay unresolved, quoted ones are strings."""
        if kind is ScalarNode:
            return "plain" if implicit[0] else _PREFIX + "str"
        return _PREFIX + ("map" if kind is MappingNode else "seq")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a text that YAML or JSON does not allow. Lines and columns count from 1."""

    rule: str
    line: int
    column: int
    message: str
    hint: str = ""


@dataclass(slots=True)
class Parsed:
    """What a text holds; ``value`` is None if it could not be parsed at all."""

    value: Any = None
    problems: list[Problem] = field(default_factory=list[Problem])
    is_readable: bool = True


def parse_yaml(text: str) -> Parsed:
    """Read one YAML document.

    The merge key ``<<`` of YAML 1.1 is followed, because documents use it: what
    a mapping says itself comes before what it merges.
    Keys of mappings are strings, as they are written. ``yes``, ``on`` and
    dates are strings, too. Duplicate keys and unknown tags are problems, but
    reading goes on.
    """
    parsed = Parsed()
    try:
        node = _compose(text)
    except yaml.YAMLError as error:
        parsed.is_readable = False
        parsed.problems.append(_problem(error, text))
        return parsed
    if node is not None:
        reader = _Reader(parsed)
        parsed.value = reader.read(node, 0)
    return parsed


def position_in_yaml(text: str, pointer: Sequence[str | int], *, of_key: bool) -> tuple[int, int]:
    """Line and column of the value that a JSON pointer leads to, or of the key that names it.

    As far as the pointer leads: the position of the nearest node that exists.
    """
    try:
        node = _composed(text)
    except yaml.YAMLError:
        return 1, 1
    if node is None:
        return 1, 1
    named = node
    for step in pointer:
        found = _enter(node, step)
        if found is None:
            break
        named, node = found
    mark = (named if of_key else node).start_mark
    return mark.line + 1, mark.column + 1


def _enter(node: Node, step: str | int, seen: frozenset[int] = frozenset()) -> tuple[Node, Node] | None:
    if id(node) in seen:
        return None
    if isinstance(node, MappingNode):
        for key, value in reversed(node.value):
            if isinstance(key, ScalarNode) and key.value == str(step):
                return key, value
        seen |= {id(node)}
        merges = [one for key, value in node.value if _is_merge(key) for one in _merged(value)]
        return next((found for one in merges if (found := _enter(one, step, seen))), None)
    if isinstance(node, SequenceNode) and str(step).isdecimal() and int(step) < len(node.value):
        item = node.value[int(step)]
        return item, item
    return None


def _is_merge(key: Node) -> bool:
    return isinstance(key, ScalarNode) and key.tag == "plain" and key.value == "<<"


def _merged(value: Node) -> list[Node]:
    """The nodes that a merge key names, the strongest first."""
    return list(value.value) if isinstance(value, SequenceNode) else [value]


@lru_cache(maxsize=32)
def _composed(text: str) -> Node | None:
    """The nodes of a file, kept for the next question: there may be one about each of its lines."""
    return _compose(text)


def _compose(text: str) -> Node | None:
    loader = _Loader(text)
    try:
        node: Node | None = loader.get_single_node()
        return node
    except RecursionError:
        raise yaml.YAMLError("nested too deeply") from None
    finally:
        loader.dispose()


def _problem(error: yaml.YAMLError, text: str) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        words = ", ".join(part for part in (error.context, error.problem) if part)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return Problem("yaml-syntax", line, column, words)
    if isinstance(error, yaml.reader.ReaderError):
        position: Any = error.position
        before = text[: position if isinstance(position, int) else 0]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return Problem("yaml-syntax", line, column, f"this character is not allowed in YAML: {error.reason}")
    return Problem("yaml-syntax", 1, 1, " ".join(str(error).split()))


class _Reader:
    """Turns composed nodes into values."""

    def __init__(self, parsed: Parsed) -> None:
        self._parsed = parsed
        self._values: dict[int, Any] = {}
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()
        self._count = 0

    def read(self, node: Node, depth: int) -> Any:
        if isinstance(node, ScalarNode):
            self._count += 1
            return self._scalar(node)
        identity = id(node)
        if identity in self._values:
            self._count += self._sizes[identity]
            if self._count > _MAX_NODES:
                self._complain(node, "yaml-alias", "aliases multiply this document beyond all bounds")
                return None
            return self._values[identity]
        if identity in self._open:
            self._complain(node, "yaml-alias", "this alias is inside of what it stands for")
            return None
        if depth > _MAX_DEPTH:
            self._complain(node, "yaml-syntax", f"nested more than {_MAX_DEPTH} levels deep")
            return None
        before = self._count
        self._open.add(identity)
        value = self._mapping(node, depth) if isinstance(node, MappingNode) else self._sequence(node, depth)
        self._open.discard(identity)
        self._values[identity] = value
        self._sizes[identity] = self._count - before
        return value

    def _sequence(self, node: Node, depth: int) -> list[Any]:
        if node.tag != _PREFIX + "seq":
            self._complain_of_tag(node)
        return [self.read(item, depth + 1) for item in node.value]

    def _mapping(self, node: MappingNode, depth: int) -> dict[str, Any]:
        if node.tag != _PREFIX + "map":
            self._complain_of_tag(node)
        values: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if _is_merge(key):
                for one in _merged(value):
                    content = self.read(one, depth + 1)
                    if is_object(content):
                        merged = content | merged
                    else:
                        self._complain(one, "yaml-merge", "`<<` can only merge mappings")
                continue
            if not isinstance(key, ScalarNode):
                self._complain(key, "yaml-key", "a key must be a plain value, not a mapping or a sequence")
                continue
            if key.value in values:
                self._complain(key, "duplicate-key", f"the key `{key.value}` is given twice in this mapping")
            values[key.value] = self.read(value, depth + 1)
        return merged | values if merged else values

    def _scalar(self, node: ScalarNode) -> Any:
        text = node.value
        if node.tag == "plain":
            return _plain(text)
        kind = node.tag.removeprefix(_PREFIX)
        if kind in {"str", "!"}:
            return text
        if kind in {"int", "float", "bool", "null"}:
            return _plain(text)
        self._complain_of_tag(node)
        return text

    def _complain_of_tag(self, node: Node) -> None:
        self._complain(node, "yaml-tag", f"the tag `{node.tag}` has no meaning here")

    def _complain(self, node: Node, rule: str, message: str) -> None:
        mark = node.start_mark
        self._parsed.problems.append(Problem(rule, mark.line + 1, mark.column + 1, message))


def _plain(text: str) -> Any:
    if text[:1] in _NUMBER_START and 0 < len(text) < _MAX_NUMBER:
        if _INTEGER.fullmatch(text):
            return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        if _SPECIAL_FLOAT.fullmatch(text):
            return float(text.replace(".", "", 1))
        return text
    if text in _NULL:
        return None
    return _BOOLEAN.get(text, text)
