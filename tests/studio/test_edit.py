"""Editing in a browser: mistakes shown where they are, and nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from served import BORDER, Studio, until

Visit = Callable[..., Any]
TEXT = BORDER.read_text()


def _kept(page: Any) -> None:
    page.wait_for_selector("#kept.good:has-text('kept')")


def _put_caret_after(page: Any, words: str) -> None:
    at = page.evaluate("document.getElementById('text').value").index(words) + len(words)
    page.focus("#text")
    page.evaluate("at => document.getElementById('text').setSelectionRange(at, at)", at)


def _copy(page: Any) -> str:
    """A document of its own, so that tests leave each other alone."""
    made = page.evaluate(
        "text => fetch('/api/documents', {method: 'POST', body: JSON.stringify("
        "{name: 'copy', text})}).then(r => r.json())",
        TEXT,
    )
    return str(made["name"])


def _open(page: Any, studio: Studio, name: str) -> None:
    page.goto(f"{studio.base}/edit/{name}")
    page.wait_for_selector("#problems.good")


def test_a_mistake_is_marked_where_it_is_and_mended(studio: Studio, visit: Visit) -> None:
    page = visit(studio)
    _open(page, studio, _copy(page))
    _put_caret_after(page, "A: {gain: 1*(phase == war")
    page.keyboard.type("z")
    page.wait_for_selector("#problems.bad")
    block = page.inner_text(".problems .error pre")
    assert "phase == warz" in block
    assert "^^^" in block
    assert page.locator(".gutter .error").count() == 1
    assert page.locator(".squiggle.error").count() == 1
    page.keyboard.press("Backspace")
    page.wait_for_selector("#problems.good")
    assert page.locator(".squiggle.error").count() == 0
    _kept(page)


def test_what_may_be_written_is_suggested(studio: Studio, visit: Visit) -> None:
    page = visit(studio)
    _open(page, studio, _copy(page))
    _put_caret_after(page, "cost: {range: [0.2, 0.6], ")
    page.keyboard.type("sc")
    page.wait_for_selector("#suggestions [role=option]:has-text('scale')")
    page.keyboard.press("Tab")
    assert "cost: {range: [0.2, 0.6], scale" in page.input_value("#text")
    page.keyboard.type(": l")
    page.wait_for_selector("#suggestions [role=option]:has-text('log')")
    page.keyboard.press("Escape")
    assert page.locator("#suggestions").is_hidden()


def test_what_is_typed_is_there_after_a_reload(studio: Studio, visit: Visit) -> None:
    page = visit(studio)
    name = _copy(page)
    _open(page, studio, name)
    _put_caret_after(page, "title: A border")
    page.keyboard.type(" dispute")
    _kept(page)
    page.goto(f"{studio.base}/explore/{name}")
    page.wait_for_selector("h1:has-text('A border dispute')")


def test_text_that_never_reached_the_studio_comes_back(studio: Studio, visit: Visit) -> None:
    page = visit(studio)
    name = _copy(page)
    _open(page, studio, name)
    page.route("**/api/documents/*", lambda route: route.abort())
    _put_caret_after(page, "title: A border")
    page.keyboard.type(" in the fog")
    page.wait_for_selector("#kept.bad")
    page.unroute("**/api/documents/*")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{studio.base}/edit/{name}")
    until(page, "document.getElementById('text').value.includes('in the fog')")
    _kept(page)


def test_two_tabs_never_overwrite_each_other(studio: Studio, visit: Visit) -> None:
    one = visit(studio)
    name = _copy(one)
    _open(one, studio, name)
    two = one.context.new_page()
    _open(two, studio, name)
    two.route("**/api/events", lambda route: route.abort())
    two.reload()
    two.wait_for_selector("#problems.good")
    _put_caret_after(one, "title: A border")
    one.keyboard.type(" as one sees it")
    _kept(one)
    _put_caret_after(two, "title: A border")
    two.keyboard.type(" as two sees it")
    two.wait_for_selector(".conflict")
    two.click(".conflict button:has-text('Keep both')")
    two.wait_for_selector(".notice button:has-text('Open it')")
    assert "as one sees it" in two.input_value("#text")
    two.click(".notice button:has-text('Open it')")
    until(two, "document.getElementById('text')?.value.includes('as two sees it')")


def test_another_tab_follows_while_it_has_nothing_of_its_own(studio: Studio, visit: Visit) -> None:
    one = visit(studio)
    name = _copy(one)
    _open(one, studio, name)
    two = one.context.new_page()
    _open(two, studio, name)
    _put_caret_after(one, "title: A border")
    one.keyboard.type(" for all")
    until(two, "document.getElementById('text').value.includes('for all')")


def test_a_killed_server_comes_back_with_everything(
    own_studio: Callable[..., Studio], visit: Visit, tmp_path: Any
) -> None:
    file = tmp_path / "border.yaml"
    file.write_text(TEXT)
    studio = own_studio(str(file))
    page = visit(studio)
    _open(page, studio, "border")
    _put_caret_after(page, "title: A border")
    page.keyboard.type(" once")
    _kept(page)
    studio.kill()
    page.keyboard.type(" twice")
    page.wait_for_selector("#kept.bad")
    studio.start()
    _kept(page)
    page.reload()
    page.wait_for_selector("#problems.good")
    assert "title: A border once twice" in page.input_value("#text")
    assert file.read_text() == TEXT
    page.click("#save")
    page.wait_for_selector(".notice:has-text('Saved')")
    assert "title: A border once twice" in file.read_text()


def test_a_scenario_begins_from_the_library(studio: Studio, visit: Visit) -> None:
    page = visit(studio, "/")
    page.fill("#name", "Two rivers")
    page.click("button:has-text('Write it')")
    page.wait_for_url("**/edit/two-rivers")
    page.wait_for_selector("#problems.good")
    assert "title: Two rivers" in page.input_value("#text")
    page.select_option("#piece", "a parameter")
    page.wait_for_selector("#problems:not(.busy)")
    assert "NAME: {range: [0, 1]" in page.input_value("#text")
    page.goto(f"{studio.base}/")
    page.click("[data-name=baltic-tripwire] button:has-text('Adapt')")
    page.wait_for_url("**/edit/baltic-tripwire-2")
