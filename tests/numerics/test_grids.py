"""Shares are recounts of the draws; contours lie where the interpolated share is the level."""

from __future__ import annotations

import numpy as np
import pytest

from foedus.errors import QueryError
from foedus.numerics.grids import Axis, share_grid


def lattice(
    shares: np.ndarray, x: Axis, y: Axis, draws: int = 100
) -> tuple[np.ndarray, np.ndarray]:
    """Draws at the middles of the cells, of which given shares hold."""
    middles = [axis.at((np.arange(axis.cells) + 0.5) / axis.cells) for axis in (x, y)]
    points = np.stack(np.meshgrid(*middles, indexing="ij"), axis=-1).reshape(-1, 1, 2)
    holds = np.arange(draws) < np.round(shares.reshape(-1, 1) * draws)
    return np.broadcast_to(points, (shares.size, draws, 2)).reshape(-1, 2), holds.ravel()


def unit(cells: int) -> Axis:
    return Axis(low=0.0, high=1.0, cells=cells)


def test_counts_and_shares_are_those_of_the_draws() -> None:
    random = np.random.default_rng(1)
    points, holds = random.random((500, 2)), random.random(500) < 0.4
    x, y = Axis(low=0.2, high=1.0, cells=3), unit(4)
    grid = share_grid(points, holds, x, y)
    assert grid.counts.sum() == (points[:, 0] >= 0.2).sum()
    for i, j in np.ndindex(3, 4):
        inside = (
            (points[:, 0] >= x.edges[i])
            & (points[:, 0] < x.edges[i + 1])
            & (points[:, 1] >= y.edges[j])
            & (points[:, 1] < y.edges[j + 1])
        )
        assert grid.counts[i, j] == inside.sum()
        assert grid.shares[i, j] == holds[inside].mean()


def test_the_contour_of_a_plane_is_its_line_exactly() -> None:
    """Shares rise evenly along x + y; half is reached on x + y = 1."""
    x = y = unit(6)
    middle = (np.arange(6) + 0.5) / 6
    shares = (middle[:, None] + middle) / 2
    grid = share_grid(*lattice(shares, x, y, draws=600), x, y)
    np.testing.assert_allclose(grid.contour.sum(axis=2), 1.0, atol=1e-12)
    ends = grid.contour.reshape(-1, 2)
    assert (ends[:, 0].min(), ends[:, 0].max()) == (pytest.approx(1 / 12), pytest.approx(11 / 12))


def test_the_contour_can_be_drawn_at_another_level() -> None:
    x = y = unit(5)
    shares = np.repeat(np.array([[0.0], [0.2], [0.4], [0.6], [0.8]]), 5, axis=1)
    grid = share_grid(*lattice(shares, x, y), x, y, level=0.3)
    np.testing.assert_allclose(grid.contour[..., 0], 0.4, atol=1e-12)
    assert len(grid.contour) == 4


def test_a_log_axis_is_cut_and_interpolated_in_logarithms() -> None:
    x, y = Axis(low=1.0, high=10_000.0, scale="log", cells=4), unit(2)
    np.testing.assert_allclose(x.edges, [1, 10, 100, 1000, 10_000])
    shares = np.array([[0.0, 0.0], [0.25, 0.25], [0.75, 0.75], [1.0, 1.0]])
    grid = share_grid(*lattice(shares, x, y), x, y)
    np.testing.assert_allclose(grid.contour[..., 0], 100.0)


def test_an_empty_cell_has_no_share_and_no_contour_beside_it() -> None:
    x = y = unit(4)
    shares = np.repeat(np.array([[0.0], [0.2], [0.8], [1.0]]), 4, axis=1)
    points, holds = lattice(shares, x, y)
    kept = ~((points[:, 0] == 0.375) & (points[:, 1] == 0.125))
    grid = share_grid(points[kept], holds[kept], x, y)
    assert grid.counts[1, 0] == 0
    assert np.isnan(grid.shares[1, 0])
    assert len(grid.contour) == 2
    assert grid.contour[..., 1].min() == 0.375


@pytest.mark.parametrize("high", [0.9, 0.6])
def test_a_saddle_joins_the_corners_its_middle_agrees_with(high: float) -> None:
    """Cells (0, 0) and (1, 1) hold: joined if the mean share is above a half, apart if below."""
    x = y = unit(2)
    grid = share_grid(*lattice(np.array([[high, 0.2], [0.2, high]]), x, y), x, y)
    assert len(grid.contour) == 2
    sides = np.sign(grid.contour.sum(axis=2) - 1)
    separates_each_holding_corner = bool((sides[:, 0] == sides[:, 1]).all())
    assert separates_each_holding_corner == (high < 0.8)


def test_what_is_no_grid_is_refused() -> None:
    with pytest.raises(QueryError, match="two values"):
        share_grid(np.ones((3, 2)), np.ones(3), unit(2), unit(2))
    with pytest.raises(QueryError, match="finite"):
        share_grid(np.full((3, 2), np.nan), np.ones(3, dtype=bool), unit(2), unit(2))
    with pytest.raises(QueryError, match="empty"):
        Axis(low=1.0, high=1.0, cells=2)
    with pytest.raises(QueryError, match="above 0"):
        Axis(low=0.0, high=1.0, scale="log", cells=2)
    with pytest.raises(QueryError, match="two cells"):
        unit(1)
