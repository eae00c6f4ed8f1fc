"""Figures drawn: one picture for the page, one as a file, and the numbers of both."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

from markupsafe import Markup

from foedus.briefing.wording import DASH, file_names, number
from foedus.figures.figure import Figure
from foedus.figures.render import for_page, to_svg

MOST_ROWS = 60  # of a table on a page; the file has them all
FEW = 12  # figures that are drawn here rather than in processes that take a second to start


@dataclass(frozen=True, eq=False, kw_only=True)
class Drawn:
    """A figure with its drawings.

    - `file`: the name of its files, without an ending.
    - `svg`, `narrow`: the drawing inside a page, and one for phones where there is one.
    - `saved`: the drawing as a file of its own.
    - `rows`: the cells of its table as text, and whether each is a number.
    - `left_out`: how many rows are in the file only.
    """

    figure: Figure
    file: str
    svg: Markup = field(repr=False)
    narrow: Markup | None = field(default=None, repr=False)
    saved: str = field(repr=False)

    @property
    def rows(self) -> list[list[tuple[str, bool]]]:
        """The first rows of the table, ready to show."""
        return [[_cell(value) for value in row] for row in self.figure.table.rows[:MOST_ROWS]]

    @property
    def left_out(self) -> int:
        """How many rows are only in the file."""
        return max(0, len(self.figure.table.rows) - MOST_ROWS)


Pictures = Mapping[str, Sequence[tuple[Figure, Figure | None]]]


def draw(pictures: Pictures, *, processes: int | None = None) -> dict[str, list[Drawn]]:
    """Every figure drawn, by the page it stands on; each is a pair, the second for phones.

    The renderer holds the interpreter's lock, so many figures are shared among `processes`,
    by default one for each core. The drawings do not depend on how many there are.
    """
    pairs = [pair for group in pictures.values() for pair in group]
    files = file_names([figure.name for figure, _ in pairs], "figure")
    wanted = [_Work(figure, narrow) for figure, narrow in pairs]
    processes = processes or os.cpu_count() or 1
    if len(wanted) <= FEW or processes == 1:
        found = [_drawn(work) for work in wanted]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            found = list(pool.map(_drawn, wanted, chunksize=max(1, len(wanted) // (4 * processes))))
    drawings = {
        figure.name: Drawn(
            figure=figure,
            file=files[figure.name],
            svg=Markup(wide),
            narrow=None if narrow is None else Markup(narrow),
            saved=saved,
        )
        for (figure, _), (wide, narrow, saved) in zip(pairs, found, strict=True)
    }
    return {
        page: [drawings[figure.name] for figure, _ in group] for page, group in pictures.items()
    }


@dataclass(frozen=True, eq=False)
class _Work:
    """What one process draws: a figure, and the same for phones where there is one."""

    figure: Figure
    narrow: Figure | None


def _drawn(work: _Work) -> tuple[str, str | None, str]:
    narrow = None if work.narrow is None else for_page(work.narrow, focusable=True)
    return for_page(work.figure, focusable=True), narrow, to_svg(work.figure)


def _cell(value: str | float | int | bool | None) -> tuple[str, bool]:
    if value is None:
        return DASH, False
    if isinstance(value, bool):
        return ("yes" if value else "no"), False
    if isinstance(value, int | float):
        return number(value), True
    return value, False
