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

    The line's cap has to be round, and as wide as the mark. Places are to a tenth of a pixel,
    each from the one before, which takes half of what absolute places take.

    >>> scattered("circle", 16, [(1, 2), (3, 4.3)])
    'M1,2h0m2,2.3h0'
    >>> scattered("times", 16, [(3, 3)])
    'M1,1l4,4m0-4l-4,4'
    """
    half, wide, stroke = 0.0, 0, "h0"
    if shape != "circle":
        half = math.sqrt(size) / 2
        wide = round(20 * half)
        w = _tenths(wide)
        stroke = f"l{w},{w}m0-{w}l-{w},{w}"
    found: list[str] = []
    at = (0, 0)
    for x, y in sorted({(round(10 * (x - half)), round(10 * (y - half))) for x, y in points}):
        across, down = _tenths(x - at[0]), _tenths(y - at[1])
        comma = "" if down.startswith("-") else ","
        found.append(f"{'m' if found else 'M'}{across}{comma}{down}{stroke}")
        at = x, y + wide
    return "".join(found)


def _tenths(count: int) -> str:
    """So many tenths in as few characters as can be.

    >>> _tenths(123), _tenths(-5), _tenths(40)
    ('12.3', '-.5', '4')
    """
    whole, rest = divmod(abs(count), 10)
    digits = f"{whole or ''}.{rest}" if rest else f"{whole}"
    return f"-{digits}" if count < 0 else digits
