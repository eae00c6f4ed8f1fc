"""A figure: what a chart says in words, its drawing as plain data, and the table behind it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Value = str | float | int | bool | None


@dataclass(frozen=True, kw_only=True)
class Table:
    """The numbers of a figure, one row for each thing shown; None where there is no number."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row of {len(row)} values under {len(self.columns)} columns")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart with everything that a page says around it.

    - `name`: unique on a page; letters, digits and hyphens.
    - `title`: the finding in words. `summary`: what is shown, in which direction, and the
        extremes, for those who do not see the drawing.
    - `spec`: a Vega-Lite 5 specification with its data inside, in the light theme; see
        `theme.dark`. It has a fixed width, the one the figure was asked for.
    - `table`: the data behind the drawing, however short its labels had to be cut.
    - `digest`: the same for a reader, where the table has more rows than anybody reads.
    - `notes`: short sentences on how to read it and what it does not say.
    """

    name: str
    title: str
    summary: str
    spec: Mapping[str, Any]
    table: Table
    digest: Table | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The figure as plain data, ready for JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "summary": self.summary,
            "spec": dict(self.spec),
            "columns": list(self.table.columns),
            "rows": [list(row) for row in self.table.rows],
            "notes": list(self.notes),
        }

    def csv(self) -> str:
        """The table as CSV with a line of column names, numbers to six significant digits.

        Text that a spreadsheet would take for a formula gets an apostrophe in front.

        >>> table = Table(columns=("claim", "share"), rows=(("=1+1", 1 / 3), ("b", None)))
        >>> print(Figure(name="f", title="", summary="", spec={}, table=table).csv())
        claim,share
        '=1+1,0.333333
        b,
        """
        written = io.StringIO()
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow([_cell(column) for column in self.table.columns])
        writer.writerows([_cell(value) for value in row] for row in self.table.rows)
        return written.getvalue()


@dataclass(frozen=True, kw_only=True)
class NoFigure:
    """In place of a figure where there is nothing to draw: why, as a sentence."""

    name: str
    reason: str


def slug(*words: str) -> str:
    """A name for a figure from words: letters, digits and hyphens, unlike for unlike words.

    >>> slug("effect", "claim 7")
    'effect-claim-7'
    >>> slug("effect", "Größe")
    'effect-gr-f6--df-e'
    """
    joined = "-".join(words).lower()
    plain = [
        c if c.isascii() and c.isalnum() else "-" if c in " -_." else f"-{ord(c):x}-"
        for c in joined
    ]
    return "".join(plain).strip("-")


def _cell(value: Value) -> Value:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
