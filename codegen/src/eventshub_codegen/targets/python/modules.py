"""The modules that all Python targets have: models and messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    environment = _environment()
    chosen = environment.select_template([f"{target}/templates/{name}", f"python/templates/{name}"])
    return chosen.render(header=f"# {HEADER}", **values)


def models_view(builder: ClassBuilder) -> dict[str, Any]:
    """What the template of ``models.py`` lays out."""
    used = Used()
    classes = builder.model_classes(used)
    return {"classes": classes, "imports": import_lines(used.imports)}


def model_imports(builder: ClassBuilder, names: Iterable[str]) -> set[tuple[str, str]]:
    """What a sibling of ``models.py`` imports from it."""
    return {(".models", builder.class_names[name]) for name in names}


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1]),
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
