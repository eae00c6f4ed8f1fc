"""Goodness of fit: shares that were observed against those predicted, by tenth and outcome."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table
from foedus.figures.lettering import fit as cut
from foedus.figures.scales import SMALL, Scale, along_x, along_y
from foedus.figures.theme import NARROW, WIDE, series
from foedus.findings.words import percent

if TYPE_CHECKING:
    from foedus.estimation.goodness import Goodness

PANEL, HEAD, FOOT = 190, 42, 44
SURE = 1.96  # standard errors of a share, on both sides
GROUP = ("predicted", "observed", "observations")
LEAST = 5.0  # observations below which a group says little by itself
MOST = 12  # panels


def observed(found: Goodness, *, width: int = WIDE) -> Figure | NoFigure:
    """One panel for each outcome: where predictions are right, marks lie on the diagonal.

    In a dynamic game, one for each player's action. Of two that exclude each other the second is
    shown, as the first is its mirror image.
    """
    every = [name for names in found.sets for name in names[len(names) == 2 :]]
    outcomes, noun = every[:MOST], "outcome" if len(found.sets) == 1 else "action"
    table = found.calibration
    table = table[table["outcome"].isin(outcomes)] if len(table) else table
    if not len(table):
        return NoFigure(name="goodness", reason="Nothing was observed, so nothing can be compared.")
    rows = [
        (str(outcome), guess, seen, count, _expected(guess, count))
        for outcome, guess, seen, count in zip(
            table["outcome"],
            *(table[name].to_numpy(float).tolist() for name in GROUP),
            strict=True,
        )
    ]
    told = [row for row in rows if row[3] >= LEAST]
    right = sum(low <= seen <= high for _, _, seen, _, (low, high) in told)
    if told:
        title = (
            f"Observed shares lie within sampling error of those predicted in {right} of "
            f"{len(told)} groups"
        )
    else:
        title = "Too few observations in every group to compare shares"
    return Figure(
        name="goodness",
        title=title,
        summary=(
            f"Rows grouped by predicted probability in tenths, {noun} by {noun}. "
            + "; ".join(
                f"{o}: predicted {percent(p)}, observed {percent(s)} of {n:,.0f}"
                for o, p, s, n, _ in told[:40]
            )
            + f". Pseudo-R² (McFadden) {found.pseudo_r2:.3f}; the likeliest {noun} was seen in "
            f"{percent(found.correct)}, the most frequent one in {percent(found.modal)}."
        ),
        spec=_spec(rows, outcomes, width),
        table=Table(
            columns=(noun, "predicted", "observed", "observations", "expected low",
                     "expected high"),
            rows=tuple((o, p, s, n, low, high) for o, p, s, n, (low, high) in rows),
        ),
        notes=(
            "On the diagonal, as much was observed as predicted. Bars show where 95 % of observed "
            "shares would lie if the predictions were right.",
            f"Pale marks are groups of fewer than {LEAST:.0f} observations. The same rows were "
            "used to estimate, so this cannot show how well other rows would be predicted.",
            *(
                [f"The first {MOST} of {len(every)} are drawn; `fit.goodness()` has all."]
                if len(every) > MOST
                else []
            ),
        ),
    )  # fmt: skip


def _expected(share: float, number: float) -> tuple[float, float]:
    """Where the share of so many independent draws lies in 95 % of cases, about."""
    half = SURE * math.sqrt(share * (1 - share) / number) if number > 0 else 1.0
    return max(0.0, share - half), min(1.0, share + half)


def _spec(
    rows: list[tuple[str, float, float, float, tuple[float, float]]],
    outcomes: list[str],
    width: int,
) -> dict[str, object]:
    narrow = width < (WIDE + NARROW) / 2
    columns = min(len(outcomes), 1 if narrow else 3)
    canvas = Canvas(width)
    gap = 58.0
    side = min((width - gap * columns - 10) / columns, PANEL)
    for place, outcome in enumerate(outcomes):
        line, column = divmod(place, columns)
        x0 = 48 + column * (side + gap)
        y0 = line * (side + HEAD + FOOT) + HEAD
        x = Scale(low=0, high=1, start=x0, stop=x0 + side)
        y = Scale(low=0, high=1, start=y0 + side, stop=y0)
        canvas.text(x0, y0 - 28, cut(outcome, 12, side, bold=True), bold=True)
        canvas.text(x0 - 38, y0 - 12, "observed", size=SMALL, ink="muted")
        along_y(canvas, y, x.start, right=x.stop, percent=True, most=4)
        along_x(canvas, x, y.start, "predicted", top=y.stop, percent=True, most=4)
        canvas.line([(x.at(0), y.at(0)), (x.at(1), y.at(1))], ink="muted", width=1.2, dash=(4, 3))
        ink, _, shape = series(place)
        for own, guess, seen, number, (low, high) in rows:
            if own != outcome:
                continue
            pale = number < LEAST
            canvas.rule(x.at(guess), y.at(low), x.at(guess), y.at(high), ink="axis", width=3,
                        opacity=0.6)  # fmt: skip
            canvas.point(
                x.at(guess), y.at(seen), ink="axis" if pale else ink, shape=shape,
                filled=not pale, size=26 if pale else min(30 + 12 * math.log10(number), 90),
                says=f"{outcome}: predicted {percent(guess)}, observed {percent(seen)} of "
                f"{number:,.0f}",
            )  # fmt: skip
    lines = -(-len(outcomes) // columns)
    return canvas.spec(lines * (side + HEAD + FOOT))
