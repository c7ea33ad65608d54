"""The index that a page's search looks through, as a script that also works without a server."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..reference.account import Block, Grid, Page, Properties, Prose
from ..reference.prose import as_words
from ..target import HEADER

_LONGEST = 700


def index_script(pages: list[Page]) -> str:
    """One entry a line: title, kind, page and anchor, what else is found there."""
    entries: list[list[str]] = []
    for page in pages:
        entries.append([page.title, "page", f"{page.key}.html", _words(page.blocks, page.lead)])
        for top in page.sections:
            for section in top.walk():
                if section.is_quick:
                    address = f"{section.link.page}.html#{section.link.anchor}"
                    entries.append([section.title, section.kind, address, _words(section.blocks)])
    lines = ",\n".join(_literal(entry) for entry in entries)
    return f"// {HEADER}\nwindow.searchIndex = [\n{lines}\n];\n"


def _words(blocks: Iterable[Block], first: str = "") -> str:
    found = [as_words(first)]
    for block in blocks:
        if isinstance(block, Prose):
            found.append(as_words(block.text))
        elif isinstance(block, Properties):
            found += [row.name for row in block.rows]
            found += [value for row in block.rows for word, value in row.notes if "values" in word]
        elif isinstance(block, Grid):
            found.append(block.caption)
    return " ".join(" ".join(found).split())[:_LONGEST]


def _literal(entry: list[str]) -> str:
    # Legal JSON is legal JavaScript; `<` is escaped for whoever puts the script into a page.
    return json.dumps(entry, separators=(",", ":")).replace("<", "\\u003c")
