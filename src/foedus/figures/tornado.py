"""What each assumption does to the size of a claim at the central draw, by exact derivatives."""

from __future__ import annotations

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table, slug
from foedus.figures.lettering import fit, quoted
from foedus.figures.scales import along_x, number, ranged
from foedus.figures.theme import NARROW, SIZES, WIDE
from foedus.figures.verdict_board import called
from foedus.findings.result import Findings

SMALL = SIZES["small"]
MOST, ROW, TOP = 10, 24, 8


def tornado(findings: Findings, claim: str, *, width: int = WIDE) -> Figure | NoFigure:
    """Bars of the effect's slope along each parameter, times the width of its range."""
    one, name = findings[claim], slug("tornado", claim)
    slopes = [slope for slope in one.slopes if abs(slope.across) > 0]
    if not slopes:
        return NoFigure(
            name=name,
            reason=f"No derivatives of {quoted(called(one))} are known at the central draw.",
        )
    unit = one.claim.unit
    first = slopes[0]
    towards = "raises" if first.across > 0 else "lowers"
    turns = {turn.parameter: turn.at for turn in one.turns}
    columns = ("parameter", "slope", "slope times range", "turns at")
    rows = tuple(
        (
            slope.parameter,
            slope.slope,
            slope.across,
            ", ".join(f"{at:.6g}" for at in turns.get(slope.parameter, ())),
        )
        for slope in slopes
    )
    return Figure(
        name=name,
        title=f"At the central draw more {first.parameter} {towards} the effect most",
        summary=(
            f"Exact slopes of the effect along {len(slopes)} parameters, times the width of their "
            f"ranges. Largest: {first.parameter}, {number(first.across)}"
            f"{f' {unit}' if unit else ''}."
        ),
        spec=_spec([(s.parameter, s.across) for s in slopes[:MOST]], unit, width),
        table=Table(columns=columns, rows=rows),
        digest=Table(columns=columns, rows=rows[:MOST]),
        notes=(
            "Straight lines drawn from the centre: what the slope there would come to over the "
            "whole range.",
        ),
    )


def _spec(rows: list[tuple[str, float]], unit: str, width: int) -> dict[str, object]:
    narrow = width < (WIDE + NARROW) / 2
    canvas = Canvas(width)
    left = 100.0 if narrow else 150.0
    x = ranged([across for _, across in rows], left, width - 16, zero=True, pixels=44)
    bottom = TOP + ROW * len(rows)
    along_x(
        canvas,
        x,
        bottom,
        f"effect over the range{f' ({unit})' if unit else ''}",
        top=TOP,
        most=3 if narrow else 5,
    )
    canvas.rule(x.at(0), TOP, x.at(0), bottom, ink="ink")
    for place, (parameter, across) in enumerate(rows):
        y = TOP + ROW * place + ROW / 2
        canvas.text(2, y, fit(parameter, SMALL, left - 12), size=SMALL)
        canvas.box(
            min(x.at(0), x.at(across)),
            y - 7,
            max(x.at(0), x.at(across)),
            y + 7,
            fill="gain" if across > 0 else "loss",
            says=f"{parameter}: {number(across)} over its range",
        )
        canvas.text(
            x.at(across) + (5 if across > 0 else -5),
            y,
            f"{'+' if across > 0 else ''}{number(across)}",
            size=SMALL,
            ink="muted",
            align="left" if across > 0 else "right",
        )
    return canvas.spec(bottom + 38)
