"""Parameters and secrets as arguments of methods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...ir.access import Parameter, Security, SecurityScheme
from ...ir.spec import Spec
from ...ir.types import Array, Enum, Named, Type
from ..python.annotations import AnnotationWriter, Used
from ..python.naming import attribute_names, snake, unique
from ..python.text import quote, tuple_of

_RESERVED = frozenset(
    ["self", "body", "message", "timeout", "runtime", "rest", "protocol", "cast", "object", "values"]
)
_CLIENT = frozenset(["self", "url", "rest_url", "settings"])


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter of a generated method."""

    name: str
    annotation: str
    default: str
    """Empty if it has to be given."""
    doc: str
    key: str
    """What its value is found by: the name of the argument."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """A parameter of the client's constructor that takes a secret."""

    name: str
    scheme: SecurityScheme

    @property
    def doc(self) -> str:
        """What to give."""
        where = {
            "bearer": "a bearer token",
            "basic": "`user:password`",
            "header": f"for the header {self.scheme.key}",
            "query": f"for the query parameter {self.scheme.key}",
            "cookie": f"for the cookie {self.scheme.key}",
        }[self.scheme.kind]
        description = " ".join(self.scheme.description.split())
        first = description.partition(". ")[0].rstrip(".")
        return f"{where}{f'; {first}' if first and len(first) < 120 else ''}."

    @property
    def table(self) -> str:
        """The scheme as an expression."""
        scheme = self.scheme
        key = f", key={quote(scheme.key)}" if scheme.key else ""
        return (
            f"runtime.SecurityScheme(name={quote(scheme.name)}, keyword={quote(self.name)}, "
            f"kind={quote(scheme.kind)}{key})"
        )


def secret_keywords(spec: Spec) -> list[Keyword]:
    """One keyword for each security scheme that something asks for."""
    asked = {
        name
        for security in (
            *(stream.security for stream in spec.streams),
            *(each.security for each in spec.endpoints),
        )
        for names in security
        for name in names
    }
    found: list[Keyword] = []
    taken: set[str] = set(_CLIENT)
    for scheme in spec.security_schemes:
        if scheme.name in asked:
            name = unique(snake(scheme.name, "secret"), taken)
            taken.add(name)
            found.append(Keyword(name, scheme))
    return found


def arguments(
    parameters: Iterable[Parameter],
    spec: Spec,
    writer: AnnotationWriter,
    used: Used,
) -> list[tuple[Parameter, Argument]]:
    """An argument for each parameter; those that have to be given come first."""
    listed = list(parameters)
    keys = [f"{parameter.location}:{parameter.name}" for parameter in listed]
    names = attribute_names(
        ((key, parameter.name) for key, parameter in zip(keys, listed, strict=True)), _RESERVED
    )
    found: list[tuple[Parameter, Argument]] = []
    for key, parameter in zip(keys, listed, strict=True):
        annotation = writer.write(parameter.type, used, parameter.origin)
        if _holds_enum(parameter.type, spec):
            annotation = annotation.replace("...", "…")
            annotation = _with_text(annotation).replace("…", "...")
        default = ""
        if parameter.default is not None:
            default = quote(parameter.default)
        elif not parameter.is_required:
            annotation += " | UnsetType"
            default = "UNSET"
            used.imports |= {("msgspec", "UNSET"), ("msgspec", "UnsetType")}
        doc = " ".join(parameter.description.split())
        if parameter.choices:
            listed_choices = ", ".join(parameter.choices[:12]) + (
                ", ..." if len(parameter.choices) > 12 else ""
            )
            doc = f"{doc} One of: {listed_choices}.".strip()
        found.append((parameter, Argument(names[key], annotation, default, doc, names[key])))
    return sorted(found, key=lambda entry: bool(entry[1].default))


def parameter_table(parameter: Parameter, argument: Argument) -> str:
    """A parameter as an expression."""
    parts = [
        f"name={quote(parameter.name)}",
        f"argument={quote(argument.key)}",
        f"location={quote(parameter.location)}",
        f"style={quote(parameter.style)}",
    ]
    parts += ["explode=True"] if parameter.explode else []
    parts += ["allows_reserved=True"] if parameter.allows_reserved else []
    parts += ["is_json=True"] if parameter.is_json else []
    return f"runtime.Parameter({', '.join(parts)})"


def security_table(security: Security, spec: Spec) -> str:
    """The alternatives as an expression; names that nobody can give a secret for are left out."""
    known = {scheme.name for scheme in spec.security_schemes}
    return tuple_of(tuple_of(map(quote, names)) for names in security if known.issuperset(names))


def documented(summary: str, listed: Iterable[Argument]) -> str:
    """A docstring's text: the summary, and what each argument is."""
    lines = [f"    {argument.name}: {argument.doc}" for argument in listed if argument.doc]
    text = summary.strip() or "See the document."
    return "\n\n".join([text, "\n".join(["Args:", *lines])]) if lines else text


def _holds_enum(kind: Type, spec: Spec) -> bool:
    inner = kind.items if isinstance(kind, Array) and not kind.prefix else kind
    return isinstance(inner, Named) and isinstance(spec.declarations.get(inner.name), Enum)


def _with_text(annotation: str) -> str:
    """The same where plain text is as good as a member of an enum."""
    if annotation.startswith("tuple["):
        inner = annotation.removeprefix("tuple[").partition(",")[0]
        return f"tuple[{inner} | str, …]"
    return f"{annotation} | str"
