"""The parts that a reference consists of, in no markup language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

_LONGEST_ANCHOR = 80


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the reference."""

    page: str
    anchor: str
    """Unique in the whole reference; empty for the page itself."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line; its text is no markup."""

    text: str
    is_code: bool = False
    link: Link | None = None


Line: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words of the generator."""

    line: Line


@dataclass(frozen=True, slots=True)
class Prose:
    """Words of a document, as CommonMark."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Terms, and what is said of each."""

    items: tuple[tuple[str, Line], ...]


@dataclass(frozen=True, slots=True)
class Property:
    """A row of a table of properties."""

    name: str
    """With the way to it: ``body.vm.name``."""
    kind: Line
    """What it holds."""
    is_required: bool
    notes: tuple[tuple[str, str], ...]
    """Word and value of everything else that its schema says; the value may be empty."""
    description: str
    """CommonMark."""


@dataclass(frozen=True, slots=True)
class Properties:
    """A table of properties or parameters."""

    caption: str
    rows: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Text that is to be shown as it is."""

    label: str
    language: str
    """In lower case, as after the fence of a code block."""
    text: str
    is_folded: bool = False
    """Whether it is shown only to who asks for it."""


@dataclass(frozen=True, slots=True)
class Step:
    """A message from one side to the other."""

    label: str
    is_from_client: bool
    is_alternative: bool = False
    """Whether it comes instead of the step before it."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """Who sends what, one after the other."""

    title: str
    steps: tuple[Step, ...]


Block: TypeAlias = Paragraph | Prose | Facts | Properties | Grid | Code | Sequence


@dataclass(frozen=True, slots=True)
class Section:
    """Something that can be looked up."""

    title: str
    link: Link
    kind: str = ""
    """What it is, in a word or two."""
    is_code: bool = False
    """Whether the title is a name out of the documents."""
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    is_quick: bool = True
    """Whether a table of contents and a search list it."""

    def walk(self) -> Iterator[Section]:
        """This section and all below it."""
        yield self
        for section in self.sections:
            yield from section.walk()


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown at once."""

    key: str
    title: str
    lead: str
    """In a sentence, what it holds; CommonMark."""
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
    label: str = ""
    """What lists of pages call it, if not by its title."""
    parent: str = ""
    """Key of the page that this one is listed below."""


class Anchors:
    """Hands out names of places, each once, whatever the case of its letters."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, text: str) -> str:
        """A name that resembles the text, of letters, digits, ``.``, ``_`` and ``-``."""
        base = re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-.")[:_LONGEST_ANCHOR] or "part"
        name, number = base, 2
        while name.lower() in self._taken:
            name, number = f"{base}-{number}", number + 1
        self._taken.add(name.lower())
        return name


def code(text: str, link: Link | None = None) -> Span:
    """A name or a value out of the documents."""
    return Span(text, is_code=True, link=link)


def words(text: str) -> Line:
    """A line of words alone."""
    return (Span(text),)


def listed(spans: list[Span]) -> Line:
    """Pieces with commas between them."""
    return tuple(part for span in spans for part in (Span(", "), span))[1:]
