"""Pages for everybody: axe finds nothing, phones do not scroll sideways, keys reach everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from served import BORDER, Studio, until

Visit = Callable[..., Any]
PAGES = {
    "/": ".tiles",
    "/explore/border#claim=deters&pin=file&p.cost=0.3": ".ladders figure + figure",
    "/question/border": "#board table",
    "/edit/border": "#problems.good",
    "/play/border": "#begin",
    "/runs": "h1:not(.unseen)",
}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)], ids=str)
def test_every_page_is_accessible(
    studio: Studio, visit: Visit, violations: Callable[[Any], list[str]], scheme: str, width: int
) -> None:
    page = visit(studio, color_scheme=scheme, viewport={"width": width, "height": 780})
    for path, ready in PAGES.items():
        page.goto("about:blank")
        page.goto(studio.base + path)
        page.wait_for_selector(ready)
        assert violations(page) == [], path
        sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(sideways), path


def test_long_names_do_not_widen_a_phone(studio: Studio, visit: Visit) -> None:
    long = "Where the border stands after everything that was said and done about it"
    text = BORDER.read_text().replace("Where the border stands", long)
    mood = f"\n  mood: {{label: {long} twice, levels: 0..1}}\nparameters:"
    text = text.replace("\nparameters:", mood)
    text = text.replace("phase: peace}", "phase: peace, mood: 0}")
    text = text.replace("phase: war}", "phase: war, mood: 0}")
    page = visit(studio, viewport={"width": 360, "height": 780})
    name = page.evaluate(
        "text => fetch('/api/documents', {method: 'POST', body: JSON.stringify("
        "{name: 'long', text})}).then(r => r.json()).then(d => d.name)",
        text,
    )
    page.goto(f"{studio.base}/explore/{name}#pin=file&p.cost=0.3")
    page.wait_for_selector(".ladders figure + figure")
    assert page.locator("#factor option").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    # Words keep their size however many dates there are.
    drawn = page.evaluate("document.querySelector('.ladder').getBoundingClientRect().width")
    wide = page.evaluate("document.querySelector('.ladder').viewBox.baseVal.width")
    assert drawn >= 0.95 * wide


def test_panels_and_games_are_accessible(
    studio: Studio, visit: Visit, violations: Callable[[Any], list[str]]
) -> None:
    page = visit(studio, "/explore/border")
    page.wait_for_selector("#certificate.good")
    page.click("[data-move=advance] .ask")
    page.wait_for_selector(".reason")
    assert violations(page) == []
    page.goto(studio.base + "/play/border")
    page.fill("#seed", "1")
    page.click("#begin")
    page.wait_for_selector(".options button")
    page.click(".options button")
    page.wait_for_selector(".hindsight")
    assert violations(page) == []
    page.goto(studio.base + "/question/border")
    page.click("#new-claim")
    page.wait_for_selector("#judge")
    assert violations(page) == []


def test_the_keyboard_reaches_the_sliders_and_comes_back(studio: Studio, visit: Visit) -> None:
    page = visit(studio, "/explore/border")
    page.wait_for_selector("#certificate.good")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(
            page.evaluate(
                "document.activeElement.dataset.parameter || document.activeElement.id || ''"
            )
        )
    assert {"theme", "start", "precision", "cost", "risk"} <= seen
    page.focus("[data-parameter=cost]")
    page.keyboard.press("Home")
    until(page, "location.hash.includes('p.cost=0.2')")
    until(page, "document.getElementById('says').textContent.startsWith('Solved')")


def test_the_theme_is_kept(studio: Studio, visit: Visit) -> None:
    page = visit(studio)
    page.wait_for_selector("#theme")
    page.click("#theme")
    page.reload()
    until(page, "document.documentElement.dataset.theme === 'dark'")
