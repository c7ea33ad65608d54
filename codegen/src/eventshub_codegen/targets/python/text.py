"""Text from documents into Python source: literals, docstrings, import lines."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable

from ...ir.types import Plain

LINE_LENGTH = 110
_CODE_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"(])")
_STANDARD_LIBRARY = frozenset(["abc", "collections.abc", "datetime", "enum", "typing"])


def quote(value: Plain) -> str:
    """A value as a Python literal; nothing in a string can end it."""
    if not isinstance(value, str):
        return repr(value)
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escape(char) for char in quoted)


def docstring(text: str, indent: int) -> str:
    """Text as a docstring, quotes included, wrapped to the line length."""
    lines = _docstring_lines(text, LINE_LENGTH - indent)
    padded = [f"{' ' * indent}{line}" if line else "" for line in lines[1:]]
    end = f"\n{' ' * indent}" if padded else ""
    return '"""' + "\n".join([lines[0], *padded]) + end + '"""'


def inside_docstring(text: str) -> str:
    """Text as part of one line of a docstring that the template writes."""
    return (
        " ".join("".join(char if char.isprintable() else " " for char in text).split())
        .replace("\\", "\\\\")
        .replace('"', "'")
    )


def import_lines(names: Iterable[tuple[str, str]]) -> str:
    """``from`` imports for (module, name) pairs, grouped and sorted the way isort does."""
    modules: dict[str, set[str]] = {}
    for module, name in names:
        modules.setdefault(module, set()).add(name)

    def group(module: str) -> int:
        return 2 if module.startswith(".") else (0 if module in _STANDARD_LIBRARY else 1)

    def place(module: str) -> tuple[int, int, str]:
        dots = len(module) - len(module.lstrip("."))
        return group(module), -dots, module

    lines: list[str] = []
    previous: int | None = None
    for module in sorted(modules, key=place):
        if previous is not None and group(module) != previous:
            lines.append("")
        previous = group(module)
        lines.append(f"from {module} import {', '.join(sorted(modules[module], key=_import_order))}")
    return "\n".join(lines)


def _import_order(name: str) -> tuple[int, str, str]:
    kind = 0 if name.isupper() and len(name) > 1 else (1 if name[0].isupper() else 2)
    return kind, name.casefold(), name


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _docstring_lines(text: str, width: int) -> list[str]:
    printable = "".join(char if char.isprintable() or char == "\n" else " " for char in text)
    body = _CODE_SPAN.sub(r"``\1``", printable).strip()
    end = '\\"' if body.endswith('"') else ""
    safe = body.removesuffix('"').replace("\\", "\\\\").replace('"""', '\\"\\"\\"') + end
    paragraphs = [block.strip("\n") for block in re.split(r"\n\s*\n", safe)]
    first = " ".join(paragraphs[0].split())
    # Quotes at both ends share the line with the text.
    if len(first) + 6 > width or len(paragraphs) > 1:
        head, *rest = _SENTENCE_END.split(first, maxsplit=1)
        paragraphs[:1] = [head, *rest]
    else:
        paragraphs[0] = first
    lines = _wrap(paragraphs[0], width - 6)
    for paragraph in paragraphs[1:]:
        lines.append("")
        lines += _paragraph_lines(paragraph, width)
    return lines


def _paragraph_lines(paragraph: str, width: int) -> list[str]:
    rows = paragraph.split("\n")
    if any(re.match(r"\s*([-*|>#]|\d+\.|```|\s{4})", row) for row in rows):
        return [line for row in rows for line in _wrap(row, width, "  ")]
    return _wrap(" ".join(paragraph.split()), width)


def _wrap(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ) or [""]


def tuple_of(items: Iterable[str]) -> str:
    """Expressions as a tuple expression."""
    listed = list(items)
    return f"({', '.join(listed)}{',' if len(listed) == 1 else ''})"
