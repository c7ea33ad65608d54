"""What must be true of every page of a generated site, judged without a browser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from urllib.parse import unquote

from justhtml import JustHTML
from justhtml.dom import Element

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


class StaticSite:
    """A folder of pages, parsed the way browsers parse them."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = dict(files)
        self.pages = {
            name: JustHTML(text, collect_errors=True, sanitize=False)
            for name, text in files.items()
            if name.endswith(".html")
        }
        self._places = {
            page: {element.attrs["id"] for element in self.elements(page, "[id]")} for page in self.pages
        }

    def elements(self, page: str, selector: str) -> list[Element]:
        return [node for node in self.pages[page].query(selector) if isinstance(node, Element)]

    def section(self, page: str, anchor: str) -> Element:
        """A heading's section."""
        (heading,) = self.elements(page, f"[id='{anchor}']")
        assert isinstance(heading.parent, Element)
        return heading.parent

    def text(self, page: str) -> str:
        return self.pages[page].to_text()

    def problems(self) -> list[str]:
        """Everything that is wrong, each with the page it is on; none if all is well."""
        return [
            f"{page}: {problem}"
            for page in self.pages
            for check in (
                self._malformed,
                self._ids,
                self._links,
                self._headings,
                self._labels,
                self._structure,
                self._foreign,
            )
            for problem in check(page)
        ]

    def _malformed(self, page: str) -> Iterator[str]:
        for error in self.pages[page].errors:
            yield f"not well-formed at line {error.line}: {error.code}"

    def _ids(self, page: str) -> Iterator[str]:
        counted = Counter(element.attrs["id"] for element in self.elements(page, "[id]"))
        yield from (f"the ID {name!r} is used {count} times" for name, count in counted.items() if count > 1)
        for attribute in ("aria-labelledby", "aria-describedby", "aria-controls", "for"):
            for element in self.elements(page, f"[{attribute}]"):
                for name in (element.attrs[attribute] or "").split():
                    if name not in counted:
                        yield f"{attribute} names {name!r}, which is nowhere"

    def _links(self, page: str) -> Iterator[str]:
        for element in self.elements(page, "a[href]"):
            address = element.attrs["href"] or ""
            if address.startswith(("https://", "http://", "mailto:")):
                continue
            file, _, fragment = address.partition("#")
            target = file or page
            if target not in self.files:
                yield f"a link to {address!r}, and there is no such file"
            elif fragment and unquote(fragment) not in self._places.get(target, ()):
                yield f"a link to {address!r}, and there is no such place"

    def _headings(self, page: str) -> Iterator[str]:
        main = self.elements(page, ", ".join(f"main {name}" for name in _HEADINGS))
        levels = [int(element.name[1]) for element in main]
        if levels.count(1) != 1 or levels[0] != 1:
            yield "the main part does not begin with its one h1"
        for before, after in pairwise(levels):
            if after > before + 1:
                yield f"an h{after} follows an h{before}"
        yield from ("a heading without text" for element in main if not element.to_text().strip())

    def _labels(self, page: str) -> Iterator[str]:
        labelled = {element.attrs["for"] for element in self.elements(page, "label[for]")}
        for element in self.elements(page, "input"):
            if element.attrs.get("id") not in labelled:
                yield "an input without a label"
        for element in self.elements(page, "a, button, summary, th, caption, figcaption"):
            if not element.to_text().strip() and not element.attrs.get("aria-label"):
                yield f"a {element.name} without a text"
        for element in self.elements(page, "svg"):
            if element.attrs.get("role") != "img" or not element.query("title") or not element.query("desc"):
                yield "a picture without a role, a title or a description"
        for element in self.elements(page, "img"):
            if "alt" not in element.attrs:
                yield "an image without a text"

    def _structure(self, page: str) -> Iterator[str]:
        for selector in ("html[lang]", "head > title", "header", "main", "a.skip[href='#main']"):
            if len(self.elements(page, selector)) != 1:
                yield f"there is not exactly one {selector}"
        names = [element.attrs.get("aria-label") for element in self.elements(page, "nav")]
        if None in names or len({*names}) != len(names):
            yield f"landmarks cannot be told apart: {names}"
        for table in self.elements(page, "main table"):
            # A table in a document's own text has no caption there either.
            is_told = table.attrs.get("class") == "told"
            if not table.query("th[scope]") or not (is_told or table.query("caption")):
                yield "a table without a caption or scopes"

    def _foreign(self, page: str) -> Iterator[str]:
        """Whatever a page would load or run that is not of the site."""
        own = {"site.js", "search-index.js"}
        for element in self.elements(page, "script"):
            if element.attrs.get("src") not in own or element.to_text().strip():
                yield f"a foreign script: {element.to_html()[:80]}"
        for element in self.elements(page, "link[href]"):
            if element.attrs["href"] not in {"style.css", "data:,"}:
                yield f"a foreign link: {element.attrs['href']}"
        if self.elements(page, "iframe, object, embed, base, style, form[action]"):
            yield "a foreign element"
        for element in self.elements(page, "*"):
            for name, value in element.attrs.items():
                if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                    yield f"an attribute that runs something: {name}"
