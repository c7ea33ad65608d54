"""Target ``docs``: the reference as static pages that need neither a server nor the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...ir.spec import Spec
from ..reference.account import (
    Anchors,
    Block,
    Code,
    Facts,
    Grid,
    Line,
    Link,
    Page,
    Paragraph,
    Properties,
    Prose,
    Section,
    Sequence,
)
from ..reference.pages import write_reference
from ..reference.prose import as_html, as_words
from ..target import HEADER, Reporter
from .diagram import lay_out
from .search import index_script

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_TEMPLATES = Path(__file__).parent / "templates"
_DEEPEST_HEADING = 6


def render(spec: Spec, reporter: Reporter) -> Mapping[str, str]:  # noqa: ARG001 - a page can express anything
    """The content of every file."""
    pages = write_reference(spec)
    files = {f"{page.key}.html": _page(page, pages, spec.title or "Reference") for page in pages}
    style = (_TEMPLATES / "style.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "site.js").read_text(encoding="utf-8")
    files["style.css"] = f"/* {HEADER} */\n{style}"
    files["site.js"] = f"// {HEADER}\n{script}"
    files["search-index.js"] = index_script(pages)
    return files


def _page(page: Page, pages: list[Page], site: str) -> str:
    layout = _Layout(page)
    # Rows take their anchors after all sections of the page have theirs.
    sections = [layout.section(section, 2) for section in page.sections]
    return (
        _environment()
        .get_template("page.jinja")
        .render(
            header=HEADER,
            site=site,
            title=page.title if page.title == site else f"{page.title} · {site}",
            description=as_words(page.lead),
            heading=page.title,
            lead=layout.prose(page.lead),
            blocks=[layout.block(block) for block in page.blocks],
            sections=sections,
            pages=[
                {
                    "title": other.label or other.title,
                    "href": f"{other.key}.html",
                    "is_current": other.key == page.key,
                    "is_below": bool(other.parent),
                }
                for other in pages
            ],
            contents=_contents(page.sections),
        )
    )


def _contents(sections: Iterable[Section]) -> list[dict[str, Any]]:
    return [
        {
            "title": section.title,
            "href": f"#{section.link.anchor}",
            "is_code": section.is_code,
            "sections": _contents(section.sections),
        }
        for section in sections
        if section.is_quick
    ]


class _Layout:
    """Turns the parts of one page into what its templates lay out."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._anchors = Anchors()
        for top in page.sections:
            for section in top.walk():
                self._anchors.take(section.link.anchor)

    def section(self, section: Section, level: int) -> dict[str, Any]:
        """A heading, what is below it, and the sections inside of it."""
        return {
            "title": section.title,
            "anchor": section.link.anchor,
            "kind": section.kind,
            "is_code": section.is_code,
            "level": min(level, _DEEPEST_HEADING),
            "blocks": [self.block(block, section.link.anchor) for block in section.blocks],
            "sections": [self.section(inner, level + 1) for inner in section.sections],
        }

    def block(self, block: Block, anchor: str = "page") -> dict[str, Any]:
        """What the template of a block lays out."""
        match block:
            case Paragraph():
                return {"template": "paragraph.jinja", "line": self._line(block.line)}
            case Prose():
                return {"template": "prose.jinja", "html": self.prose(block.text)}
            case Facts():
                items = [{"term": term, "line": self._line(line)} for term, line in block.items]
                return {"template": "facts.jinja", "items": items}
            case Properties():
                return {
                    "template": "properties.jinja",
                    "caption": block.caption,
                    "rows": [
                        {
                            "anchor": self._anchors.take(f"{anchor}.{row.name}"),
                            "name": row.name,
                            "kind": self._line(row.kind),
                            "need": "required" if row.is_required else "optional",
                            "notes": [{"word": word, "value": value} for word, value in row.notes],
                            "html": self.prose(row.description),
                        }
                        for row in block.rows
                    ],
                }
            case Grid():
                rows = [
                    [
                        {"head": head, "line": self._line(cell)}
                        for head, cell in zip(block.heads, row, strict=True)
                    ]
                    for row in block.rows
                ]
                return {
                    "template": "grid.jinja",
                    "caption": block.caption,
                    "heads": block.heads,
                    "rows": rows,
                }
            case Code():
                template = "folded.jinja" if block.is_folded else "code.jinja"
                return {"template": template, "code": block}
            case Sequence():
                name = self._anchors.take(f"{anchor}-diagram")
                return {"template": "diagram.jinja", "name": name, "diagram": lay_out(block)}

    def prose(self, text: str) -> Markup:
        """CommonMark of a document as HTML that is safe as it is."""
        from markupsafe import Markup

        return Markup(as_html(text))  # noqa: S704 - the renderer escapes all HTML of the document

    def _line(self, line: Line) -> list[dict[str, Any]]:
        return [
            {
                "text": span.text,
                "is_code": span.is_code,
                "href": self._href(span.link) if span.link is not None else "",
            }
            for span in line
        ]

    def _href(self, link: Link) -> str:
        fragment = f"#{link.anchor}" if link.anchor else ""
        return fragment if fragment and link.page == self._page.key else f"{link.page}.html{fragment}"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        autoescape=True,
    )
