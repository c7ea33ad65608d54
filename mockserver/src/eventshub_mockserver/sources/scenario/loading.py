"""Reads scenarios from files, and finds everything that is wrong with them before they run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any, Final

from .blocks import Choose, Include, Repeat
from .checks import checked
from .document import Document, Path, Place, Problem, ScenarioError, is_list, is_mapping, read_document
from .scenario import Scenario
from .shape import shape_problems, step_around
from .sketch import SAMPLES, Sketch
from .steps import (
    ClearFaults,
    Close,
    Credential,
    Delay,
    Expect,
    ExpectNone,
    Fault,
    Note,
    Publish,
    Simulate,
    Step,
    WaitFor,
)
from .templates import TemplateError, Values, places_of_templates

LIBRARY: Final = FilePath(__file__).parents[2] / "scenarios"
"""The folder of the scenarios that come with this package."""
_DEEPEST: Final = 16


def library() -> list[str]:
    """The names of the scenarios that come with this package."""
    return sorted(file.stem for file in LIBRARY.glob("*.yaml"))


def load_scenario(
    name_or_path: str | FilePath,
    *,
    folder: FilePath | None = None,
    seed: int | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Scenario:
    """Read a scenario and check all of it, with all that it includes.

    Args:
        name_or_path: a name of the library, or a file ending in .yaml or .yml.
        folder: where a relative file is looked for; the working directory by default.
        seed: instead of the file's own.
        variables: values instead of the file's own.

    Raises:
        ScenarioError: something is wrong; the text has a line with file, line
            and column for each thing, and what is allowed there.
    """
    here = Place(str(name_or_path), 1, 1)
    loader = _Loader()
    found = _found(str(name_or_path), folder or FilePath(), here)
    return loader.result(loader.load(found, here, dict(variables or {}), ()), seed)


def read_scenario(
    text: str,
    *,
    name: str = "scenario.yaml",
    seed: int | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Scenario:
    """Like ``load_scenario``, from a text in memory; no file is opened but those of the library.

    Args:
        text: the YAML.
        name: stands for its file in errors and failures.
        seed: instead of the text's own.
        variables: values instead of the text's own.

    Raises:
        ScenarioError: something is wrong; the text has a line with name, line
            and column for each thing, and what is allowed there.
    """
    loader = _Loader(only_library=True)
    document = read_document(text, name)
    path = LIBRARY / name
    scenario = _FileLoader(loader, document, path, (path,)).load(Place(name, 1, 1), dict(variables or {}))
    return loader.result(scenario, seed)


def _found(name: str, folder: FilePath, place: Place) -> FilePath:
    path = FilePath(name)
    if path.suffix in (".yaml", ".yml"):
        return folder / path
    if name in library():
        return LIBRARY / f"{name}.yaml"
    text = f"there is no scenario {name!r}: name a file ending in .yaml, or one of {', '.join(library())}"
    raise ScenarioError([Problem(place, text)])


class _Loader:
    """Loads a file and what it includes, and collects what is wrong."""

    def __init__(self, *, only_library: bool = False) -> None:
        self.problems: list[Problem] = []
        self._only_library = only_library

    def result(self, scenario: Scenario | None, seed: int | None) -> Scenario:
        """What was loaded, if nothing is wrong.

        Raises:
            ScenarioError: something is.
        """
        if self.problems:
            raise ScenarioError(self.problems)
        if scenario is None:
            raise RuntimeError("a scenario without problems was not loaded")
        return scenario if seed is None else replace(scenario, seed=seed)

    def load(
        self, path: FilePath, place: Place, given: Mapping[str, Any], chain: tuple[FilePath, ...]
    ) -> Scenario | None:
        """Load one file; ``None`` when something is so wrong that nothing can be made of it."""
        resolved = path.resolve()
        if self._only_library and not resolved.is_relative_to(LIBRARY):
            self._complain(place, f"{path.name} is not of the library, and here no other file is opened")
            return None
        if resolved in chain:
            self._complain(place, f"{path} includes itself, by way of {' and '.join(p.name for p in chain)}")
            return None
        if len(chain) >= _DEEPEST:
            self._complain(place, f"scenarios include one another more than {_DEEPEST} deep")
            return None
        try:
            document = read_document(path.read_text(encoding="utf-8"), str(path))
        except ScenarioError as error:
            self.problems += error.problems
            return None
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            self._complain(place, f"cannot read {path}: {reason}")
            return None
        return _FileLoader(self, document, path, (*chain, resolved)).load(place, given)

    def _complain(self, place: Place, text: str) -> None:
        self.problems.append(Problem(place, text))


class _FileLoader:
    """Makes a scenario of one document."""

    def __init__(
        self, loader: _Loader, document: Document, path: FilePath, chain: tuple[FilePath, ...]
    ) -> None:
        self._loader = loader
        self._document = document
        self._path = path
        self._chain = chain
        self._broken: set[Path] = set()
        """Steps whose shape is wrong."""

    def load(self, place: Place, given: Mapping[str, Any]) -> Scenario | None:
        """See ``_Loader.load``."""
        document = self._document
        before = len(self._loader.problems)
        sketch = Sketch(document, given)
        found = list(sketch.problems.items())
        # A template that stands for nothing is of the wrong type as well: that would say it twice.
        found += [
            (path, problem)
            for path, problem in shape_problems(document, sketch.data)
            if path not in sketch.problems
        ]
        self._loader.problems += [problem for _, problem in found]
        self._broken = {step_around(path) for path, _ in found}
        data: Any = document.data
        own: Any = data.get("variables", {}) if is_mapping(data) else None
        if not is_mapping(own) or not is_list(data.get("steps")):
            return None
        for name in given:
            if name not in own:
                known = ", ".join(own) or "none"
                self._loader.problems.append(
                    Problem(place, f"{self._path} has no variable {name!r}: there is {known}")
                )
        scope: dict[str, list[Any]] = {}
        for name, value in own.items():
            scope[name] = self._samples(("variables", name), value, scope)
            if name in given:
                scope[name] = [given[name]]
        steps = self._steps(("steps",), data["steps"], scope | {k: [v] for k, v in SAMPLES.items()})
        if len(self._loader.problems) > before:
            return None
        return Scenario(
            self._path.stem,
            data.get("title", ""),
            data.get("survive", ""),
            data.get("seed", 0),
            {**own, **given},
            steps,
            document.place(("steps",)),
        )

    def _steps(self, path: Path, given: list[Any], scope: dict[str, list[Any]]) -> tuple[Step, ...]:
        found = (
            self._step((*path, index), step, scope)
            for index, step in enumerate(given)
            if (*path, index) not in self._broken
        )
        return tuple(step for step in found if step is not None)

    def _step(self, path: Path, given: dict[str, Any], scope: dict[str, list[Any]]) -> Step | None:
        ((kind, value),) = given.items()
        path = (*path, kind)
        place = self._document.place(path)
        match kind:
            case "repeat":
                return self._repeat(path, value, scope)
            case "choose":
                branches = tuple(
                    self._steps((*path, index, "steps"), branch["steps"], scope)
                    for index, branch in enumerate(value)
                )
                return Choose(place, tuple(float(branch.get("weight", 1.0)) for branch in value), branches)
            case "include":
                return self._include(path, value, scope)
            case _:
                for sample in self._samples(path, value, scope):
                    for problem in checked(kind, sample):
                        self._problem((*path, *problem.path), problem.text)
                return _simple(kind, place, value)

    def _repeat(self, path: Path, given: dict[str, Any], scope: dict[str, list[Any]]) -> Step | None:
        if ("times" in given) == ("for_each" in given):
            self._problem(path, "repeat needs either times or for_each")
            return None
        place = self._document.place(path)
        name = given.get("as", "item")
        inner = {**scope, "index": [1]}
        times, items = given.get("times"), given.get("for_each", [])
        heads = self._samples(path, items if times is None else times, scope)
        if times is None:
            inner[name] = [item for head in heads for item in head][:100]
        return Repeat(place, times, items, name, self._steps((*path, "steps"), given["steps"], inner))

    def _include(self, path: Path, given: dict[str, Any], scope: dict[str, list[Any]]) -> Step | None:
        place = self._document.place((*path, "scenario"))
        variables = given.get("variables", {})
        samples = self._samples((*path, "variables"), variables, scope)
        try:
            file = _found(given["scenario"], self._path.parent, place)
        except ScenarioError as error:
            self._loader.problems += error.problems
            return None
        included = self._loader.load(file, place, samples[0] if samples else {}, self._chain)
        if included is None:
            return None
        return Include(place, included.variables, variables, included.steps)

    def _samples(self, path: Path, value: Any, scope: dict[str, list[Any]]) -> list[Any]:
        """The value with templates replaced: once, and once more for each further item of a loop."""
        problems = len(self._loader.problems)
        for inner, text in places_of_templates(value):
            try:
                Values.samples({name: found[0] for name, found in scope.items() if found}).render(text)
            except TemplateError as error:
                self._problem((*path, *inner), str(error))
        if len(self._loader.problems) > problems:
            return []
        return [Values.samples(names).render(value) for names in _combinations(scope)]

    def _problem(self, path: Path, text: str) -> None:
        self._loader.problems.append(Problem(self._document.place(path), text))


def _combinations(scope: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    first = {name: values[0] for name, values in scope.items() if values}
    yield first
    for name, values in scope.items():
        for value in values[1:]:
            yield {**first, name: value}


def _simple(kind: str, place: Place, value: Any) -> Step:
    match kind:
        case "note":
            return Note(place, value)
        case "publish":
            return Publish(place, value)
        case "delay":
            return Delay(place, value)
        case "wait_for":
            return WaitFor(place, value)
        case "expect":
            return Expect(place, value)
        case "expect_none":
            return ExpectNone(place, value)
        case "fault":
            return Fault(place, value)
        case "clear_faults":
            return ClearFaults(place)
        case "close":
            return Close(place, value)
        case "simulate":
            return Simulate(place, value)
        case _:
            return Credential(place, value, is_restored=kind == "restore")
