"""Exploring in a browser: every turn is solved for real, kept in the address, and taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from served import BORDER, Studio, until

import foedus as fd

Visit = Callable[..., Any]
Solved = Callable[..., None]


def _row(page: Any, label: str) -> list[str]:
    row = page.locator(".numbers tbody tr", has_text=label)
    return [cell.strip() for cell in row.locator("td").all_inner_texts()]


def _exact(regime: str, **values: float) -> dict[str, float]:
    scenario = fd.read(BORDER)
    game = fd.compile_scenario(scenario, regime=regime).at(**values)
    return fd.report(fd.solve(game), scenario.rules(regime).quantities)


def test_a_slider_released_shows_what_is_solved_there(
    studio: Studio, visit: Visit, solved: Solved
) -> None:
    page = visit(studio, "/explore/border")
    solved(page, "file")
    slider = page.locator("[data-parameter=cost]")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("PageUp")
    until(page, "location.hash.includes('p.cost')")
    setting = page.evaluate("location.hash.slice(1)")
    value = float(page.evaluate("new URLSearchParams(location.hash.slice(1)).get('p.cost')"))
    assert 0.4 < value <= 0.6
    page.wait_for_selector(f"[data-solved='p.cost={value:g}']")
    exact = _exact("none", cost=value)
    assert _row(page, "War within three years") == [f"{100 * exact['war']:.0f} %"]
    assert page.locator(".slider.changed label").all_inner_texts() == ["cost"]
    assert page.evaluate("document.activeElement.dataset.parameter") == "cost"
    page.reload()
    solved(page)
    assert page.evaluate("location.hash.slice(1)") == setting
    page.click("#assumptions .slider.changed .reset")
    solved(page, "file")


def test_undo_and_redo_go_through_the_settings(
    studio: Studio, visit: Visit, solved: Solved
) -> None:
    page = visit(studio, "/explore/border#p.cost=0.3")
    solved(page, "p.cost=0.3")
    page.click("label:text-is('Treaty')")
    solved(page, "regime=treaty&p.cost=0.3")
    page.keyboard.press("Control+z")
    solved(page, "p.cost=0.3")
    page.click("#redo")
    solved(page, "regime=treaty&p.cost=0.3")
    exact = _exact("treaty", cost=0.3)
    assert _row(page, "War within three years") == [f"{100 * exact['war']:.0f} %"]


def test_two_settings_side_by_side_with_their_difference(
    studio: Studio, visit: Visit, solved: Solved
) -> None:
    page = visit(studio, "/explore/border")
    solved(page, "file")
    page.click("#pin")
    page.click("label:text-is('Treaty')")
    page.wait_for_selector(".numbers th:has-text('Difference')")
    until(page, "document.querySelectorAll('.ladders figure').length === 2")
    before, now = _exact("none")["war_years"], _exact("treaty")["war_years"]
    pinned, shown, difference = _row(page, "Years of war")
    assert (pinned, shown) == (f"{before:.2f}"[:5], f"{now:.2f}"[:5]) or difference[0] in "▲▼"
    assert difference.startswith("▼") is (now < before)
    assert "pin=file" in page.evaluate("location.hash")
    # Shares differ by points, not by a fraction of one.
    exact = 100 * (_exact("treaty")["war"] - _exact("none")["war"])
    shown_apart = _row(page, "War within three years")[2]
    assert shown_apart.endswith(" points")
    apart = float(shown_apart.split()[1].replace("−", "-").replace("+", ""))
    assert abs(apart - exact) <= 0.06 * abs(exact)


def test_why_a_player_acts_so(studio: Studio, visit: Visit, solved: Solved) -> None:
    page = visit(studio, "/explore/border")
    solved(page)
    page.click("[data-move=advance] .ask")
    page.wait_for_selector(".reason")
    said = page.inner_text(".reason")
    game = fd.compile_scenario(fd.read(BORDER))
    assert said == fd.explain(fd.solve(game), "A", move="advance").text
    page.fill("#situation", "phase == nowhere")
    page.click("#side button:has-text('Ask')")
    page.wait_for_selector(".refused")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.move") == "advance"


def test_a_claim_leads_to_the_figures_it_reads(
    studio: Studio, visit: Visit, solved: Solved
) -> None:
    page = visit(studio, "/explore/border#claim=deters")
    solved(page)
    page.wait_for_selector("#here:has-text('At this setting it holds')")
    until(
        page,
        "[...document.querySelectorAll('.numbers tr.marked td')].every(c => c.innerText !== '…')",
    )
    none, treaty = _row(page, "War within three years")
    exact = [_exact(regime)["war"] for regime in ("none", "treaty")]
    assert [none, treaty] == [f"{100 * share:.0f} %" for share in exact]


def test_the_setting_leaves_as_a_scenario_with_its_comments(
    studio: Studio, visit: Visit, solved: Solved, tmp_path: Path
) -> None:
    page = visit(studio, "/explore/border#p.cost=0.25&precision=4")
    solved(page)
    page.click("#export")
    with page.expect_download() as download:
        page.click("#export-file")
    file = tmp_path / "export.yaml"
    download.value.save_as(file)
    text = file.read_text()
    assert "# Nobody knows what a war costs." in text
    assert "# kept" in text
    scenario = fd.read(file)
    assert {p.name: p.value for p in scenario.parameters}["cost"] == 0.25
    assert scenario.precision.value == 4


def test_figures_leave_as_svg_png_and_csv(
    studio: Studio, visit: Visit, solved: Solved, tmp_path: Path
) -> None:
    page = visit(studio, "/explore/border")
    solved(page)
    found = {}
    for kind in ("SVG", "PNG", "CSV"):
        with page.expect_download() as download:
            page.click(f".ladders .take button:has-text('{kind}')")
        download.value.save_as(tmp_path / kind)
        found[kind] = (tmp_path / kind).read_bytes()
    assert found["SVG"].startswith(b"<svg")
    assert b"var(" not in found["SVG"]
    assert found["PNG"].startswith(b"\x89PNG")
    header, *rows = found["CSV"].decode().splitlines()
    assert header == "Where the border stands,0,1,2,3,4"
    assert {row.split(",")[0] for row in rows} == {"peace", "war", "Ruin of both"}
    assert abs(sum(float(row.split(",")[-1]) for row in rows) - 1) < 1e-5


def test_an_answer_is_certified_and_says_so(studio: Studio, visit: Visit, solved: Solved) -> None:
    page = visit(studio, "/explore/border")
    solved(page)
    page.click("#certificate")
    said = page.inner_text("#side")
    assert "Largest gain from deviating once" in said
    assert "shares nothing with the solver" in said


def test_a_foreign_setting_is_fitted_to_the_scenario(
    studio: Studio, visit: Visit, solved: Solved
) -> None:
    page = visit(studio, "/explore/border#p.cost=99&p.stranger=1&regime=nowhere&start=<b>")
    solved(page, "p.cost=0.6")
    assert (
        json.loads(page.evaluate("JSON.stringify(document.querySelectorAll('main b b').length)"))
        == 0
    )
