"""The modules that all Python targets have: models and messages."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..target import HEADER
from .annotations import Used
from .classes import ClassBuilder
from .text import docstring, import_lines, inside_docstring, quote

if TYPE_CHECKING:
    from jinja2 import Environment


def render_template(target: str, name: str, values: Mapping[str, Any]) -> str:
    """Lay out a view with a template: that of a target's folder, or one that all Python targets share."""
    environment = _environment(_custom.get())
    chosen = environment.select_template(
        [f"custom:{name}", f"{target}/templates/{name}", f"python/templates/{name}"]
    )
    return chosen.render(header=f"# {HEADER}", **values)


def models_view(builder: ClassBuilder) -> dict[str, Any]:
    """What the template of ``models.py`` lays out."""
    used = Used()
    classes = builder.model_classes(used)
    return {"classes": classes, "imports": import_lines(used.imports)}


def model_imports(builder: ClassBuilder, names: Iterable[str]) -> set[tuple[str, str]]:
    """What a sibling of ``models.py`` imports from it."""
    return {(".models", builder.class_names[name]) for name in names}


_custom: ContextVar[Path | None] = ContextVar("_custom", default=None)


@contextmanager
def templates_in(folder: Path | None) -> Generator[None]:
    """Take templates from a folder, where it has one of the wanted name, before those of the target."""
    token = _custom.set(folder)
    try:
        yield
    finally:
        _custom.reset(token)


@cache
def _environment(custom: Path | None) -> Environment:
    from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined

    own = FileSystemLoader(Path(__file__).parents[1])
    loaders = [own] if custom is None else [PrefixLoader({"custom": FileSystemLoader(custom)}, ":"), own]
    environment = Environment(
        loader=ChoiceLoader(loaders),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        autoescape=False,  # noqa: S701 - the output is Python, quoted by the filters below
    )
    filters: dict[str, Any] = environment.filters
    filters.update(docstring=docstring, quote=quote, inside_docstring=inside_docstring)
    return environment
