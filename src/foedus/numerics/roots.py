"""All zeros of a smooth function of one number, closed in, with what is known of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Line = Float[np.ndarray, "points"]
ROUNDS = 200
EXTREMES = 60  # golden-section steps at a turning point that almost touches zero
GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Zeros:
    """Every zero found, in ascending order.

    Each lies between `lows` and `highs`, where the function has opposite signs. `rises`: whether
    it goes from below 0 to above. `clearance` is the smallest |f| at a turning point between
    neighbouring points of the scan that is no zero: two zeros closer together than a cell of
    the scan can hide only where it is smaller than what the function moves within a cell.
    """

    at: Line
    lows: Line
    highs: Line
    rises: np.ndarray
    cells: int
    clearance: float


def zeros(function: Callable[[Line], Line], low: float, high: float, *, cells: int = 4000) -> Zeros:
    """Where a smooth function is zero between `low` and `high`, ends left out.

    The scan has `cells` cells of equal width. A sign change is bisected to the spacing of
    floating-point numbers. Between points of one sign, a turning point towards zero is followed
    by golden-section search, so that a pair of zeros within one cell is found as well.

    >>> found = zeros(lambda x: (x - 0.2) * (x - 0.5) ** 2 + 0 * x - 1e-7, 0.0, 1.0)
    >>> found.at.round(3).tolist()
    [0.2, 0.499, 0.501]
    """
    points = np.linspace(low, high, cells + 1)
    values = np.asarray(function(points), float)
    points, values, clearance = _with_extremes(function, points, values)
    change = np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0)
    exact = np.flatnonzero(values[1:-1] == 0) + 1
    left, right = points[change], points[change + 1]
    side = np.sign(values[change])
    for _ in range(ROUNDS):
        middle = 0.5 * (left + right)
        if not ((left < middle) & (middle < right)).any():
            break
        same = np.sign(np.asarray(function(middle), float)) == side
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    at = np.concatenate([0.5 * (left + right), points[exact]])
    order = np.argsort(at)
    return Zeros(
        at=at[order],
        lows=np.concatenate([left, points[exact]])[order],
        highs=np.concatenate([right, points[exact]])[order],
        rises=np.concatenate([side < 0, values[exact + 1] > 0])[order],
        cells=cells,
        clearance=clearance,
    )


def _with_extremes(
    function: Callable[[Line], Line], points: Line, values: Line
) -> tuple[Line, Line, float]:
    """The scan with every turning point towards zero put in, and the nearest miss."""
    size = np.abs(values)
    same = np.sign(values[:-2]) == np.sign(values[2:])
    dips = np.flatnonzero(
        (size[1:-1] <= size[:-2]) & (size[1:-1] <= size[2:]) & same & (size[1:-1] > 0)
    )
    left, right = points[dips].copy(), points[dips + 2].copy()
    side = np.sign(values[dips + 1])
    for _ in range(EXTREMES):
        inner = right - GOLDEN * (right - left)
        outer = left + GOLDEN * (right - left)
        lower = side * np.asarray(function(inner), float) < side * np.asarray(
            function(outer), float
        )
        left, right = np.where(lower, left, inner), np.where(lower, outer, right)
    found = 0.5 * (left + right)
    reached = np.asarray(function(found), float) if len(found) else found
    clearance = float(np.abs(reached[side * reached > 0]).min(initial=np.inf))
    order = np.argsort(np.concatenate([points, found]), kind="stable")
    return (
        np.concatenate([points, found])[order],
        np.concatenate([values, reached])[order],
        clearance,
    )
