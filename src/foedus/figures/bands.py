"""Lines with bands around them, and the legend that says whose they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from foedus.figures.canvas import Canvas
from foedus.figures.lettering import fit as cut
from foedus.figures.lettering import width as measured
from foedus.figures.scales import SMALL, Scale
from foedus.figures.theme import series

LINE = 16


@dataclass(frozen=True, kw_only=True)
class Band:
    """A line over numbers, ascending, with what it says there: middle, low and high.

    `place` is which of the series it is, and so its colour, dash and shape.
    """

    place: int
    label: str
    over: tuple[float, ...]
    spans: tuple[tuple[float, float, float], ...]


def legend(canvas: Canvas, series_of: Sequence[tuple[int, str]], y: float = 10.0) -> float:
    """Labels with the marks of their places, on as many lines as they need; returns the end."""
    x = 4.0
    for place, given in series_of:
        ink, _, shape = series(place)
        label = cut(given, SMALL, canvas.width - 40)
        room = 26 + measured(label, SMALL)
        if x > 4 and x + room > canvas.width - 4:
            x, y = 4.0, y + LINE
        canvas.point(x + 6, y, ink=ink, shape=shape, size=46)
        canvas.text(x + 15, y, label, size=SMALL)
        x += room
    return y + LINE


def draw_bands(
    canvas: Canvas, x: Scale, y: Scale, bands: Sequence[Band], says: Callable[[Band, int], str]
) -> None:
    """Every line in its own colour, dash and shape; `says` describes a place on one."""
    for band in bands:
        ink, dash, shape = series(band.place)
        at = [x.at(value) for value in band.over]
        ends = [
            (a, y.inside(low), y.inside(high))
            for a, (_, low, high) in zip(at, band.spans, strict=True)
            if math.isfinite(low) and math.isfinite(high)
        ]
        if ends:
            canvas.area(ends, fill=ink, opacity=0.16)
        line = [(a, y.inside(middle)) for a, (middle, *_) in zip(at, band.spans, strict=True)]
        canvas.line(line, ink=ink, dash=dash)
        for end in dict.fromkeys((0, len(line) // 2, len(line) - 1)):
            canvas.point(*line[end], ink=ink, shape=shape, size=46, says=says(band, end))
