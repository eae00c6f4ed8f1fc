"""Scales from numbers to pixels, with ticks at round numbers, and axes drawn on a canvas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from foedus.figures.canvas import Canvas
from foedus.figures.lettering import width as measured
from foedus.figures.theme import SIZES
from foedus.findings.words import figure

SMALL = SIZES["small"]


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Numbers from `low` to `high` between two pixels, evenly or by their logarithm."""

    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def at(self, value: float) -> float:
        """The pixel of a number; beyond the ends for numbers beyond them."""
        low, high, value = (
            (math.log(x) for x in (self.low, self.high, value))
            if self.log
            else (self.low, self.high, value)
        )
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + share * (self.stop - self.start)

    def inside(self, value: float) -> float:
        """The pixel of a number, or of the end that it lies beyond."""
        return self.at(min(max(value, self.low), self.high))

    def ticks(self, most: int = 5) -> list[float]:
        """Round numbers within the range, at most so many and one."""
        if self.log:
            return _log_ticks(self.low, self.high, most)
        return _round_ticks(self.low, self.high, most)


def ranged(
    values: Sequence[float],
    start: float,
    stop: float,
    *,
    zero: bool = False,
    room: float = 0.05,
    pixels: float = 0,
) -> Scale:
    """An even scale around all of these numbers, with some room on both sides.

    `room` is a share of their range; `pixels` asks for so many on each side in its place.
    With `zero` the number 0 is on it. Where all are the same, it reaches half of them further.
    """
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        spread = abs(high) / 2 or 1.0
        low, high = low - spread, high + spread
    if pixels:
        room = pixels / max(stop - start - 2 * pixels, pixels)
    margin = room * (high - low)
    return Scale(
        low=low if zero and low == 0 else low - margin,
        high=high if zero and high == 0 else high + margin,
        start=start,
        stop=stop,
    )


def along_x(
    canvas: Canvas,
    scale: Scale,
    y: float,
    title: str,
    *,
    top: float | None = None,
    percent: bool = False,
    most: int = 5,
    ticks: Sequence[float] | None = None,
) -> None:
    """An axis below a drawing at `y`, its lines reaching up to `top`."""
    canvas.rule(scale.start, y, scale.stop, y)
    shown = list(ticks if ticks is not None else scale.ticks(most))
    for value in shown:
        x = scale.at(value)
        canvas.rule(x, y, x, y + 4)
        if top is not None:
            canvas.rule(x, top, x, y, ink="grid")
        canvas.text(
            x, y + 12, _said(value, shown, percent), size=SMALL, ink="muted", align="center"
        )
    middle = (scale.start + scale.stop) / 2
    half = measured(title, SMALL) / 2
    middle = min(max(middle, half), canvas.width - half) if 2 * half <= canvas.width else middle
    canvas.text(middle, y + 28, title, size=SMALL, ink="muted", align="center")


def along_y(
    canvas: Canvas,
    scale: Scale,
    x: float,
    *,
    right: float,
    percent: bool = False,
    most: int = 4,
) -> None:
    """An axis left of a drawing at `x`, its lines reaching to `right`; its title goes on top."""
    shown = scale.ticks(most)
    for value in shown:
        y = scale.at(value)
        canvas.rule(x, y, right, y, ink="grid")
        canvas.text(x - 6, y, _said(value, shown, percent), size=SMALL, ink="muted", align="right")


def _said(value: float, among: Sequence[float], percent: bool) -> str:
    if percent:
        return f"{100 * value:.3g} %" if value == max(among) else f"{100 * value:.3g}"
    return tick(value, among)


def tick(value: float, among: Sequence[float]) -> str:
    """A number with as many places as all of them together need, and a proper minus sign.

    >>> tick(-0.5, [-1, -0.5, 0]), tick(2, [1, 2]), tick(0.02, [0.005, 0.01, 0.02])
    ('−0.5', '2', '0.02')
    """
    if max((abs(one) for one in among), default=0) >= 1e5:
        return signed(f"{value:.3g}")
    return signed(f"{value:.6g}")


def signed(number: str) -> str:
    """The number with a minus sign in place of a hyphen."""
    return number.replace("-", "−", 1) if number.startswith("-") else number


def number(value: float) -> str:
    """A number in words and labels: two digits, and a proper minus sign."""
    return signed(figure(value))


def _round_ticks(low: float, high: float, most: int) -> list[float]:
    raw = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(n * step, 12) + 0.0 for n in range(first, last + 1)]


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        found = [m * 10.0**e for e in exponents for m in steps if low <= m * 10.0**e <= high]
        if len(found) <= most + 1:
            break
    return found if len(found) > 1 else [low, high]
