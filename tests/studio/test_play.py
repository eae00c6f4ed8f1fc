"""A seat taken in the browser: a whole game, hindsight, regret, and a screen shared by two."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from served import BORDER, Studio, until

import foedus as fd
from foedus.findings.positions import Record
from foedus.findings.seat import Table

Visit = Callable[..., Any]


def test_a_game_from_the_first_choice_to_the_regret(
    studio: Studio, visit: Visit, tmp_path: Any
) -> None:
    page = visit(studio, "/play/border")
    page.fill("#seed", "5")
    page.click("#begin")
    chosen = []
    while True:
        page.wait_for_selector(".options button:not([disabled]), .end")
        if page.locator(".end").count():
            break
        action = page.locator(".options button").first.get_attribute("data-action")
        chosen.append(action)
        page.locator(".options button").first.click()
        until(page, "n => document.querySelectorAll('.hindsight').length === n", len(chosen))
    game = fd.compile_scenario(fd.read(BORDER))
    table = Table(fd.solve(game))
    record = Record(seats=("A",), start="calm", seed=5, choices=tuple(chosen))
    position = table.position(record)
    assert position.over
    regret = position.regret("A", 0.9)
    said = page.inner_text("[data-regret=A]")
    assert f"{regret:.3g}"[:4] in said.replace("−", "-")
    assert page.locator(".ladder .stop").count() == len(position.states)
    with page.expect_download() as download:
        page.click("#log")
    download.value.save_as(tmp_path / "log.json")
    log = json.loads((tmp_path / "log.json").read_text())
    assert log["choices"] == chosen
    assert [step["action"] for step in log["steps"]] == [step.action for step in position.steps]
    page.reload()
    page.wait_for_selector("[data-regret=A]")


def test_two_people_share_a_screen(studio: Studio, visit: Visit) -> None:
    page = visit(studio, "/play/border")
    page.check("#seat-B")
    page.select_option("#start", "fighting")
    page.click("#begin")
    page.wait_for_selector(".curtain")
    assert page.locator(".options").count() == 0
    page.click(".curtain button:has-text('South')")
    page.wait_for_selector(".choice h2:has-text('South')")
    page.click("[data-action=stop]")
    page.wait_for_selector(".curtain button, .end")
