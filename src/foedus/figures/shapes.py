"""Outlines of point marks, in the sizes that Vega gives them."""

from __future__ import annotations

import math
from collections.abc import Sequence

TIMES = "M-1,-1L1,1M1,-1L-1,1"  # two strokes that cross, as a path that Vega scales
HALF = math.sqrt(3) / 2  # height of a triangle over its side

# Corners for a half width of 1.
_CORNERS: dict[str, tuple[tuple[float, float], ...]] = {
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "diamond": ((-1, 0), (0, -1), (1, 0), (0, 1)),
    "triangle-up": ((0, -HALF), (-1, HALF), (1, HALF)),
    "triangle-down": ((0, HALF), (-1, -HALF), (1, -HALF)),
    "triangle-right": ((HALF, 0), (-HALF, -1), (-HALF, 1)),
    "triangle-left": ((-HALF, 0), (HALF, -1), (HALF, 1)),
    "cross": (
        (-1, -0.4), (-1, 0.4), (-0.4, 0.4), (-0.4, 1), (0.4, 1), (0.4, 0.4),
        (1, 0.4), (1, -0.4), (0.4, -0.4), (0.4, -1), (-0.4, -1), (-0.4, -0.4),
    ),
}  # fmt: skip


def outline(shape: str, size: float, x: float, y: float) -> str:
    """The path of a mark of this area around a point.

    >>> outline("diamond", 16, 10, 10)
    'M8,10L10,8L12,10L10,12Z'
    """
    half = math.sqrt(size) / 2
    if shape == "circle":
        r, left, right = (f"{round(v, 1):.6g}" for v in (half, x - half, x + half))
        y_ = f"{round(y, 1):.6g}"
        return f"M{left},{y_}A{r},{r},0,1,1,{right},{y_}A{r},{r},0,1,1,{left},{y_}Z"
    corners = ((x + half * a, y + half * b) for a, b in _CORNERS[shape])
    return "M" + "L".join(f"{round(a, 1):.6g},{round(b, 1):.6g}" for a, b in corners) + "Z"


def scattered(shape: str, size: float, points: Sequence[tuple[float, float]]) -> str:
    """One path for many marks: a dot as a line of no length, a `TIMES` as its two strokes.

    The line's cap has to be round, and as wide as the mark.

    >>> scattered("circle", 16, [(1, 2), (3, 4)])
    'M1,2h0M3,4h0'
    """
    if shape == "circle":
        return "".join(f"M{round(x, 1):.6g},{round(y, 1):.6g}h0" for x, y in points)
    half = math.sqrt(size) / 2
    w = f"{2 * half:.3g}"
    corners = ((x - half, y - half) for x, y in points)
    return "".join(
        f"M{round(x, 1):.6g},{round(y, 1):.6g}l{w},{w}m0-{w}l-{w},{w}" for x, y in corners
    )
