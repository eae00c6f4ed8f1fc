"""Offers of the ultimatum game: observed means against those expected, by tenth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, Table
from foedus.figures.scales import SMALL, Scale, along_x, along_y, number, ranged
from foedus.figures.theme import WIDE, series

if TYPE_CHECKING:
    from foedus.estimation.ultimatum_goodness import Offers

SIDE, TOP = 220, 22
SURE = 1.96  # standard errors on both sides


def offers(found: Offers, *, width: int = WIDE) -> Figure:
    """Where offers are as expected, marks lie on the diagonal."""
    rows = [
        (float(p), float(o), float(n), max(0.0, p - SURE * e), min(found.prize, p + SURE * e))
        for p, o, n, e in found.table[
            ["predicted", "observed", "observations", "error"]
        ].itertuples(index=False)
    ]
    right = sum(low <= seen <= high for _, seen, _, low, high in rows)
    return Figure(
        name="goodness-offers",
        title=(
            f"Mean offers lie within sampling error of those expected in {right} of {len(rows)} "
            "groups"
        ),
        summary=(
            f"Rows in {len(rows)} groups by expected offer out of {number(found.prize)}. "
            + "; ".join(
                f"expected {number(guess)}, observed {number(seen)} over {n:,.0f}"
                for guess, seen, n, *_ in rows
            )
            + f". Expected offers account for {found.r2:.3f} of the variance of offers (R²)."
        ),
        spec=_spec(rows, width),
        table=Table(
            columns=("expected", "observed", "observations", "expected low", "expected high"),
            rows=tuple(rows),
        ),
        notes=(
            "On the diagonal, as much was offered as expected. Bars show where 95 % of observed "
            "means would lie if the estimates were right.",
            "Expected offers are means over what a proposer may know that the data do not show.",
        ),
    )


def _spec(rows: list[tuple[float, float, float, float, float]], width: int) -> dict[str, object]:
    canvas = Canvas(width)
    side = min(SIDE, width - 70)
    every = [end for guess, seen, _, low, high in rows for end in (guess, seen, low, high)]
    x = ranged(every, 48, 48 + side)
    y = Scale(low=x.low, high=x.high, start=TOP + side, stop=TOP)
    canvas.text(2, 10, "observed", size=SMALL, ink="muted")
    along_y(canvas, y, x.start, right=x.stop)
    along_x(canvas, x, y.start, "expected offer", top=y.stop, most=4)
    canvas.line([(x.at(x.low), y.at(x.low)), (x.at(x.high), y.at(x.high))], ink="muted",
                width=1.2, dash=(4, 3))  # fmt: skip
    ink, _, shape = series(0)
    for guess, seen, n, low, high in rows:
        canvas.rule(x.at(guess), y.at(low), x.at(guess), y.at(high), ink="axis", width=3,
                    opacity=0.6)  # fmt: skip
        canvas.point(
            x.at(guess), y.at(seen), ink=ink, shape=shape,
            size=min(30 + 12 * math.log10(max(n, 1.0)), 90),
            says=f"expected {number(guess)}, observed {number(seen)} over {n:,.0f}",
        )  # fmt: skip
    return canvas.spec(TOP + side + 38)
