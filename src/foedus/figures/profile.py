"""Profile likelihood of one coefficient: how far the likelihood falls as it is moved and held."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, Table, slug
from foedus.figures.lettering import fit as cut
from foedus.figures.scales import SMALL, Scale, along_x, along_y, number
from foedus.figures.theme import WIDE

if TYPE_CHECKING:
    from foedus.estimation.profile import Profile

HEIGHT, TOP = 170, 40
CUT = 3.841458820694124  # of the deviance: the 95 % point of chi-squared with 1 degree of freedom


def profile(
    found: Profile, *, normal: tuple[float, float] | None = None, width: int = WIDE
) -> Figure:
    """The fall of the log-likelihood below the estimate's; `normal` is the interval of its curve.

    The dashed parabola is what the normal interval takes the likelihood for.
    """
    ends = None if found.better is not None else found.conf_int()
    return Figure(
        name=slug("profile", found.name),
        title=_title(found, ends),
        summary=_summary(found, ends, normal),
        spec=_spec(found, ends, normal, width),
        table=Table(
            columns=("value", "log-likelihood", "deviance"),
            rows=tuple(
                (float(v), float(f), float(d))
                for v, f, d in zip(found.values, found.llf, found.deviance, strict=True)
            ),
        ),
        notes=(
            "At each value all other coefficients are estimated anew. What lies above the "
            "horizontal line is inside the 95 % interval.",
            *(
                [
                    "Dashed: the parabola of the curvature at the estimate, whose interval assumes "
                    "that the likelihood is one."
                ]
                if normal is not None
                else []
            ),
            *(f"{note[:1].upper()}{note[1:]}." for note in found.notes),
        ),
    )


def _title(found: Profile, ends: tuple[float, float] | None) -> str:
    if ends is None:
        assert found.better is not None
        return (
            f"The likelihood is higher away from the estimate of {found.name}: "
            f"{found.better.value:.4f} instead of {found.maximum:.4f}"
        )
    low, high = ends
    if not math.isfinite(low) and not math.isfinite(high):
        return f"The data do not bound {found.name} at 95 %"
    if not math.isfinite(high):
        return f"{found.name} is at least {number(low)} at 95 %; nothing bounds it above"
    if not math.isfinite(low):
        return f"{found.name} is at most {number(high)} at 95 %; nothing bounds it below"
    return f"{found.name} lies between {number(low)} and {number(high)} at 95 %"


def _summary(
    found: Profile, ends: tuple[float, float] | None, normal: tuple[float, float] | None
) -> str:
    words = (
        f"Profile log-likelihood of {found.name} at {len(found.values)} values from "
        f"{number(float(found.values[0]))} to {number(float(found.values[-1]))}; the estimate is "
        f"{number(found.estimate)} with log-likelihood {found.maximum:.4f}."
    )
    if normal is not None and ends is not None:
        words += f" The normal interval is {number(normal[0])} to {number(normal[1])}."
    return words


def _spec(
    found: Profile,
    ends: tuple[float, float] | None,
    normal: tuple[float, float] | None,
    width: int,
) -> dict[str, object]:
    canvas = Canvas(width)
    fall = found.llf - found.maximum
    deep = max(min(float(fall.min()), -CUT / 2 * 1.15), -2.2 * CUT)
    y = Scale(low=deep, high=max(0.0, float(fall.max())) + 0.04 * abs(deep),
              start=TOP + HEIGHT, stop=TOP)  # fmt: skip
    x = Scale(low=float(found.values[0]), high=float(found.values[-1]), start=52.0,
              stop=width - 14.0)  # fmt: skip
    title = "log-likelihood below the estimate's" if found.better is None else "log-likelihood"
    canvas.text(2, 10, cut(title, SMALL, width - 8), size=SMALL, ink="muted")
    along_y(canvas, y, x.start, right=x.stop)
    along_x(canvas, x, y.start, cut(found.name, SMALL, width - 8), top=y.stop)
    line = y.at(-CUT / 2)
    canvas.rule(x.start, line, x.stop, line, ink="series-2", dash=(6, 3), width=1.4)
    canvas.text(x.stop - 2, line - 8, "95 %", size=SMALL, ink="series-2", align="right")
    if normal is not None:
        _parabola(canvas, x, y, found.estimate, normal)
    inside = [(x.at(v), y.at(max(f, y.low))) for v, f in zip(found.values, fall, strict=True)
              if f >= y.low]  # fmt: skip
    canvas.line(inside, ink="series-1")
    canvas.point(x.at(found.estimate), y.at(0.0), ink="series-1", size=60,
                 says=f"estimate {number(found.estimate)}: {found.maximum:.4f}")  # fmt: skip
    for end in ends or ():
        if math.isfinite(end):
            canvas.rule(x.at(end), line, x.at(end), y.start, ink="axis", dash=(2, 2))
            canvas.point(x.at(end), line, ink="series-2", shape="diamond", size=46,
                         says=f"end of the 95 % interval: {number(end)}")  # fmt: skip
    return canvas.spec(TOP + HEIGHT + 38)


def _parabola(
    canvas: Canvas, x: Scale, y: Scale, estimate: float, normal: tuple[float, float]
) -> None:
    half = (normal[1] - normal[0]) / 2
    if not math.isfinite(half) or half <= 0:
        return
    at = np.linspace(x.low, x.high, 81)
    fall = -CUT / 2 * ((at - estimate) / half) ** 2
    points = [(x.at(v), y.at(f)) for v, f in zip(at, fall, strict=True) if f >= y.low]
    canvas.line(points, ink="muted", width=1.2, dash=(4, 4))
