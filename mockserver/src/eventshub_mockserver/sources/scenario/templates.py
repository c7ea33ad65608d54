"""``${…}`` in the texts of a scenario."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, Final

from ...core.clock import Clock, ManualClock, rfc3339
from .document import Path, is_list, is_mapping

_TEMPLATE: Final = re.compile(r"\$\$\{|\$\{([^}]*)\}")
_WHOLE: Final = re.compile(r"\$\{([^}]*)\}")
_NAME: Final = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")
_NOW: Final = re.compile(r"now(?:([+-])(\d+(?:\.\d+)?))?")
BUILT_IN: Final = ("counter", "uuid", "now")
"""Names that mean something new each time; ``now`` may have seconds added, as in ``${now+60}``."""


class TemplateError(ValueError):
    """A template names what there is not."""


class Values:
    """What the names in templates stand for."""

    def __init__(self, names: Mapping[str, Any], clock: Clock, source: random.Random) -> None:
        self._names = dict(names)
        self._clock = clock
        self._random = source
        self._counter = count(1)

    @classmethod
    def samples(cls, names: Mapping[str, Any]) -> Values:
        """Values for checking what does not run yet."""
        return cls(names, ManualClock(), random.Random(0))  # noqa: S311 - samples

    def within(self, names: Mapping[str, Any]) -> Values:
        """Values of the same time and chance in which these names stand for something, and no others."""
        inner = Values(names, self._clock, self._random)
        inner._counter = self._counter
        return inner

    def bind(self, **names: Any) -> None:
        """Let names stand for values from now on."""
        self._names.update(names)

    def render(self, value: Any) -> Any:
        """The value with all templates in it replaced; one that is a whole text keeps its value's type.

        Raises:
            TemplateError: a name stands for nothing; the text lists those that there are.
        """
        if isinstance(value, str):
            return self._text(value)
        if is_list(value):
            return [self.render(item) for item in value]
        if is_mapping(value):
            return {key: self.render(item) for key, item in value.items()}
        return value

    def _text(self, text: str) -> Any:
        whole = _WHOLE.fullmatch(text)
        if whole is not None:
            return self._value(whole[1])
        return _TEMPLATE.sub(self._written, text)

    def _written(self, found: re.Match[str]) -> str:
        return "${" if found[1] is None else _as_text(self._value(found[1]))

    def _value(self, written: str) -> Any:
        name = written.strip()
        now = _NOW.fullmatch(name)
        if now is not None:
            seconds = float(now[2] or 0) * (-1 if now[1] == "-" else 1)
            return rfc3339(self._clock.time() + seconds)
        if name == "counter":
            return next(self._counter)
        if name == "uuid":
            return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        if _NAME.fullmatch(name) is None:
            raise TemplateError(f"${{{written}}} is no name: write ${{name}}, ${{name.key}} or ${{now+60}}")
        first, *keys = name.split(".")
        if first not in self._names:
            known = ", ".join(sorted({*self._names, *BUILT_IN}))
            raise TemplateError(f"${{{name}}} stands for nothing here: there is {known}")
        value: Any = self._names[first]
        for key in keys:
            if not is_mapping(value) or key not in value:
                raise TemplateError(f"${{{name}}} stands for nothing here: there is no key {key!r}")
            value = value[key]
        return value


def places_of_templates(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Each text that holds a template, with the way to it."""
    if isinstance(value, str):
        if _TEMPLATE.search(value):
            yield path, value
    elif is_mapping(value):
        for key, item in value.items():
            yield from places_of_templates(item, (*path, key))
    elif is_list(value):
        for index, item in enumerate(value):
            yield from places_of_templates(item, (*path, index))


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
