"""The files of a specification: opened once, joined by their references, able to say where anything is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ..findings import Finding, Findings, Severity
from ..ir.json_values import is_array, is_object
from ..ir.origin import Origin
from .json_text import parse_json, position_in_json
from .yaml_text import Problem, parse_yaml, position_in_yaml

Pointer = tuple[str | int, ...]

_NAMED_CHILDREN = frozenset(
    [
        "properties",
        "patternProperties",
        "definitions",
        "$defs",
        "schemas",
        "messages",
        "channels",
        "operations",
        "parameters",
        "responses",
        "headers",
        "examples",
        "paths",
        "components",
        "callbacks",
        "links",
        "requestBodies",
        "securitySchemes",
        "servers",
        "correlationIds",
        "replies",
        "replyAddresses",
        "messageTraits",
        "operationTraits",
        "pathItems",
        "variables",
        "content",
        "encoding",
    ]
)
_PLAIN_DATA = frozenset(["const", "default", "enum", "example", "value"])


class Source:
    """One file. ``value`` is its content as plain data, None if it could not be read."""

    def __init__(self, path: Path, display: str, text: str, value: Any) -> None:
        self.path = path
        self.display = display
        self.value = value
        self.text = text
        self._positions: dict[tuple[Pointer, bool], tuple[int, int]] = {}

    def position(self, pointer: Pointer, *, of_key: bool = False) -> tuple[int, int]:
        """Line and column (from 1) of a value, or of the key that names it.

        Positions are not kept while reading, which keeps a run without
        findings quick and small; they are found when somebody asks.
        """
        key = (pointer, of_key)
        if key not in self._positions:
            locate = position_in_json if self.path.suffix == ".json" else position_in_yaml
            self._positions[key] = locate(self.text, pointer, of_key=of_key)
        return self._positions[key]


@dataclass(frozen=True, slots=True)
class Place:
    """A value inside of a file, and how to get there."""

    source: Source
    pointer: Pointer
    value: Any

    @property
    def origin(self) -> Origin:
        """Where this is, without the value."""
        return Origin(self.source.display, self.pointer)

    @property
    def last(self) -> str:
        """The last step of the way here."""
        return str(self.pointer[-1]) if self.pointer else self.source.path.stem

    def get(self, key: str) -> Place | None:
        """The value of a key; None if there is none, or this is no mapping."""
        if is_object(self.value) and key in self.value:
            return self.child(key)
        return None

    def child(self, step: str | int) -> Place:
        """The value one step further, which must exist."""
        return Place(self.source, (*self.pointer, step), self.value[step])

    def at(self, steps: Pointer) -> Place:
        """The value some steps further, which must exist."""
        place = self
        for step in steps:
            place = place.child(step)
        return place

    def entries(self) -> Iterator[tuple[str, Place]]:
        """Key and value of each entry; nothing if this is no mapping."""
        if is_object(self.value):
            for key in list(self.value):
                yield key, self.child(key)

    def items(self) -> Iterator[Place]:
        """Each item; nothing if this is no sequence."""
        if is_array(self.value):
            for index in range(len(self.value)):
                yield self.child(index)

    def text(self, key: str) -> str:
        """A string's content without space around; empty if there is no such string."""
        found = self.value.get(key) if is_object(self.value) else None
        return found.strip() if isinstance(found, str) else ""

    def is_true(self, key: str) -> bool:
        """Whether the key is there and ``true``."""
        return is_object(self.value) and self.value.get(key) is True

    def strings(self, key: str) -> tuple[str, ...]:
        """The strings of a list; empty if there is no such list."""
        found = self.value.get(key) if is_object(self.value) else None
        return tuple(item for item in found if isinstance(item, str)) if is_array(found) else ()

    @property
    def reference(self) -> str | None:
        """Where ``$ref`` points, if this is a reference."""
        found = self.value.get("$ref") if is_object(self.value) else None
        return found if isinstance(found, str) else None


