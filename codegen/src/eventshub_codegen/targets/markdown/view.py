"""Target ``markdown``: the reference as one Markdown file, and ``llms.txt`` that says what is where in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...ir.spec import Spec
from ..reference.account import (
    Block,
    Code,
    Facts,
    Grid,
    Line,
    Page,
    Paragraph,
    Properties,
    Property,
    Prose,
    Section,
    Sequence,
    Span,
)
from ..reference.pages import write_reference
from ..reference.prose import (
    as_markdown,
    as_markdown_line,
    as_words,
    code_span,
    escaped,
    escaped_piece,
    fenced,
)
from ..target import HEADER, Reporter

if TYPE_CHECKING:
    from jinja2 import Environment

REFERENCE = "reference.md"
_DEEPEST_HEADING = 6


def render(spec: Spec, reporter: Reporter) -> Mapping[str, str]:  # noqa: ARG001 - a page can express anything
    """The content of every file."""
    pages = write_reference(spec)
    overview, *others = pages
    values = {
        "header": HEADER,
        "reference": REFERENCE,
        "title": escaped(overview.title),
        "lead": as_markdown_line(overview.lead),
        "about": as_markdown(spec.documentation.prose.description),
        "overview": _page(overview),
        "pages": [_page(page) for page in others],
    }
    return {
        REFERENCE: _environment().get_template("reference.jinja").render(values),
        "llms.txt": _environment().get_template("llms.jinja").render(values),
    }


def _page(page: Page) -> dict[str, Any]:
    level = 3 if page.parent else 2
    return {
        "title": escaped(page.title),
        "anchor": f"page-{page.key}",
        "heading": "#" * level,
        "lead": as_markdown_line(page.lead),
        "summary": escaped(as_words(page.lead)),
        "blocks": [_block(block) for block in page.blocks],
        "sections": [_section(inner, level + 1) for inner in page.sections],
        "entries": [
            {"title": _title(section), "anchor": section.link.anchor, "summary": _summary(section)}
            for section in page.sections
            if section.is_quick
        ],
    }


def _section(section: Section, level: int) -> dict[str, Any]:
    return {
        "title": _title(section),
        "anchor": section.link.anchor,
        "heading": "#" * min(level, _DEEPEST_HEADING),
        "blocks": [
            _block(block) for block in section.blocks if not (isinstance(block, Code) and block.is_folded)
        ],
        "sections": [_section(inner, level + 1) for inner in section.sections],
    }


def _title(section: Section) -> str:
    return code_span(section.title) if section.is_code else escaped(section.title)


def _summary(section: Section) -> str:
    prose = next((block.text for block in section.blocks if isinstance(block, Prose)), "")
    return escaped(as_words(prose.partition("\n\n")[0]))


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return _line(block.line)
        case Prose():
            return as_markdown(block.text)
        case Facts():
            return "\n".join(f"- {escaped(term)}: {_line(line)}" for term, line in block.items)
        case Properties():
            return _table(("Name", "Value", "What it is"), map(_property, block.rows))
        case Grid():
            return _table(block.heads, (tuple(map(_line, row)) for row in block.rows))
        case Code():
            return f"{escaped(block.label)}:\n\n{fenced(block.text, block.language)}"
        case Sequence():
            steps = (
                f"{number}. {'or ' if step.is_alternative else ''}"
                f"{'client → server' if step.is_from_client else 'server → client'}: {code_span(step.label)}"
                for number, step in enumerate(block.steps, 1)
            )
            return "\n".join(steps)


def _property(row: Property) -> tuple[str, ...]:
    notes = (f"{escaped(word)} {code_span(value)}".strip() for word, value in row.notes)
    need = "required" if row.is_required else "optional"
    return code_span(row.name), "; ".join([_line(row.kind), need, *notes]), as_markdown_line(row.description)


def _table(heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    names = [escaped(head) for head in heads]
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _line(line: Line) -> str:
    return "".join(map(_span, line))


def _span(span: Span) -> str:
    text = code_span(span.text) if span.is_code else escaped_piece(span.text)
    if span.link is None:
        return text
    return f"[{text}](#{span.link.anchor or f'page-{span.link.page}'})"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        autoescape=False,  # noqa: S701 - the output is Markdown, escaped above
    )
