"""Every kind of page in a real browser: no script, no network, and readable by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from scenarios import USUAL, WORST, many, material, text

from foedus.briefing.brief import brief
from foedus.briefing.publication.publish import publish

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 780}
HEADINGS = """() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])"""
OVERFLOW = """() => [document.documentElement.scrollWidth, window.innerWidth]"""
KINDS = (
    "index",
    "claims/helps",
    "claims/unheard",
    "certainty",
    "assumptions",
    "regimes/help",
    "methods",
    "data",
)


@dataclass
class Watched:
    """A page of the browser, and everything that went wrong on it."""

    page: Any
    complaints: list[str] = field(default_factory=list)

    def open(self, path: Path) -> None:
        self.page.goto(path.as_uri())


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A usual briefing, one of hostile words, one of sixty claims, and a site of all three."""
    place = tmp_path_factory.mktemp("pages")
    cases = {"usual": text(USUAL), "worst": text(WORST), "many": text(USUAL, claims=many(60))}
    for name, written in cases.items():
        brief(material(written, place, name=name), place / name)
    publish([place / name for name in cases], place / "site")
    return place


@pytest.fixture
def open_page(browser: Any) -> Iterator[Any]:
    """Opens a page of this size and scheme, which complains of anything but files."""
    contexts = []

    def opened(size: dict[str, int] = DESKTOP, scheme: str = "light") -> Watched:
        context = browser.new_context(viewport=size, color_scheme=scheme)
        contexts.append(context)
        watched = Watched(context.new_page())
        page, complaints = watched.page, watched.complaints
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (complaints.append("a dialog"), dialog.dismiss()))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith("file:")
                else complaints.append(f"request: {request.url}")
            ),
        )
        return watched

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_every_page_stands_still(
    folder: Path, open_page: Any, size: dict[str, int], scheme: str
) -> None:
    watched = open_page(size, scheme)
    for path in sorted(folder.rglob("*.html")):
        if "many/claims" in path.as_posix() and path.stem not in ("n00", "n59"):
            continue  # sixty alike
        watched.open(path)
        width, room = watched.page.evaluate(OVERFLOW)
        levels = watched.page.evaluate(HEADINGS)
        assert width <= room, path
        assert watched.page.title() != "owned"
        assert levels.count(1) == 1, path
        assert levels[0] == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), path
        assert watched.page.locator("main").count() == 1
        assert watched.page.locator("script").count() == 0
    assert watched.complaints == []


def test_pictures_are_seen_in_light_and_dark(folder: Path, open_page: Any) -> None:
    inks = []
    for scheme in ("light", "dark"):
        watched = open_page(scheme=scheme)
        watched.open(folder / "usual/claims/helps.html")
        drawing = watched.page.locator("svg.figure").first
        assert drawing.bounding_box()["height"] > 50
        words = drawing.locator("text").first
        assert words.is_visible()
        inks.append(words.evaluate("it => getComputedStyle(it).fill"))
    assert inks[0] != inks[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_of(folder: Path, open_page: Any, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    pages = [f"usual/{kind}.html" for kind in KINDS]
    pages += ["worst/index.html", "worst/claims/helps.html", "many/index.html"]
    pages += ["site/index.html", "site/briefings/usual/index.html", "site/tags/index.html"]
    size = DESKTOP if scheme == "light" else PHONE
    watched = open_page(size, scheme)
    for page in pages:
        watched.open(folder / page)
        found = axe.run(watched.page)
        assert found.violations_count == 0, f"{page}: {found.generate_report()}"


def test_the_skip_link_takes_the_keyboard_to_the_content(folder: Path, open_page: Any) -> None:
    for page in ("usual/index.html", "usual/claims/helps.html", "site/briefings/usual/index.html"):
        watched = open_page()
        watched.open(folder / page)
        watched.page.keyboard.press("Tab")
        assert watched.page.evaluate("document.activeElement.className") == "skip"
        assert watched.page.locator(".skip").bounding_box()["y"] >= 0
        watched.page.keyboard.press("Enter")
        assert watched.page.evaluate("document.activeElement.id") == "content"
        watched.page.keyboard.press("Tab")
        inside = "document.querySelector('main').contains(document.activeElement)"
        assert watched.page.evaluate(inside)


def test_the_keyboard_opens_what_a_tile_says(folder: Path, open_page: Any) -> None:
    watched = open_page()
    watched.open(folder / "usual/index.html")
    tile = watched.page.locator(".tiles .tile").first
    tip = tile.locator(".tip")
    assert not tip.is_visible()
    for _ in range(40):
        watched.page.keyboard.press("Tab")
        if tile.evaluate("it => it === document.activeElement"):
            break
    assert tip.is_visible()
    assert tip.inner_text()


def test_links_lead_to_pages_and_places_that_exist(folder: Path, open_page: Any) -> None:
    watched = open_page()
    for path in sorted(folder.rglob("*.html")):
        if "many/claims" in path.as_posix():
            continue
        watched.open(path)
        links = watched.page.evaluate(
            "() => [...document.querySelectorAll('a[href],link[href]')].map(a => a.href)"
        )
        for link in {link for link in links if link.startswith("file:")}:
            target, _, place = link.partition("#")
            found = Path(target.removeprefix("file://"))
            assert found.is_file(), f"{path}: {link}"
            if place:
                assert f'id="{place}"' in found.read_text("utf-8"), f"{path}: {link}"


def test_print_shows_links_and_no_navigation(folder: Path, open_page: Any) -> None:
    watched = open_page()
    watched.open(folder / "usual/claims/helps.html")
    watched.page.emulate_media(media="print")
    assert not watched.page.locator(".sections").is_visible()
    assert not watched.page.locator(".skip").is_visible()
    assert watched.page.locator(".verdict").is_visible()
