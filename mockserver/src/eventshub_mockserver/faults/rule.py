"""A fault that was asked for: which one, with what parameters, for whom and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from ..core.interference import Step
from .catalogue import CATALOGUE
from .entry import FaultEntry, FaultError, Parameter, Value

__all__ = ["SCOPE", "FaultError", "FaultRule", "parse_fault"]

SCOPE: Final = (
    Parameter(name="connection", kind=str, meaning="only the connection with this client ID"),
    Parameter(
        name="credential", kind=str, meaning="only connections and requests with the credential of this name"
    ),
    Parameter(name="times", kind=int, meaning="how often it strikes; always if not given", minimum=1),
    Parameter(
        name="probability",
        kind=float,
        meaning="how likely it strikes each time",
        default=1.0,
        minimum=0,
        maximum=1,
    ),
    Parameter(name="seed", kind=int, meaning="seed of the probability", default=0),
)
"""What can be chosen about every fault."""
_OF_MESSAGES: Final = (Step.WELCOME, Step.EVENT, Step.REPLY)
_NO_CONNECTION: Final = frozenset({Step.CONNECT, Step.HANDSHAKE, Step.REST})


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One fault with its parameters and its scope.

    Raises:
        FaultError: the catalogue has no such fault, or does not allow a
            parameter; the text names the key and says what is allowed.
    """

    fault: str
    """ID in the catalogue."""
    parameters: Mapping[str, Value] = field(default_factory=dict[str, Value], hash=False)
    """By name in kebab-case; once made, a rule has all that the catalogue knows, defaults filled in."""
    connection: str | None = None
    """Client ID of the one connection that is meant."""
    credential: str | None = None
    """Name of the one credential that is meant. Neither this nor ``connection``: everybody."""
    times: int | None = None
    """How often it strikes in all; ``None`` for always."""
    probability: float = 1.0
    """How likely it strikes when it could, drawn from ``seed``."""
    seed: int = 0

    def __post_init__(self) -> None:
        entry = CATALOGUE.get(self.fault)
        if entry is None:
            raise FaultError(f"unknown fault {self.fault!r}: there are {', '.join(CATALOGUE)}")
        try:
            object.__setattr__(self, "parameters", _completed(entry, self.parameters))
            for parameter in SCOPE:
                object.__setattr__(self, parameter.name, parameter.read(getattr(self, parameter.name)))
            self._check_scope()
        except FaultError as error:
            raise FaultError(f"fault {self.fault}: {error}") from None

    @property
    def entry(self) -> FaultEntry:
        """What the catalogue says about the fault."""
        return CATALOGUE[self.fault]

    @property
    def step(self) -> Step:
        """Where it strikes."""
        return Step(str(self.parameters.get("step", self.entry.steps[0])))

    def as_dict(self) -> dict[str, Value]:
        """The rule as ``parse_fault`` reads it, without what is left at its default."""
        defaults: dict[str, Value] = {p.name: p.default for p in (*self.entry.all_parameters, *SCOPE)}
        chosen: dict[str, Value] = {**self.parameters, **{p.name: getattr(self, p.name) for p in SCOPE}}
        return {"fault": self.fault, **{k: v for k, v in chosen.items() if v != defaults[k]}}

    def number(self, name: str) -> float:
        """A parameter that is a number."""
        value = self.parameters[name]
        if not isinstance(value, int | float):
            raise TypeError(f"{name} of {self.fault} is no number")
        return value

    def text(self, name: str) -> str | None:
        """A parameter that is a text, ``None`` when it was not given."""
        value = self.parameters.get(name)
        return None if value is None else str(value)

    def _check_scope(self) -> None:
        if self.connection is not None and self.step in _NO_CONNECTION:
            raise FaultError(f"connection cannot be chosen at the step {self.step}: there is none yet")
        if self.credential is not None and self.step is Step.CONNECT:
            raise FaultError("credential cannot be chosen at the step connect: none has been shown yet")
        if self.step not in _OF_MESSAGES:
            for name in ("channel", "message"):
                if self.parameters.get(name) is not None:
                    steps = ", ".join(step for step in self.entry.steps if step in _OF_MESSAGES)
                    raise FaultError(f"{name} cannot be chosen at the step {self.step}, only at {steps}")


def parse_fault(value: str | Mapping[str, Any]) -> FaultRule:
    """Read a fault from text, as a command line has it, or from a mapping, as YAML and JSON have it.

    ``refuse:status=503,retry-after=2,times=2`` and ``{"fault": "refuse",
    "status": 503, "retry-after": 2, "times": 2}`` are the same; names may be
    written with ``_`` for ``-``. Text that begins with ``{`` is such a mapping
    in JSON: values with commas can be written so.

    Raises:
        FaultError: it is not as the catalogue wants it; the text names the key
            and says what is allowed.
    """
    if isinstance(value, str):
        given = _from_json(value) if value.lstrip().startswith("{") else _from_text(value)
    else:
        given = _from_mapping(value)
    fault = given.pop("fault", None)
    if not isinstance(fault, str):
        raise FaultError(f"fault is missing: one of {', '.join(CATALOGUE)}")
    scope = {p.name: given.pop(p.name) for p in SCOPE if given.get(p.name) is not None}
    return FaultRule(fault, given, **scope)


def _from_text(text: str) -> dict[str, Any]:
    fault, _, rest = text.partition(":")
    given: dict[str, Any] = {"fault": fault.strip()}
    for part in filter(None, (part.strip() for part in rest.split(","))):
        key, equals, value = part.partition("=")
        name = _name(key)
        if not equals:
            raise FaultError(f"fault {fault.strip()}: {part!r} is not KEY=VALUE")
        if name in given:
            raise FaultError(f"fault {fault.strip()}: {name} is given twice")
        given[name] = value.strip()
    return given


def _from_json(text: str) -> dict[str, Any]:
    try:
        return _from_mapping(msgspec.json.decode(text, type=dict[str, Any]))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise FaultError(f"a fault in braces must be JSON: {error}") from error


def _from_mapping(mapping: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for key, value in mapping.items():
        name = _name(str(key))
        if name in given:
            raise FaultError(f"{name} is given twice")
        given[name] = value
    return given


def _name(key: str) -> str:
    return key.strip().replace("_", "-")


def _completed(entry: FaultEntry, given: Mapping[str, Value]) -> dict[str, Value]:
    parameters = {parameter.name: parameter for parameter in entry.all_parameters}
    values = {_name(key): value for key, value in given.items()}
    for name in values:
        if name not in parameters:
            known = ", ".join([*parameters, *(p.name for p in SCOPE)])
            raise FaultError(f"unknown key {name!r}: there are {known}")
    for name, parameter in parameters.items():
        if parameter.is_required and values.get(name) is None:
            raise FaultError(f"{name} is missing: {parameter.allowed}")
    return {name: parameter.read(values.get(name)) for name, parameter in parameters.items()}
