"""What an entry of the catalogue of faults says: its parameters, their types and bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..core.interference import Step

Value = str | int | float | bool | None

_TRUTH: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NAMES: Final[Mapping[type, str]] = {
    int: "a whole number",
    float: "a number",
    str: "a text",
    bool: "true or false",
}


class FaultError(ValueError):
    """A fault is described wrongly; the text names the key and says what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One thing that can be chosen about a fault."""

    name: str
    """In kebab-case."""
    kind: type[int | float | str | bool]
    meaning: str
    default: Value = None
    """``None`` when what happens without it is said in ``meaning``."""
    is_required: bool = False
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()

    def read(self, value: object) -> Value:
        """Check a value; text, as a command line has it, is converted to the parameter's type.

        Raises:
            FaultError: the value is of another type, or out of bounds.
        """
        if value is None and not self.is_required:
            return self.default
        converted = _converted(self.kind, value)
        if converted is None or not self._is_allowed(converted):
            raise FaultError(f"{self.name} must be {self.allowed}, got {_shown(value)}")
        return converted

    @property
    def allowed(self) -> str:
        """What a value may be, in words."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        name = _NAMES[self.kind]
        if self.minimum is not None and self.maximum is not None:
            return f"{name} from {self.minimum:g} to {self.maximum:g}"
        if self.minimum is not None:
            return f"{name} of at least {self.minimum:g}"
        return name

    def _is_allowed(self, value: str | float) -> bool:
        if isinstance(value, str):
            return bool(value) and (not self.choices or value in self.choices)
        return (self.minimum is None or value >= self.minimum) and (
            self.maximum is None or value <= self.maximum
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultEntry:
    """One way to misbehave."""

    id: str
    """In kebab-case."""
    summary: str
    """One line."""
    does: str
    """What happens on the wire."""
    steps: tuple[Step, ...]
    """Where it may act; the first is where it does unless told otherwise."""
    parameters: tuple[Parameter, ...] = ()
    advice: str
    """What a good client does about it."""
    example: Mapping[str, Value]
    """A rule, without the fault's ID."""

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """Its own parameters, after the step where there is a choice."""
        if len(self.steps) == 1:
            return self.parameters
        steps = tuple(step.value for step in self.steps)
        step = Parameter(name="step", kind=str, meaning="where it strikes", default=steps[0], choices=steps)
        return (step, *self.parameters)


CHANNEL: Final = Parameter(
    name="channel", kind=str, meaning="only messages of this channel; any if not given"
)
MESSAGE: Final = Parameter(name="message", kind=str, meaning="only messages of this name; any if not given")


def _converted(kind: type, value: object) -> str | int | float | bool | None:
    """The value as that type, ``None`` when it is none."""
    if isinstance(value, str):
        return _parsed(kind, value)
    if isinstance(value, bool):
        return value if kind is bool else None
    if kind is int and isinstance(value, int):
        return value
    if kind is float and isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return None


def _parsed(kind: type, text: str) -> str | int | float | bool | None:
    if kind is str:
        return text
    if kind is bool:
        return _TRUTH.get(text.lower())
    try:
        number = int(text) if kind is int else float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
