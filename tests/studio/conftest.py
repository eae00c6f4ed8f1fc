"""A studio for all tests of pages, and a real browser; they skip where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from served import BORDER, Studio


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    home = tmp_path_factory.mktemp("studio")
    running = Studio(home, str(BORDER))
    yield running
    running.stop()


@pytest.fixture
def own_studio(tmp_path: Path) -> Iterator[Callable[..., Studio]]:
    """Studios for one test, which it may kill."""
    made: list[Studio] = []

    def make(*arguments: str) -> Studio:
        made.append(Studio(tmp_path, *arguments))
        return made[-1]

    yield make
    for one in made:
        if one.process.poll() is None:
            one.stop()


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens a browser of its own at a studio, past the door. Errors of the page fail the test."""
    contexts, errors = [], []

    def open_page(studio: Studio, path: str = "/", **options: Any) -> Any:
        options = {"viewport": {"width": 1280, "height": 900}, "accept_downloads": True} | options
        context = browser.new_context(**options)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(studio.fresh)
        page.wait_for_url("**/explore/border")
        page.goto(studio.base + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def solved() -> Callable[..., None]:
    """Waits until a page shows the setting that its address names, certified."""

    def wait(page: Any, setting: str | None = None) -> None:
        at = "[data-solved]" if setting is None else f"[data-solved='{setting}']"
        page.wait_for_selector(at)
        page.wait_for_selector("#certificate.good")

    return wait


@pytest.fixture
def violations() -> Callable[[Any], list[str]]:
    """What axe finds wrong with a page."""
    sync_api = pytest.importorskip("axe_playwright_python.sync_playwright")

    def found(page: Any) -> list[str]:
        page.wait_for_timeout(300)  # colours that still move are no colours to judge
        result = sync_api.Axe().run(page)
        return [
            f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in result.response["violations"]
        ]

    return found
