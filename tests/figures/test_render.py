"""Drawings are the same every time, safe whatever the words are, and fetch nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, Table
from foedus.figures.render import for_page, to_png, to_svg
from foedus.figures.theme import TOKENS
from foedus.figures.verdict_board import verdict_board
from foedus.findings.result import Findings

HOSTILE = (
    '<script>alert("x")</script> & ]]> \u202egnikcab\u202c \u05e9\u05dc\u05d5\u05dd \U0001f680\x1b'
    * 9
)
SVG = "{http://www.w3.org/2000/svg}"


def hostile() -> Figure:
    canvas = Canvas(300)
    canvas.text(10, 10, HOSTILE)
    canvas.point(20, 30, says=HOSTILE)
    return Figure(
        name="hostile",
        title=HOSTILE,
        summary=HOSTILE,
        spec=canvas.spec(60),
        table=Table(columns=("words",), rows=((HOSTILE,),)),
    )


@pytest.mark.parametrize("draw", [to_svg, for_page])
def test_no_markup_comes_through(draw: object) -> None:
    assert callable(draw)
    root = ElementTree.fromstring(draw(hostile()))
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "g", "path", "text", "title", "desc", "rect", "line", "tspan"}
    words = "".join(root.itertext())
    assert "<script>" in words  # as words, not as an element
    assert not set(words) & {"\x1b", "\u202e"}


def test_the_same_figure_gives_the_same_bytes(findings: Findings) -> None:
    one, two = verdict_board(findings), verdict_board(findings)
    assert isinstance(one, Figure)
    assert isinstance(two, Figure)
    assert to_svg(one) == to_svg(two)
    assert for_page(one) == for_page(two)
    assert to_png(one) == to_png(two)


def test_on_a_page_every_colour_is_a_property_with_a_value_to_fall_back_on(
    findings: Findings,
) -> None:
    figure = verdict_board(findings)
    assert isinstance(figure, Figure)
    page = for_page(figure)
    names = {token.name: token.light for token in TOKENS}
    used = re.findall(r'(?:fill|stroke)="var\(--fig-([\w-]+), (#\w+)\)"', page)
    assert used
    assert all(names[name] == value for name, value in used)
    assert not re.findall(r'(?:fill|stroke)="#', page)
    assert "var(" not in to_svg(figure)


def test_a_drawing_is_one_image_or_a_group_of_images_that_the_keyboard_reaches() -> None:
    whole = ElementTree.fromstring(for_page(hostile()))
    assert whole.get("role") == "img"
    assert not whole.findall(".//*[@tabindex]")
    assert len(whole.findall(f".//{SVG}g/{SVG}title")) == 1
    group = ElementTree.fromstring(for_page(hostile(), focusable=True))
    assert group.get("role") == "group"
    [mark] = group.findall(".//*[@tabindex]")
    assert mark.get("role") == "img"
    assert mark.get("aria-label")


def test_ids_are_the_figure_s_own() -> None:
    one, two = (for_page(replace(hostile(), name=name)) for name in ("one", "two"))
    ids = [set(re.findall(r' id="([^"]+)"', page)) for page in (one, two)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_addresses_are_not_fetched() -> None:
    spec = {
        "data": {"url": "http://127.0.0.1:9/data.json"},
        "mark": "point",
        "encoding": {"x": {"field": "a", "type": "quantitative"}},
    }
    with pytest.raises(ValueError, match="not allowed"):
        to_svg(replace(hostile(), spec=spec))
