"""Where the searches for a maximum ended: every distinct optimum with its likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, Table
from foedus.figures.lettering import fit as cut
from foedus.figures.scales import SMALL, along_x, ranged, signed
from foedus.figures.theme import NARROW, WIDE, series

if TYPE_CHECKING:
    from foedus.estimation.dynamic_fit import DynamicFit
    from foedus.estimation.fit import Fit

ROW, TOP, MOST = 22, 10, 24


def optima(fit: Fit | DynamicFit, *, width: int = WIDE) -> Figure:
    """How far below the best each start ended; starts of one optimum have one mark."""
    attempts, found = fit.attempts, fit.optima
    agreed = sum(a.optimum == 0 for a in attempts)
    failed = [a for a in attempts if a.optimum is None]
    return Figure(
        name="optima",
        title=_title(len(found), agreed, len(attempts), len(failed)),
        summary=(
            f"{len(attempts)} starts; the best log-likelihood is {found[0].value:.6f}. "
            + "; ".join(
                f"optimum {k + 1}: {o.value:.6f} from "
                f"{', '.join(a.start for a in attempts if a.optimum == k) or 'a refinement'}"
                for k, o in enumerate(found)
            )
            + (f"; no maximum from {', '.join(a.start for a in failed)}" if failed else "")
            + "."
        ),
        spec=_spec(fit, width),
        table=Table(
            columns=("optimum", "log-likelihood", "starts", "iterations", *fit.names),
            rows=tuple(
                (
                    k + 1,
                    float(o.value),
                    sum(a.optimum == k for a in attempts),
                    o.iterations,
                    *map(float, o.point),
                )
                for k, o in enumerate(found)
            ),
        ),
        notes=(
            "Two ends are one optimum where they lie within 0.003 standard errors of each other.",
            "That all starts agree makes a higher optimum unlikely and does not rule it out.",
        ),
    )


def _title(distinct: int, agreed: int, starts: int, failed: int) -> str:
    tail = f"; {failed} led to no maximum" if failed else ""
    if distinct == 1:
        return f"{agreed} of {starts} starts led to one and the same optimum{tail}"
    return f"{starts} starts led to {distinct} optima, {agreed} of them to the best{tail}"


def _spec(fit: Fit | DynamicFit, width: int) -> dict[str, object]:
    narrow = width < (WIDE + NARROW) / 2
    canvas = Canvas(width)
    best = fit.optima[0].value
    rows: list[tuple[str, int | None, float, int]] = sorted(
        ((a.start, a.optimum, a.value, a.iterations) for a in fit.attempts),
        key=lambda row: (row[1] is None, row[1] if row[1] is not None else 0),
    )[:MOST]
    left, right = (96.0, 92.0) if narrow else (150.0, 190.0)
    gaps = [max(0.0, best - value) for *_, value, _ in rows if value == value]
    finite = [gap for gap in gaps if gap < float("inf")]
    x = ranged([*finite, 0.0], left, width - right, zero=True, pixels=8)
    if max(finite, default=0.0) < 1e-6:
        x = ranged([0.0, 1.0], left, width - right, zero=True, pixels=8)
    bottom = TOP + ROW * len(rows)
    along_x(canvas, x, bottom, cut("log-likelihood below the best", SMALL, width), top=TOP,
            most=3)  # fmt: skip
    for place, (start, optimum, value, iterations) in enumerate(rows):
        y = TOP + ROW * (place + 0.5)
        canvas.text(2, y, cut(start, SMALL, left - 12), size=SMALL)
        gap = best - value
        known = optimum is not None
        ink, _, shape = series(optimum or 0)
        words = signed(f"{value:.4f}") if known else "no maximum"
        canvas.point(
            x.inside(gap if gap == gap else x.high), y, ink=ink if known else "muted",
            shape=shape if known else "times", size=50,
            says=f"{start}: {words}, {iterations} iterations",
        )  # fmt: skip
        label = f"{words}, {iterations} steps" if not narrow else words
        canvas.text(width - 2, y, cut(label, SMALL, right - 8), size=SMALL, ink="muted",
                    align="right")  # fmt: skip
    return canvas.spec(bottom + 38)
