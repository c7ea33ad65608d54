"""Target ``docs`` in a real browser: pages render, are accessible, search, load nothing from elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright
from tests.codegen.hostile_documents import write_hostile_rest, write_hostile_stream
from tests.codegen.project import Project

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGES = sorted(path.name for path in REFERENCE.glob("*.html"))
DESKTOP: ViewportSize = {"width": 1400, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
# What it finds is all that is asked for; and it shall not load style sheets anew, which files may not.
AXE = {"resultTypes": ["violations"], "preload": False}
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)

pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="there is no Chromium on this machine (Debian: apt-get install chromium)",
    ),
    # A browser on a busy machine takes its time; that is not what these tests judge.
    pytest.mark.timeout(240),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests; each test has profiles of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                *("--no-sandbox", "--disable-quic", "--disable-background-networking"),
                *("--disable-component-update", "--disable-sync", "--no-first-run"),
            ],
            timeout=120_000,
        )
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page in a profile of its own, and what went wrong there."""

    page: Page
    complaints: list[str] = field(default_factory=list[str])

    def go(self, file: Path, fragment: str = "") -> None:
        self.page.goto(f"{file.as_uri()}{fragment}")

    def accessibility(self, options: dict[str, Any] | None = None) -> list[str]:
        """What axe-core finds, each with the elements concerned."""
        self.page.add_script_tag(content=axe_script())
        found = self.page.evaluate("options => axe.run(document, options)", {**AXE, **(options or {})})
        return [
            f"{violation['id']}: {[node['target'] for node in violation['nodes'][:3]]}"
            for violation in found["violations"]
        ]


Open = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Opens profiles: with a colour scheme and a size of window."""
    opened: list[Visit] = []
    contexts: list[BrowserContext] = []

    def open_profile(
        scheme: Literal["light", "dark"] = "light", viewport: ViewportSize = DESKTOP, *, scripts: bool = True
    ) -> Visit:
        context = browser.new_context(color_scheme=scheme, viewport=viewport, java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        found = Visit(page)
        page.on("console", lambda message: found.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: found.complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: found.complaints.append(f"dialog: {dialog.message}"))
        page.on("requestfailed", lambda request: found.complaints.append(f"failed: {request.url}"))

        def note_request(url: str) -> None:
            if not url.startswith(("file:", "data:")):
                found.complaints.append(f"asked for {url}")

        page.on("request", lambda request: note_request(request.url))
        opened.append(found)
        return found

    yield open_profile
    for context in contexts:
        context.close()
    assert [complaint for found in opened for complaint in found.complaints] == []


def axe_script() -> str:
    """The source of axe-core, which a package for Playwright carries."""
    found = find_spec("axe_playwright_python")
    assert found is not None
    assert found.origin is not None
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_renders_and_is_accessible(visit: Open, name: str) -> None:
    here = visit("light")
    here.go(REFERENCE / name)
    assert here.page.locator("h1").is_visible()
    assert here.page.locator("main").inner_text().count("\n") > 3
    assert here.accessibility() == []
    here.page.set_viewport_size(PHONE)
    assert width_beyond_the_window(here.page) <= 0, "it scrolls sideways on a phone"


@pytest.mark.parametrize("name", ["index.html", "channel-health.html", "commands.html", "snippets.html"])
def test_the_dark_colours_have_contrast(visit: Open, name: str) -> None:
    """On pages that together have every kind of block."""
    here = visit("dark")
    here.go(REFERENCE / name)
    assert here.accessibility({"runOnly": ["color-contrast"]}) == []


def width_beyond_the_window(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_the_search_finds_and_leads_there(visit: Open) -> None:
    here = visit()
    here.go(REFERENCE / "index.html")
    page = here.page
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("vm state changed")
    expect(page.locator("#results [role=status]")).to_contain_text("found")
    page.get_by_label("Search").fill("VmStateChanged")
    first = page.locator("#results a").first
    expect(first).to_contain_text("VmStateChanged")
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/channel-pdfm.html#VmStateChanged")
    expect(page.locator("#VmStateChanged")).to_be_in_viewport()


def test_the_search_says_that_there_is_nothing_and_closes(visit: Open) -> None:
    here = visit()
    here.go(REFERENCE / "rules.html")
    page = here.page
    page.get_by_label("Search").fill("zzz-no-such-thing")
    expect(page.locator("#results [role=status]")).to_have_text("Nothing found")
    page.keyboard.press("Escape")
    expect(page.locator("#results")).to_be_hidden()


def test_open_results_are_accessible(visit: Open) -> None:
    here = visit("dark")
    here.go(REFERENCE / "index.html")
    here.page.get_by_label("Search").fill("error")
    expect(here.page.locator("#results a").first).to_be_visible()
    assert here.accessibility() == []


def test_the_switch_of_the_theme_is_kept_from_page_to_page(visit: Open) -> None:
    here = visit("light")
    here.go(REFERENCE / "index.html")
    page = here.page
    light = background(page)
    button = page.get_by_role("button", name="Dark")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    dark = background(page)
    assert dark != light
    here.go(REFERENCE / "rest.html")
    assert background(page) == dark


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_the_menu_opens_on_a_phone(visit: Open) -> None:
    here = visit(viewport=PHONE)
    here.go(REFERENCE / "channel-pdfm.html")
    page = here.page
    pages = page.get_by_role("navigation", name="Pages")
    expect(pages).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(pages).to_be_visible()
    pages.get_by_role("link", name="Rules").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rules")


def test_without_scripts_everything_is_there_but_the_search(visit: Open) -> None:
    here = visit(viewport=PHONE, scripts=False)
    here.go(REFERENCE / "channel-pdfm.html")
    expect(here.page.get_by_role("navigation", name="Pages")).to_be_visible()
    expect(here.page.locator("#search")).to_be_hidden()
    expect(here.page.locator("#VmStateChanged")).to_be_visible()


def test_the_keyboard_comes_to_the_content_first_and_its_place_is_seen(visit: Open) -> None:
    here = visit()
    here.go(REFERENCE / "commands.html")
    page = here.page
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    outline = skip.evaluate("element => getComputedStyle(element).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("write", [write_hostile_stream, write_hostile_rest], ids=["stream", "rest"])
def test_hostile_text_runs_nothing_and_breaks_nothing(
    visit: Open, project: Project, write: Callable[[Project], None]
) -> None:
    write(project)
    site = project.folder / "site"
    site.mkdir()
    for name, text in project.files("docs").items():
        (site / name).write_text(text, encoding="utf-8")
    here = visit("dark")
    for path in sorted(site.glob("*.html")):
        here.go(path)
        here.page.get_by_label("Search").fill("script")
        assert here.page.evaluate("window.hacked") is None
        here.page.set_viewport_size(PHONE)
        assert width_beyond_the_window(here.page) <= 0, f"{path.name} scrolls sideways on a phone"
        here.page.set_viewport_size(DESKTOP)
    assert here.accessibility() == []
