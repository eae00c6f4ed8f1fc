"""Estimated coefficients with their intervals, in groups by the payoff they are about."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, Table, Value, slug
from foedus.figures.lettering import fit as cut
from foedus.figures.scales import SMALL, Scale, along_x, number, ranged
from foedus.figures.theme import NARROW, WIDE
from foedus.findings.words import listing

if TYPE_CHECKING:
    from foedus.estimation.bootstrap import Bootstrap
    from foedus.estimation.estimates import Estimates

ROW, HEAD, TOP = 20, 22, 26
OUTLYING = 5.0  # ends further out than so many times the median one leave the scale
NAMED = 3  # coefficients that a title names
Row = tuple[str, float, float, float]  # a coefficient, its estimate, and its interval


def coefficients(
    fit: Estimates, resampled: Bootstrap | None = None, *, alpha: float = 0.05, width: int = WIDE
) -> Figure:
    """Estimates with intervals of level 1 - alpha, and percentiles of a bootstrap below them."""
    found = fit.conf_int(alpha)
    rows = [
        (name, float(value), float(low), float(high))
        for name, value, (low, high) in zip(fit.names, fit.point, found.to_numpy(), strict=True)
    ]
    drawn = None if resampled is None else resampled.conf_int(alpha).to_numpy()
    level = f"{1 - alpha:.0%}".replace("%", " %")
    errors = fit.bse.to_numpy()
    extra: tuple[str, ...] = () if drawn is None else ("bootstrap low", "bootstrap high")
    spec, beyond = _spec(rows, drawn, level, width)
    return Figure(
        name=slug("coefficients"),
        title=_title(rows, level),
        summary=(
            f"{len(rows)} estimates with {level} intervals: "
            + "; ".join(f"{n} {number(v)} ({_ends(low, high)})" for n, v, low, high in rows)
            + "."
        ),
        spec=spec,
        table=Table(
            columns=("coefficient", "estimate", "std err", "low", "high", *extra),
            rows=tuple(
                (name, value, _known(errors[i]), _known(low), _known(high),
                 *(() if drawn is None else map(_known, drawn[i])))
                for i, (name, value, low, high) in enumerate(rows)
            ),
        ),
        notes=(
            "Filled marks: the interval leaves 0 out. Coefficients count in the units of their "
            "covariates, so that a larger one need not matter more.",
            *([f"Intervals beyond the scale: {beyond}. Arrows point there."] if beyond else []),
        ),
    )  # fmt: skip


def _title(rows: list[Row], level: str) -> str:
    away = [name for name, _, low, high in rows if low > 0 or high < 0]
    if not away:
        return f"No coefficient can be told from 0 at {level}"
    more = f" and {len(away) - NAMED} more" if len(away) > NAMED else ""
    shown = ", ".join(away[:NAMED]) if more else listing(away)
    return f"{len(away)} of {len(rows)} coefficients differ from 0 at {level}: {shown}{more}"


def _spec(
    rows: list[Row], drawn: np.ndarray | None, level: str, width: int
) -> tuple[dict[str, object], int]:
    """The drawing, and how many intervals leave its scale."""
    narrow = width < (WIDE + NARROW) / 2
    canvas = Canvas(width)
    left, right = (112.0, 62.0) if narrow else (190.0, 150.0)
    x = _scale(rows, left, width - right)
    groups: dict[str, list[int]] = {}
    for i, (name, *_) in enumerate(rows):
        groups.setdefault(name.rpartition(":")[0], []).append(i)
    step = ROW + (6 if drawn is not None else 0)
    bottom = TOP + sum((HEAD if group else 0) + step * len(own) for group, own in groups.items())
    _legend(canvas, x, level, bootstrapped=drawn is not None)
    along_x(canvas, x, bottom, "coefficient", top=TOP, most=3 if narrow else 6)
    canvas.rule(x.inside(0), TOP, x.inside(0), bottom, ink="ink")
    y, beyond = float(TOP), 0
    for group, own in groups.items():
        if group:
            canvas.text(2, y + HEAD / 2 + 2, cut(group, SMALL, left - 6, bold=True), size=SMALL,
                        bold=True)  # fmt: skip
            y += HEAD
        for i in own:
            beyond += _row(canvas, x, y + step / 2, rows[i], level, narrow)
            if drawn is not None:
                low, high = map(float, drawn[i])
                _span(canvas, x, y + step / 2 + 7, low, high, ink="muted", width=1.2)
                beyond += int(low < x.low or high > x.high)
            y += step
    return canvas.spec(bottom + 38), beyond


def _scale(rows: list[Row], start: float, stop: float) -> Scale:
    """All ends, but for those far out of proportion to the others."""
    ends = [end for row in rows for end in row[1:] if math.isfinite(end)]
    usual = float(np.median(np.abs(ends))) if ends else 1.0
    most = OUTLYING * usual
    kept = [min(max(end, -most), most) for end in ends] if most > 0 else ends
    return ranged(kept, start, stop, zero=True, pixels=8)


def _legend(canvas: Canvas, x: Scale, level: str, *, bootstrapped: bool) -> None:
    words = f"{level} interval"
    if bootstrapped:
        words += ", below it the bootstrap's"
    room = canvas.width - x.start
    canvas.text(x.start, 10, cut(words, SMALL, room), size=SMALL, ink="muted")


def _row(canvas: Canvas, x: Scale, y: float, row: Row, level: str, narrow: bool) -> int:
    name, value, low, high = row
    told = low > 0 or high < 0
    label = name.rpartition(":")[2]
    canvas.text(10, y, cut(label, SMALL, x.start - 20), size=SMALL)
    _span(canvas, x, y, low, high, ink="ink", width=2)
    inside = x.low <= value <= x.high
    shape = "circle" if inside else "triangle-right" if value > x.high else "triangle-left"
    canvas.point(
        x.inside(value), y, ink="series-1", shape=shape, filled=told, size=46,
        says=f"{name}: {number(value)}, {level} interval {_ends(low, high)}",
    )  # fmt: skip
    words = number(value) if narrow else f"{number(value)}  ({_ends(low, high)})"
    canvas.text(canvas.width - 2, y, cut(words, SMALL, canvas.width - x.stop - 8), size=SMALL,
                ink="muted", align="right")  # fmt: skip
    return int(min(low, value) < x.low or max(high, value) > x.high)


def _span(
    canvas: Canvas, x: Scale, y: float, low: float, high: float, *, ink: str, width: float
) -> None:
    """A line between two ends, with arrows where they leave the scale."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return
    canvas.rule(x.inside(low), y, x.inside(high), y, ink=ink, width=width)
    if low < x.low:
        canvas.point(x.start, y, ink=ink, shape="triangle-left", size=26)
    if high > x.high:
        canvas.point(x.stop, y, ink=ink, shape="triangle-right", size=26)


def _ends(low: float, high: float) -> str:
    if not (math.isfinite(low) and math.isfinite(high)):
        return "no interval"
    return f"{number(low)} to {number(high)}"


def _known(value: float) -> Value:
    return float(value) if math.isfinite(value) else None
