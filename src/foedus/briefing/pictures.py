"""Which figures stand on which page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from foedus.briefing.drawing import Pictures
from foedus.briefing.material import Material
from foedus.figures.figure import Figure, NoFigure
from foedus.figures.theme import NARROW, WIDE
from foedus.figures.verdict_board import verdict_board

Pair = tuple[Figure, Figure | None]
Make = Callable[[int], Figure | NoFigure]


def pictures(material: Material) -> Pictures:
    """The figures of each page, by the page's key: `index`, `claim NAME`, `regime NAME` ..."""
    findings = material.findings
    return {"data": list(_pairs([lambda width: verdict_board(findings, width=width)]))}


def _pairs(makers: list[Make]) -> Iterator[Pair]:
    """Each figure for a page and for a phone; none where there is nothing to draw."""
    for make in makers:
        wide, narrow = make(WIDE), make(NARROW)
        if isinstance(wide, NoFigure):
            continue
        if isinstance(narrow, NoFigure) or narrow.spec == wide.spec:
            yield wide, None
        else:
            yield wide, replace(narrow, name=f"{wide.name}-narrow")
