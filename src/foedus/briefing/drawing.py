"""Figures drawn: one picture for the page, one as a file, and the numbers of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from foedus.briefing.wording import DASH, file_names, number
from foedus.figures.figure import Figure, Table
from foedus.figures.render import for_page, to_svg

MOST_ROWS = 60  # of a table on a page; the file has more
MOST_STOPS = 24  # marks of a figure that the Tab key reaches one by one; its table has all


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
    def table(self) -> Table:
        """What the page shows of the figure's numbers."""
        return self.figure.digest or self.figure.table

    @property
    def rows(self) -> list[list[tuple[str, bool]]]:
        """The cells of the first rows of that table as text, and whether each is a number."""
        return [[_cell(value) for value in row] for row in self.table.rows[:MOST_ROWS]]

    @property
    def in_the_file(self) -> str:
        """What more the file has, as a sentence; empty where the page shows all of it."""
        if len(self.figure.table.rows) <= len(self.rows):
            return ""
        return f"The CSV file has all {len(self.figure.table.rows):,} rows of the picture's data."


Pictures = Mapping[str, Sequence[Picture]]


def draw(pictures: Pictures) -> dict[str, list[Drawn]]:
    """Every picture drawn, by the page it stands on."""
    wanted = [picture for group in pictures.values() for picture in group]
    files = file_names([picture.figure.name for picture in wanted], "figure")
    return {
        page: [_drawn(picture, files[picture.figure.name]) for picture in group]
        for page, group in pictures.items()
    }


def _drawn(picture: Picture, file: str) -> Drawn:
    figure, narrow = picture.figure, picture.narrow
    focusable = len(figure.table.rows) <= MOST_STOPS
    if narrow is not None:
        narrow = replace(narrow, name=f"{figure.name}-narrow")
    return Drawn(
        figure=figure,
        file=file,
        half=picture.half,
        svg=Markup(for_page(figure, focusable=focusable)),
        narrow=None if narrow is None else Markup(for_page(narrow, focusable=focusable)),
        saved=to_svg(figure),
    )


def _cell(value: str | float | int | bool | None) -> tuple[str, bool]:
    if value is None:
        return DASH, False
    if isinstance(value, bool):
        return ("yes" if value else "no"), False
    if isinstance(value, int | float):
        return number(value), True
    return value, False
