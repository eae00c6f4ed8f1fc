"""Figures drawn: one picture for the page, one as a file, and the numbers of both."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context

from markupsafe import Markup, escape

from foedus.briefing.slimming import slim
from foedus.briefing.wording import DASH, file_names, number
from foedus.figures.figure import Figure
from foedus.figures.lettering import broken
from foedus.figures.render import for_page
from foedus.figures.theme import SIZES, colour

MOST_ROWS = 60  # of a table on a page; the file has them all
FEW = 24  # figures that are drawn here rather than in processes that take a second to start
MOST_STOPS = 24  # marks of a figure that the Tab key reaches one by one; its table has all
EDGE, LINE = 14, 20  # pixels around the title of a file, and from line to line of it
_PROPERTY = re.compile(r"var\(--fig-[\w-]+, (#[0-9a-f]{6})\)")
_VIEW = re.compile(r'width="([\d.]+)" height="([\d.]+)" viewBox="0 0 ([\d.]+) ([\d.]+)"')


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure for a page: as wide as a column with a second one for phones, or `half` of it."""

    figure: Figure
    narrow: Figure | None = None
    half: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Drawn:
    """A figure with its drawings.

    - `file`: the name of its files, without an ending.
    - `svg`, `narrow`: the drawing inside a page, and one for phones where there is one.
    - `half`: whether two of its kind stand side by side.
    - `saved`: the drawing as a file of its own.
    """

    figure: Figure
    file: str
    half: bool
    svg: Markup = field(repr=False)
    narrow: Markup | None = field(default=None, repr=False)
    saved: str = field(repr=False)

    @property
    def rows(self) -> list[list[tuple[str, bool]]]:
        """The cells of the first rows of the table as text, and whether each is a number."""
        return [[_cell(value) for value in row] for row in self.figure.table.rows[:MOST_ROWS]]

    @property
    def left_out(self) -> int:
        """How many rows are only in the file."""
        return max(0, len(self.figure.table.rows) - MOST_ROWS)


Pictures = Mapping[str, Sequence[Picture]]


def draw(pictures: Pictures, *, processes: int | None = None) -> dict[str, list[Drawn]]:
    """Every picture drawn, by the page it stands on.

    The renderer holds the interpreter's lock, so many figures are shared among `processes`,
    by default one for each core. The drawings do not depend on how many there are.
    """
    wanted = [picture for group in pictures.values() for picture in group]
    files = file_names([picture.figure.name for picture in wanted], "figure")
    processes = processes or os.cpu_count() or 1
    if len(wanted) <= FEW or processes == 1:
        found = [_drawn(picture) for picture in wanted]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            share = max(1, len(wanted) // (4 * processes))
            found = list(pool.map(_drawn, wanted, chunksize=share))
    drawings = {
        picture.figure.name: Drawn(
            figure=picture.figure,
            file=files[picture.figure.name],
            half=picture.half,
            svg=Markup(wide),
            narrow=None if narrow is None else Markup(narrow),
            saved=as_file(wide, picture.figure),
        )
        for picture, (wide, narrow) in zip(wanted, found, strict=True)
    }
    return {
        page: [drawings[picture.figure.name] for picture in group]
        for page, group in pictures.items()
    }


def as_file(drawing: str, figure: Figure) -> str:
    """A drawing of a page as a file of its own: plain colours, on paper, under its title.

    It is the same drawing, so that it need not be made twice.
    """
    plain = _PROPERTY.sub(r"\1", drawing).replace(' tabindex="0"', "")
    found = _VIEW.search(plain)
    if found is None:
        return plain
    width, height = float(found[3]), float(found[4])
    lines = broken(figure.title, SIZES["head"], width - 2 * EDGE, lines=4, bold=True)
    top = EDGE + LINE * len(lines)
    view = (
        f'width="{width:g}" height="{height + top:g}" viewBox="0 {-top} {width:g} {height + top:g}"'
    )
    words = "".join(
        f'<text x="{EDGE}" y="{LINE * place - top + EDGE + 4}" font-size="{SIZES["head"]}" '
        f'font-weight="bold" fill="{colour("ink")}">{escape(line)}</text>'
        for place, line in enumerate(lines)
    )
    paper = (
        f'<rect x="0" y="{-top}" width="{width:g}" height="{height + top:g}" '
        f'fill="{colour("paper")}"/>'
    )
    return _VIEW.sub(view, plain, count=1).replace("</desc>", f"</desc>{paper}{words}", 1)


def _drawn(picture: Picture) -> tuple[str, str | None]:
    focusable = len(picture.figure.table.rows) <= MOST_STOPS
    wide = slim(for_page(picture.figure, focusable=focusable))
    if picture.narrow is None:
        return wide, None
    named = replace(picture.narrow, name=f"{picture.figure.name}-narrow")
    return wide, slim(for_page(named, focusable=focusable))


def _cell(value: str | float | int | bool | None) -> tuple[str, bool]:
    if value is None:
        return DASH, False
    if isinstance(value, bool):
        return ("yes" if value else "no"), False
    if isinstance(value, int | float):
        return number(value), True
    return value, False
