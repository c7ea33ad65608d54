"""CommonMark out of documents: as HTML, as Markdown that is safe to paste, as plain words.

No HTML of a document survives, no picture is loaded, links lead to the web or nowhere.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_SPECIAL = re.compile(r"([\\`*_!\[\]<>|~&$])")
_LINE_START = re.compile(r"^(\d*)([-+=#:]|(?<=\d)[.)])")


def as_html(text: str) -> str:
    """HTML of whole paragraphs; headings become paragraphs, since the page has its own."""
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "p"
            if token.nesting > 0:
                token.attrSet("class", "heading")
        elif token.type == "table_open":
            token.attrSet("class", "told")
        elif token.type == "th_open":
            token.attrSet("scope", "col")
    return str(parser.renderer.render(tokens, parser.options, {})).strip()


def as_words(text: str) -> str:
    """What a person reads of it, on one line."""
    found: list[str] = []
    for token in _parser().parse(text):
        for child in token.children or [token]:
            if child.type in {"text", "code_inline", "fence", "code_block"}:
                found.append(child.content)
            elif child.type in {"softbreak", "hardbreak"}:
                found.append(" ")
        if token.block:
            found.append(" ")
    return " ".join("".join(found).split())


def as_markdown(text: str) -> str:
    """The same, written anew with everything else escaped: paragraphs, lists and code."""
    blocks: list[str] = []
    prefixes: list[str] = []
    is_first_of_item = False
    for token in _parser().parse(text):
        if token.type == "list_item_open":
            prefixes.append("- ")
            is_first_of_item = True
        elif token.type == "list_item_close":
            prefixes.pop()
        elif token.type in {"fence", "code_block"}:
            indent = "  " * len(prefixes)
            blocks.append("\n".join(indent + line for line in fenced(token.content).split("\n")))
        elif token.type == "inline":
            line = _inline_markdown(token.children or [])
            depth = len(prefixes)
            marker = ("  " * (depth - 1) + ("- " if is_first_of_item else "  ")) if depth else ""
            blocks.append(marker + line.replace("\n", "\n" + " " * len(marker)))
            is_first_of_item = False
    return "\n\n".join(blocks)


def as_markdown_line(text: str) -> str:
    """The same on one line, for a cell of a table."""
    lines = [
        _inline_markdown(token.children or []) if token.type == "inline" else code_span(token.content)
        for token in _parser().parse(text)
        if token.type in {"inline", "fence", "code_block"}
    ]
    return " ".join(" ".join(lines).split())


def escaped(text: str) -> str:
    """Words that mean themselves in Markdown."""
    one_line = " ".join(text.split())
    return _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", one_line).replace("\\<", "&lt;"))


def fenced(text: str, language: str = "") -> str:
    """Text as a block of code that nothing in it can end."""
    fence = _fence(text, 3)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def code_span(text: str) -> str:
    """Text as code in a line of Markdown, also in a table."""
    one_line = " ".join(text.split())
    if not one_line:
        return ""
    if "|" in one_line:
        # A bar would end the cell of a table, and renderers do not agree on how to escape it inside of code.
        quoted = (f"&#{ord(char)};" if char in _HTML_SPECIAL else char for char in one_line)
        return f"<code>{''.join(quoted)}</code>"
    fence = _fence(one_line, 1)
    padding = " " if one_line[0] == "`" or one_line[-1] == "`" else ""
    return f"{fence}{padding}{one_line}{padding}{fence}"


_HTML_SPECIAL = frozenset("\\`*_[]<>|~&$")


def _fence(text: str, least: int) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(least, longest + 1)


def _inline_markdown(tokens: list[Token]) -> str:
    found: list[str] = []
    marks = {"strong_open": "**", "strong_close": "**", "em_open": "*", "em_close": "*"}
    hrefs: list[str] = []
    for token in tokens:
        if token.type == "text":
            found.append(escaped_piece(token.content))
        elif token.type == "code_inline":
            found.append(code_span(token.content))
        elif token.type == "softbreak":
            found.append("\n")
        elif token.type == "hardbreak":
            found.append("\\\n")
        elif token.type in marks:
            found.append(marks[token.type])
        elif token.type == "link_open":
            hrefs.append(str(token.attrGet("href") or ""))
            found.append("[")
        elif token.type == "link_close":
            address = re.sub(r"[<>\s]", "", hrefs.pop())
            found.append(f"](<{address}>)")
    return "".join(found).strip()


def escaped_piece(text: str) -> str:
    """A part of a line, spaces at its ends kept."""
    inner = escaped(text)
    if not inner:
        return " " if text else ""
    return (" " if text[0].isspace() else "") + inner + (" " if text[-1].isspace() else "")


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    class Parser(MarkdownIt):
        """Follows no link that is not plainly one to the web."""

        def validateLink(self, url: str) -> bool:  # noqa: N802 - the name is the library's
            """Whether a link may be written."""
            return _LINK.match(url) is not None

    return Parser("commonmark", {"html": False}).enable("table").disable("image")
