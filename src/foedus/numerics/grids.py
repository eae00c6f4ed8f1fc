"""How often an outcome holds across two parameters, and the contour along which it flips."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from foedus.errors import QueryError
from foedus.numerics.designs import Scale, from_unit

DRAWS_A_CELL = 25  # a share of so many draws has a standard error of 0.1 at most


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A range cut into `cells` of equal width on its scale."""

    low: float
    high: float
    scale: Scale = "linear"
    cells: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise QueryError(f"The range [{self.low}, {self.high}] is empty or not finite.")
        if self.scale == "log" and self.low <= 0:
            raise QueryError(f"A log scale needs a range above 0, not [{self.low}, {self.high}].")
        if self.cells < 2:
            raise QueryError(f"An axis needs two cells or more, not {self.cells}.")

    def at(self, unit: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """The values at positions from 0, the low end, to 1, the high end."""
        return from_unit(unit, self.low, self.high, self.scale == "log")

    @property
    def edges(self) -> Float[np.ndarray, "cells_and_one"]:
        """Where cells begin, and where the last one ends."""
        return self.at(np.linspace(0.0, 1.0, self.cells + 1))


@dataclass(frozen=True, eq=False, kw_only=True)
class Grid:
    """Share of draws in each cell where an outcome holds, NaN in a cell without draws.

    `contour` is where the share passes a level, as straight pieces of two points (x, y)
    each, in no order. A cell's share stands for its middle, and is interpolated from there
    on the axes' scales; next to an empty cell there are no pieces.
    """

    x: Axis
    y: Axis
    shares: Float[np.ndarray, "x_cells y_cells"]
    counts: Int[np.ndarray, "x_cells y_cells"]
    contour: Float[np.ndarray, "pieces 2 2"]


def cells_for(draws: int) -> int:
    """Cells on each of two axes that leave 25 draws a cell on average; never below 4 or above 20.

    >>> cells_for(100), cells_for(1000), cells_for(20_000)
    (4, 6, 20)
    """
    return min(max(math.isqrt(draws // DRAWS_A_CELL), 4), 20)


def share_grid(
    points: Float[np.ndarray, "draws 2"],
    holds: Bool[np.ndarray, "draws"],
    x: Axis,
    y: Axis,
    *,
    level: float = 0.5,
) -> Grid:
    """Shares and counts over two parameters, and the contour where the share is `level`.

    A draw on an inner edge belongs to the cell above it. Draws outside an axis are left out.
    The contour is found by marching squares (Lorensen & Cline 1987, in two dimensions).
    """
    given, held = np.asarray(points, dtype=float), np.asarray(holds)
    if given.shape != (held.size, 2) or held.dtype != bool:
        raise QueryError("A grid needs two values and one True or False for each draw.")
    if not np.isfinite(given).all():
        raise QueryError("A grid needs finite values.")
    edges = [x.edges, y.edges]
    counts = np.histogramdd(given, bins=edges)[0].astype(int)
    held_counts = np.histogramdd(given[held], bins=edges)[0]
    shares = np.where(counts > 0, held_counts / np.maximum(counts, 1), np.nan)
    pieces = _contour(shares - level)
    return Grid(
        x=x,
        y=y,
        shares=shares,
        counts=counts,
        contour=np.stack(
            [x.at((pieces[..., 0] + 0.5) / x.cells), y.at((pieces[..., 1] + 0.5) / y.cells)],
            axis=-1,
        ),
    )


def _contour(height: Float[np.ndarray, "columns rows"]) -> Float[np.ndarray, "pieces 2 2"]:
    """Pieces of the line where `height` is 0 between the points (0, 0), (0, 1), ..."""
    pieces = []
    for i, j in np.ndindex(height.shape[0] - 1, height.shape[1] - 1):
        corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
        heights = [float(height[corner]) for corner in corners]
        if not np.isfinite(heights).all():
            continue
        crossings = []
        for start in range(4):
            end = (start + 1) % 4
            if (heights[start] >= 0) != (heights[end] >= 0):
                way = heights[start] / (heights[start] - heights[end])
                crossings.append(
                    (1 - way) * np.array(corners[start]) + way * np.array(corners[end])
                )
        # Four crossings are a saddle. Its middle says which two corners belong together.
        if len(crossings) == 4 and (sum(heights) >= 0) != (heights[0] >= 0):
            crossings = crossings[3:] + crossings[:3]
        pieces += [crossings[place : place + 2] for place in range(0, len(crossings), 2)]
    return np.array(pieces, dtype=float).reshape(-1, 2, 2)
