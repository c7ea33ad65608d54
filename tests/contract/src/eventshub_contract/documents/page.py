"""A Markdown document, taken apart into blocks of code, tables and texts, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

_FRONT_MATTER: Final = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?;])\s+(?=[A-Z`*(])")
_SPAN: Final = re.compile(r"(`+)(.+?)\1", re.DOTALL)
_IGNORE: Final = re.compile(r"<!--\s*contract:\s*ignore\b\s*(?P<reason>[^>]*?)\s*-->")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of code."""

    language: str
    text: str
    line: int
    """Of its first line of code."""
    before: str
    """The text before it, which says what it is."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, an item of a list, a heading or a row of a table, as it was written."""

    text: str
    line: int
    heading: str
    """The heading above it."""

    def line_of(self, offset: int) -> int:
        """The line of a character of the text."""
        return self.line + self.text.count("\n", 0, offset)

    @property
    def spans(self) -> Iterator[tuple[str, int]]:
        """The spans of code, each with its line."""
        for match in _SPAN.finditer(self.text):
            yield match[2].strip(), self.line_of(match.start())

    @property
    def sentences(self) -> Iterator[tuple[str, int]]:
        """The sentences, each with the line on which it begins."""
        start = 0
        for end in [*(match.end() for match in _SENTENCE_END.finditer(self.text)), len(self.text)]:
            if self.text[start:end].strip():
                yield " ".join(self.text[start:end].split()), self.line_of(start)
            start = end


@dataclass(frozen=True, slots=True)
class Table:
    """A table."""

    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    """Each with its line."""
    line: int


@dataclass
class Page:
    """A document."""

    file: str
    blocks: list[Block] = field(default_factory=list[Block])
    texts: list[Text] = field(default_factory=list[Text])
    tables: list[Table] = field(default_factory=list[Table])


def parse(file: str, source: str) -> Page:
    """Take a document apart. A block after ``<!-- contract: ignore REASON -->`` is left out."""
    page = Page(file)
    # Front matter is no Markdown; the lines after it keep their numbers.
    text = _FRONT_MATTER.sub(lambda match: "\n" * match[0].count("\n"), source.replace("\r\n", "\n"))
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    heading = before = ""
    ignored = in_table = False
    for index, token in enumerate(tokens):
        line = token.map[0] + 1 if token.map else 0
        if token.type == "heading_open":
            heading = before = tokens[index + 1].content
            page.texts.append(Text(heading, line, heading))
        elif token.type == "table_open":
            page.tables.append(_table(tokens, index, line))
            in_table = True
        elif token.type == "table_close":
            in_table = False
        elif token.type == "tr_open":
            page.texts.append(Text(" | ".join(_cells(tokens, index)), line, heading))
        elif token.type == "html_block":
            ignored = ignored or _is_ignored(token.content)
        elif token.type == "inline" and not in_table and tokens[index - 1].type != "heading_open":
            page.texts.append(Text(token.content, line, heading))
            before = token.content
        elif token.type == "fence":
            if not ignored:
                language = token.info.split()[0].lower() if token.info.split() else ""
                page.blocks.append(Block(language, token.content, line + 1, before))
            ignored = False
    return page


def _is_ignored(html: str) -> bool:
    match = _IGNORE.search(html)
    return match is not None and bool(match["reason"])


def _table(tokens: Sequence[Token], start: int, line: int) -> Table:
    rows: list[tuple[int, tuple[str, ...]]] = []
    for index in range(start, len(tokens)):
        if tokens[index].type == "table_close":
            break
        if tokens[index].type == "tr_open":
            at = tokens[index].map
            rows.append((at[0] + 1 if at else line, tuple(_cells(tokens, index))))
    return Table(rows[0][1], tuple(rows[1:]), line)


def _cells(tokens: Sequence[Token], start: int) -> list[str]:
    cells: list[str] = []
    for token in tokens[start:]:
        if token.type == "tr_close":
            break
        if token.type == "inline":
            cells.append(token.content)
    return cells
