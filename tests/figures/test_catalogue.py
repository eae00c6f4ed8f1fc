"""What is true of every figure: a valid specification, words that fit, safe in every theme."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
import vl_convert

from foedus.figures import catalogue
from foedus.figures.figure import Figure, NoFigure
from foedus.figures.lettering import width as measured
from foedus.figures.render import for_page, to_svg
from foedus.figures.social_card import card
from foedus.figures.theme import NARROW, TOKENS, WIDE, dark
from foedus.figures.verdict_board import verdict_board
from foedus.findings.portrait import Portrait
from foedus.findings.result import Findings
from foedus.scenario.scenario import Scenario

Everything = Callable[[int], list[Figure | NoFigure]]
SVG = "{http://www.w3.org/2000/svg}"
COLOURS = {token.light for token in TOKENS}


def everything(
    scenario: Scenario, findings: Findings, portrait: Portrait, width: int
) -> Iterator[Figure | NoFigure]:
    yield from catalogue.of_findings(scenario, findings, width=width)
    for one in findings.claims:
        yield from catalogue.of_claim(findings, one.claim.name, width=width)
    yield from catalogue.of_play(portrait, width=width)
    for regime in portrait.regimes:
        yield from catalogue.of_regime(portrait, regime, width=width)


@pytest.fixture(scope="session", params=["plain", "hostile", "alone", "nobody"])
def made(request: pytest.FixtureRequest) -> Everything:
    get = request.getfixturevalue
    if request.param == "alone":
        scenario, findings, portrait = get("alone")
    else:
        names = {
            "plain": ("findings", "portrait"),
            "hostile": ("hostile", "hostile_portrait"),
            "nobody": ("claimless", "nobody"),
        }[request.param]
        scenario, findings, portrait = get("rivals"), *(get(name) for name in names)
    return lambda width: list(everything(scenario, findings, portrait, width))


def test_every_figure_of_a_full_scenario_is_drawn(
    rivals: Scenario, findings: Findings, portrait: Portrait
) -> None:
    figures = list(everything(rivals, findings, portrait, WIDE))
    names = {figure.name.split("-")[0] for figure in figures if isinstance(figure, Figure)}
    assert names == {
        "verdict", "facts", "structure", "effect", "robustness", "sensitivity", "switching",
        "box", "tornado", "rivals", "paths", "ladder", "worth", "strategy", "payoffs",
    }  # fmt: skip


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_names_are_unique_and_reasons_are_sentences(made: Everything, width: int) -> None:
    figures = made(width)
    names = [figure.name for figure in figures]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)
    for figure in figures:
        if isinstance(figure, NoFigure):
            assert figure.reason.endswith(".")
        else:
            assert figure.title
            assert figure.summary.endswith(".")
            assert all(note.endswith(".") for note in figure.notes)
            assert all(len(row) == len(figure.table.columns) for row in figure.table.rows)
            assert figure.table.rows


@pytest.mark.parametrize("width", [WIDE, NARROW, 300, 1200])
def test_marks_lie_inside_and_colours_are_tokens(made: Everything, width: int) -> None:
    for figure in catalogue.drawn(made(width)):
        spec = figure.spec
        assert spec["width"] == width
        for layer in spec["layer"]:
            mark = layer["mark"]
            used = {mark.get(name) for name in ("color", "fill", "stroke")} - {None}
            assert used <= COLOURS, figure.name
            for row in layer["data"]["values"]:
                assert all(-1 <= row[a] <= width + 1 for a in ("x", "x2") if a in row), figure.name
                ends = [row[a] for a in ("y", "y2") if a in row]
                assert all(-1 <= end <= spec["height"] + 1 for end in ends), figure.name
                if "text" in row:
                    _fits(figure, mark, row, width)


def _fits(figure: Figure, mark: dict[str, Any], row: dict[str, Any], width: int) -> None:
    long = measured(row["text"], mark["fontSize"], bold=mark["fontWeight"] == "bold")
    left = row["x"] - {"left": 0.0, "center": long / 2, "right": long}[mark["align"]]
    assert left >= -4, (figure.name, row["text"])
    assert left + long <= width + 6, (figure.name, row["text"])


def test_specifications_are_vega_lite_without_warnings(
    made: Everything, capfd: pytest.CaptureFixture[str]
) -> None:
    kinds: dict[str, Figure] = {}
    for figure in catalogue.drawn(made(WIDE)):
        kinds.setdefault(figure.name.split("-")[0], figure)
    for figure in kinds.values():
        spec = json.loads(json.dumps(figure.spec, allow_nan=False))
        compiled = vl_convert.vegalite_to_vega(spec, vl_version="5.21", show_warnings=True)
        assert compiled["width"] == figure.spec["width"]
    assert "WARN" not in "".join(capfd.readouterr())


def test_pages_and_files_are_well_formed_whatever_the_words(made: Everything) -> None:
    for figure in catalogue.drawn(made(NARROW)):
        for text in (for_page(figure), for_page(figure, focusable=True), to_svg(figure)):
            root = ElementTree.fromstring(text)
            tags = {element.tag.removeprefix(SVG) for element in root.iter()}
            assert tags <= {"svg", "g", "path", "text", "title", "desc", "rect", "line"}
            attributes = {name for element in root.iter() for name in element.attrib}
            assert not any(name.startswith("on") or "href" in name for name in attributes)
            words = "".join(root.itertext())
            assert not set(words) & set("\x1b\u202e\u202c")


def test_tables_say_no_more_than_plain_values(made: Everything) -> None:
    for figure in catalogue.drawn(made(WIDE)):
        json.dumps(figure.to_dict(), allow_nan=False)
        read = list(csv.reader(io.StringIO(figure.csv())))
        assert len(read) == len(figure.table.rows) + 1
        assert not [cell for row in read for cell in row if cell[:1] in ("=", "@", "\t")]


def test_both_themes_have_the_same_marks(made: Everything) -> None:
    values = {token.dark for token in TOKENS}
    for figure in catalogue.drawn(made(WIDE)):
        night = dark(figure.spec)
        for before, after in zip(figure.spec["layer"], night["layer"], strict=True):
            assert before["data"] == after["data"]
            used = {after["mark"].get(name) for name in ("color", "fill", "stroke")} - {None}
            assert used <= values


def test_sixty_claims_make_a_board_and_a_card(findings: Findings) -> None:
    claims = []
    for n in range(12):
        for one in findings.claims:
            claim = replace(one.claim, name=f"{one.claim.name}{n}", rivals=())
            claims.append(replace(one, finding=replace(one.finding, claim=claim)))
    many = replace(findings, claims=tuple(claims))
    board = verdict_board(many)
    assert isinstance(board, Figure)
    assert len(board.table.rows) == 60
    squares = [
        row
        for layer in card(many).spec["layer"]
        if layer["mark"]["type"] == "rect"
        for row in layer["data"]["values"]
        if row.get("says")
    ]
    assert len(squares) == 60
