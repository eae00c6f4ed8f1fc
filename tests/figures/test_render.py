"""Drawings are the same every time, and the ones that Vega makes of the same specification."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
import vl_convert

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, Table
from foedus.figures.ladder import ladder
from foedus.figures.png import packed
from foedus.figures.render import for_page, to_png, to_svg
from foedus.figures.shapes import TIMES, scattered
from foedus.figures.social_card import social_card
from foedus.figures.theme import TOKENS
from foedus.figures.verdict_board import verdict_board
from foedus.findings.portrait import Portrait
from foedus.findings.result import Findings

SVG = "{http://www.w3.org/2000/svg}"
PNG = b"\x89PNG\r\n\x1a\n"


def sample() -> Figure:
    """A figure with a mark of every kind."""
    canvas = Canvas(300)
    canvas.text(10, 10, "words & <more>")
    canvas.text(150, 10, "turned", align="center", angle=-90, size=15, bold=True)
    canvas.box(20, 20, 80, 60, fill="series-1", stroke="ink", radius=4, says="a box")
    canvas.rule(0, 70, 300, 70, dash=(4, 2), width=2)
    canvas.line([(0, 80), (50, 90), (100, 80)], ink="series-2", width=3, opacity=0.5)
    canvas.area([(0, 90, 100), (50, 95, 110)], fill="series-3", opacity=0.25)
    shapes = ("circle", "square", "diamond", "cross", "triangle-up", "triangle-down",
              "triangle-left", "triangle-right")  # fmt: skip
    for place, shape in enumerate(shapes):
        canvas.point(20 + 30 * place, 130, shape=shape, filled=place % 2 == 0, says=shape)
    for place, shape in enumerate(("circle", "times", "circle")):
        canvas.point(20.5 + 30 * place, 150, shape=shape, filled=place != 2)
    return Figure(
        name="sample",
        title="A sample",
        summary="Marks of every kind.",
        spec=canvas.spec(160),
        table=Table(columns=("a",), rows=((1,),)),
    )


def _texts(root: ElementTree.Element, *, vega: bool) -> list[tuple[str, float, float]]:
    found = []
    for element in root.iter(f"{SVG}text"):
        if vega:
            x, y = map(float, re.findall(r"-?[\d.]+", element.get("transform", ""))[:2])
        else:
            x, y = float(element.get("x", "0")), float(element.get("y", "0"))
        found.append((element.text or "", x, y))
    return sorted(found)


def _carries(element: ElementTree.Element) -> bool:
    """Whether a mark of Vega's says what it stands for."""
    return element.get("role") == "graphics-symbol" and "aria-label" in element.attrib


@pytest.mark.parametrize("which", ["sample", "board", "ladder"])
def test_words_and_marks_stand_where_vega_puts_them(
    which: str, findings: Findings, portrait: Portrait
) -> None:
    made = {
        "sample": sample(),
        "board": verdict_board(findings),
        "ladder": ladder(portrait, portrait.starts[0]),
    }[which]
    assert isinstance(made, Figure)
    theirs = ElementTree.fromstring(
        vl_convert.vegalite_to_svg(dict(made.spec), vl_version="5.21", allowed_base_urls=[])
    )
    ours = ElementTree.fromstring(for_page(made))
    assert (ours.get("width"), ours.get("height")) == (theirs.get("width"), theirs.get("height"))
    for (word, x, y), (same, x2, y2) in zip(
        _texts(ours, vega=False), _texts(theirs, vega=True), strict=True
    ):
        assert word == same
        if word != "turned":  # Vega moves turned letters before it turns them
            assert abs(x - x2) <= 0.51
            assert abs(y - y2) <= 0.51
    carrying = sorted(e.get("aria-label", "") for e in theirs.iter(f"{SVG}path") if _carries(e))
    told = [e for e in ours.findall(".//*") if e.find(f"{SVG}title") is not None]
    assert carrying == sorted(e.findtext(f"{SVG}title") or "" for e in told)
    assert told


def test_outlines_are_vega_s() -> None:
    """The corners of each shape, from the renderer itself."""
    figure = sample()
    theirs = vl_convert.vegalite_to_svg(dict(figure.spec), vl_version="5.21")
    compared = set()
    for shape, path in re.findall(r'aria-label="([\w-]+)"[^>]*? d="([^"]+)"', theirs):
        if shape in ("circle", "a box"):
            continue
        place = re.search(rf'aria-label="{shape}"[^>]*translate\(([\d.]+),([\d.]+)\)', theirs)
        assert place
        x, y = map(float, place.groups())
        compared.add(shape)
        mine = re.search(rf'<path d="([^"]+)"><title>{shape}</title>', for_page(figure))
        assert mine
        corners = {tuple(round(float(v), 1) for v in c) for c in _pairs(mine[1])}
        expected = {(round(x + a, 1) + 0.0, round(y + b, 1) + 0.0) for a, b in _pairs(path)}
        for a, b in corners:
            assert any(abs(a - c) < 0.11 and abs(b - d) < 0.11 for c, d in expected), shape
    assert len(compared) == 7


