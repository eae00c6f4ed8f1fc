"""Where a function of one number changes sign: a scan, then all changes bisected together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from foedus.errors import QueryError
from foedus.numerics.designs import Scale
from foedus.numerics.grids import Axis

FINEST = 1e-15  # share of a range: a little above the spacing of floating-point numbers at 1

Line = Float[np.ndarray, "points"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Switches:
    """Every sign change found on a line, in ascending order; none if `at` is empty.

    Each lies between `lows` and `highs`, whose middle is `at`. `rises` says that the function
    goes from below 0 to 0 or above. `starts_positive` is its side at the first point known.
    `unknown` counts the points tried where the function was NaN.
    """

    at: Float[np.ndarray, "switches"]
    lows: Float[np.ndarray, "switches"]
    highs: Float[np.ndarray, "switches"]
    rises: Bool[np.ndarray, "switches"]
    starts_positive: bool
    unknown: int

    @property
    def never(self) -> bool:
        """Whether no change of sign was seen, so the outcome is the same at all points tried."""
        return self.at.size == 0


def switch(
    function: Callable[[Line], Any],
    low: float,
    high: float,
    *,
    scale: Scale = "linear",
    points: int = 33,
    tolerance: float = 1e-9,
) -> Switches:
    """Where a function of one number changes sign between `low` and `high`.

    The function takes an array of values and returns as many numbers, or True and False;
    0 and True count as positive. It is first evaluated at `points` evenly spaced values,
    in one call; then all changes are bisected together, one call per halving, until each is
    closed in to `tolerance` of the range on its scale. It may jump. Two changes between
    neighbouring points of the scan cancel and are missed.

    Where the function is NaN, as where a solver failed, the scan bridges the gap; a
    bisection that meets such a point ends there, and its `lows` and `highs` stay apart.
    Raises `QueryError` if it is NaN all along.

    >>> found = switch(lambda x: (x - 2) * (x - 8), 1, 16, scale="log")
    >>> print(found.at.round(6), found.rises, found.starts_positive)
    [2. 8.] [False  True] True
    """
    if not tolerance >= FINEST:
        raise QueryError(f"A tolerance of {tolerance} is finer than double precision can tell.")
    line = Axis(low=low, high=high, scale=scale, cells=points - 1)
    unit = np.linspace(0.0, 1.0, points)
    side = _sides(function, line.at(unit))
    known = np.flatnonzero(side != 0)
    if known.size == 0:
        raise QueryError("The function is NaN at every point of the scan.")
    change = np.flatnonzero(np.diff(side[known]) != 0)
    left, right = unit[known[change]], unit[known[change + 1]]
    before = side[known[change]]
    unknown = points - known.size
    # The scan may bridge unknown points, so brackets need not be equally wide.
    going = right - left > tolerance
    while going.any():
        middle = (left + right) / 2
        here = np.zeros(left.size, dtype=int)
        here[going] = _sides(function, line.at(middle[going]))
        unknown += int((going & (here == 0)).sum())
        left = np.where(here == before, middle, left)
        right = np.where(here == -before, middle, right)
        going &= (here != 0) & (right - left > tolerance)
    return Switches(
        at=line.at((left + right) / 2),
        lows=line.at(left),
        highs=line.at(right),
        rises=before < 0,
        starts_positive=bool(side[known[0]] > 0),
        unknown=unknown,
    )


def _sides(function: Callable[[Line], Any], values: Line) -> Int[np.ndarray, "points"]:
    """1 where the function is 0, above 0 or True, -1 where below 0 or False, 0 if NaN."""
    results = np.asarray(function(values))
    if results.shape != values.shape:
        raise QueryError(
            f"The function returned an array of shape {results.shape} for {values.size} values."
        )
    if results.dtype == bool:
        return np.where(results, 1, -1)
    return np.where(np.isnan(results), 0, np.where(results >= 0, 1, -1))