class Workspace:
    """Opens files and follows references; reports what cannot be opened or followed."""

    def __init__(self, findings: Findings, directory: Path) -> None:
        """Files are named in findings relative to ``directory`` where they are inside of it."""
        self._findings = findings
        self._directory = directory
        self._sources: dict[str, Source | None] = {}
        self._neighbours: dict[tuple[Path, str], Source | None] = {}
        self._checked: set[str] = set()

    @property
    def has_errors(self) -> bool:
        """Whether anything was reported that is worse than a warning."""
        return self._findings.has_errors

    def report_file(self, rule: str, path: Path, message: str) -> None:
        """Add a finding about a whole file or folder."""
        self._findings.add(Finding(self._display(path.absolute()), 1, 1, rule, message))

    def open(self, path: Path) -> Source | None:
        """A file's content; None, and a finding, if it cannot be read at all."""
        normal = os.path.abspath(path)  # noqa: PTH100 - resolving links costs more than all else about a small file
        if normal not in self._sources:
            self._sources[normal] = self._read(Path(normal))
        return self._sources[normal]

    def report(
        self,
        rule: str,
        place: Place,
        message: str,
        hint: str = "",
        *,
        of_key: bool = False,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Add a finding at a place in a file."""
        line, column = place.source.position(place.pointer, of_key=of_key)
        self._findings.add(Finding(place.source.display, line, column, rule, message, hint, severity))

    def sources(self) -> list[Source]:
        """Every file that was opened and could be read."""
        return [source for source in self._sources.values() if source is not None]

    def place_of(self, origin: Origin) -> Place:
        """The value at a place that the intermediate representation remembers."""
        found = self._place(origin)
        return Place(found.source, (), found.source.value).at(origin.pointer)

    def report_at(self, origin: Origin, rule: str, message: str, hint: str = "") -> None:
        """Add a finding at a place that the intermediate representation remembers."""
        self.report(rule, self._place(origin), message, hint)

    def warn_at(self, origin: Origin, rule: str, message: str, hint: str = "") -> None:
        """Add a finding that fails nothing, at a place that the intermediate representation remembers."""
        self.warn(rule, self._place(origin), message, hint)

    def warn(self, rule: str, place: Place, message: str, hint: str = "", *, of_key: bool = False) -> None:
        """Add a finding that fails nothing."""
        self.report(rule, place, message, hint, of_key=of_key, severity=Severity.WARNING)

    def follow(self, place: Place) -> Place | None:
        """The value itself, past every ``$ref``; None if that leads nowhere, which is reported."""
        seen: set[Origin] = set()
        while (reference := place.reference) is not None:
            if place.origin in seen:
                self.report("circular-ref", place.child("$ref"), f"`{reference}` leads back to itself")
                return None
            seen.add(place.origin)
            target = self._target(place, reference, seen)
            if target is None:
                return None
            place = target
        return place

    def check_references(self) -> None:
        """Report every reference that leads nowhere, in every file that was opened, also transitively."""
        while waiting := [path for path in self._sources if path not in self._checked]:
            for path in waiting:
                self._checked.add(path)
                source = self._sources[path]
                if source is not None:
                    self._check_references(Place(source, (), source.value), are_names=False)

    def _check_references(self, place: Place, *, are_names: bool) -> None:
        if not are_names and place.reference is not None:
            self.follow(place)
            return
        for item in place.items():
            self._check_references(item, are_names=False)
        for key, child in place.entries():
            is_data = not are_names and (key in _PLAIN_DATA or (key == "examples" and is_array(child.value)))
            if not is_data and (is_object(child.value) or is_array(child.value)):
                self._check_references(child, are_names=not are_names and key in _NAMED_CHILDREN)

    def _target(self, place: Place, reference: str, seen: set[Origin]) -> Place | None:
        at = place.child("$ref")
        file, _, fragment = reference.partition("#")
        if "://" in file:
            self.report(
                "remote-ref", at, f"`{reference}` is not a file", "Copy the document and refer to the copy."
            )
            return None
        source: Source | None = place.source
        if file:
            neighbour = (place.source.path, file)
            if neighbour not in self._neighbours:
                path = place.source.path.parent / unquote(file)
                if not path.is_file():
                    hint = "Paths start at the referring file."
                    self.report("dangling-ref", at, f"there is no file `{file}`", hint)
                    return None
                self._neighbours[neighbour] = self.open(path)
            source = self._neighbours[neighbour]
        if source is None:
            return None
        target = Place(source, (), source.value)
        for step in _steps(fragment):
            if target.reference is not None and target.origin not in seen:
                seen.add(target.origin)
                followed = self.follow(target)
                if followed is None:
                    return None
                target = followed
            entered = _enter(target, step)
            if entered is None:
                hint = f"There is no `{step}` in {source.display}."
                self.report("dangling-ref", at, f"`{reference}` points at nothing", hint)
                return None
            target = entered
        return target

    def _read(self, path: Path) -> Source | None:
        display = self._display(path)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            self._add_problem(display, Problem("encoding", 1, 1, f"this is not UTF-8: {error.reason}"))
            return None
        except OSError as error:
            self._add_problem(
                display, Problem("unreadable-file", 1, 1, f"cannot read this file: {error.strerror}")
            )
            return None
        parsed = (parse_json if path.suffix == ".json" else parse_yaml)(text)
        for problem in parsed.problems:
            self._add_problem(display, problem)
        return Source(path, display, text, parsed.value) if parsed.is_readable else None

    def _place(self, origin: Origin) -> Place:
        source = next(source for source in self._sources.values() if source and source.display == origin.file)
        return Place(source, origin.pointer, None)

    def _display(self, path: Path) -> str:
        inside = self._directory in path.parents
        return path.relative_to(self._directory).as_posix() if inside else str(path)

    def _add_problem(self, display: str, problem: Problem) -> None:
        found = Finding(display, problem.line, problem.column, problem.rule, problem.message, problem.hint)
        self._findings.add(found)


def _steps(fragment: str) -> list[str]:
    pointer = unquote(fragment)
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _enter(place: Place, step: str) -> Place | None:
    if is_array(place.value) and step.isdecimal() and int(step) < len(place.value):
        return place.child(int(step))
    return place.get(step)