def _pairs(path: str) -> list[tuple[float, float]]:
    """The corners of a path, whether lines are told as L, h or v, absolute."""
    found, x, y = [], 0.0, 0.0
    for command, rest in re.findall(r"([MLHVhvZz])([^MLHVhvZz]*)", path):
        numbers = [float(n) for n in re.findall(r"-?[\d.]+(?:e-?\d+)?", rest)]
        if command in "ML":
            x, y = numbers
        elif command in "hH":
            x = numbers[0] + (x if command == "h" else 0)
        elif command in "vV":
            y = numbers[0] + (y if command == "v" else 0)
        if command not in "Zz":
            found.append((x, y))
    return found


def test_marks_that_say_nothing_share_a_path() -> None:
    page = for_page(sample())
    assert 'd="M20.5,150h0"' in page
    [strokes] = re.findall(r'd="(M4[^"]*l[^"]*)"', page)
    half = 70**0.5 / 2
    start = [float(n) for n in strokes[1:].split("l")[0].split(",")]
    assert start == pytest.approx([50.5 - half, 150 - half], abs=0.06)
    theirs = vl_convert.vegalite_to_svg(dict(sample().spec), vl_version="5.21")
    assert re.search(r'translate\(50.5,150\)" d="M-4.183,-4.183L4.183,4.183', theirs)


def test_marks_that_share_a_path_stand_where_they_should() -> None:
    """The path walked from mark to mark comes to every point, to half a tenth of a pixel."""
    points = np.random.default_rng(3).uniform(-5, 300, (400, 2))
    for shape, corner in (("circle", 0.0), (TIMES, -2.0)):
        at, found = np.zeros(2), []
        for command, rest in re.findall(r"([Mmlh])([^Mmlh]*)", scattered(shape, 16, points)):
            step = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest)]
            if command in "Mm":
                at = at + step
                found.append(at - corner)
            elif command == "l":
                at = at + step
        marks = np.array(found)
        if shape == TIMES:
            marks = marks[::2]  # the second stroke of each starts with a move of its own
        assert len(marks) == len(points)
        gaps = np.abs(points[:, None] - marks[None]).max(axis=2)
        assert gaps.min(axis=1).max() <= 0.051
        assert gaps.min(axis=0).max() <= 0.051


def test_an_image_packed_again_has_the_same_pixels() -> None:
    drawn = vl_convert.svg_to_png(to_svg(sample()))
    small = packed(drawn)
    assert len(small) < len(drawn)
    assert _pixels(small) == _pixels(drawn)


def _pixels(image: bytes) -> tuple[bytes, bytes]:
    """The header and the scan lines of an image, with every checksum checked."""
    at, header, data = 8, b"", b""
    while at < len(image):
        length, kind = struct.unpack_from(">I4s", image, at)
        content = image[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", image, at + 8 + length)[0] == zlib.crc32(kind + content)
        header, data = (content, data) if kind == b"IHDR" else (header, data)
        data += content if kind == b"IDAT" else b""
        at += 12 + length
    return header, zlib.decompress(data)


def test_the_same_figure_gives_the_same_bytes(findings: Findings) -> None:
    one, two = verdict_board(findings), verdict_board(findings)
    assert isinstance(one, Figure)
    assert isinstance(two, Figure)
    assert to_svg(one) == to_svg(two)
    assert for_page(one) == for_page(two)
    assert to_png(one) == to_png(two)
    assert social_card(findings) == social_card(findings)


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
    assert "var(" not in to_svg(figure, dark_theme=True)


def test_a_drawing_is_one_image_or_a_group_of_images_that_the_keyboard_reaches() -> None:
    whole = ElementTree.fromstring(for_page(sample()))
    assert whole.get("role") == "img"
    assert not whole.findall(".//*[@tabindex]")
    assert len(whole.findall(f".//*/{SVG}title")) == 9
    assert not ElementTree.fromstring(to_svg(sample())).findall(f".//*/{SVG}title")
    group = ElementTree.fromstring(for_page(sample(), focusable=True))
    assert group.get("role") == "group"
    marks = group.findall(".//*[@tabindex]")
    assert len(marks) == 9
    assert all(mark.get("role") == "img" and mark.findtext(f"{SVG}title") for mark in marks)


def test_ids_are_the_figure_s_own() -> None:
    one, two = (for_page(replace(sample(), name=name)) for name in ("one", "two"))
    ids = [set(re.findall(r' id="([^"]+)"', page)) for page in (one, two)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_the_card_has_the_size_that_networks_ask_for(findings: Findings) -> None:
    card = social_card(findings)
    assert card[:8] == PNG
    assert struct.unpack(">II", card[16:24]) == (1200, 630)
    image = to_png(sample(), scale=1.0)
    assert struct.unpack(">II", image[16:24])[0] == 328
